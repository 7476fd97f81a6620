"""Named views of the job list, saved in the browser as the page's query strings.

The app never receives them, so they are private to the browser.
"""

from pathlib import Path
from urllib.parse import urlencode

import streamlit as st

from vpo_monitor.insight.job_filter import JobFilter
from vpo_monitor.views.navigation import GO_TO_JS

_MOST = 20
_LIMITS = {
    "most": _MOST,
    "full": f"Limit of {_MOST} saved views reached. Remove one first.",
    "closed": "View not saved: the browser blocks storage for this page. Allow it, then reload.",
}

_saved_views = st.components.v2.component(
    "vpo_monitor_saved_views",
    html="""
    <nav aria-label="Saved views">
      <ul></ul>
      <button type="button" class="opener"></button>
      <form hidden>
        <input type="text" maxlength="40" required aria-label="View name"
          placeholder="View name" autocomplete="off">
        <button>Save</button>
        <button type="button" class="cancel">Cancel</button>
      </form>
      <p role="status"></p>
    </nav>
    """,
    css="""
    nav { display: flex; flex-wrap: wrap; align-items: center; gap: .4rem .6rem;
      font: .875rem var(--st-font); color: var(--st-text-color); }
    [hidden], ul:empty, p:empty { display: none !important; }
    ul { display: contents; list-style: none; }
    li { display: flex; align-items: center; max-width: 100%; border-radius: 1rem;
      border: 1px solid var(--st-border-color); }
    li:has([aria-current]) { border-color: var(--st-link-color); }
    a { min-width: 0; padding: .3rem 0 .3rem .75rem; overflow-wrap: anywhere;
      color: var(--st-link-color); text-decoration: none; }
    a:hover { text-decoration: underline; }
    [aria-current] { font-weight: 600; }
    form { display: flex; flex-wrap: wrap; gap: .4rem; }
    input { width: 11rem; max-width: 100%; padding: .3rem .6rem; font: inherit; color: inherit;
      background: var(--st-secondary-background-color); border: 1px solid var(--st-border-color);
      border-radius: var(--st-base-radius); }
    button { padding: .3rem .75rem; font: inherit; color: inherit; background: none;
      border: 1px solid var(--st-border-color); border-radius: var(--st-base-radius);
      cursor: pointer; }
    li button, .opener { border-color: transparent; }
    .opener { padding-left: 0; text-decoration: underline; text-underline-offset: .2em; }
    li button { padding: .3rem .6rem; border-radius: 1rem; }
    :is(a, button, input):focus-visible { outline: 2px solid var(--st-primary-color); }
    p { flex-basis: 100%; margin: 0; }
    """,
    js=GO_TO_JS + Path(__file__).with_suffix(".js").read_text("utf-8"),
)


def saved_views(view: JobFilter) -> None:
    """Draw the saved views and a button to save `view`: once per page, outside the live part."""
    parameters = {name: value for name, value in view.to_query_string().items() if name != "page"}
    _saved_views(key="saved-views", data={**_LIMITS, "query": urlencode(parameters)})
