"""Navigate to another page with exactly one new entry in the browser's history.

Streamlit's `switch_page` and `page_link` push two entries if query parameters change along with the
page, so that Back leads to a page without its filters. The functions here push the URL themselves;
Streamlit then follows it as it follows Back.
"""

import time
from collections.abc import Mapping
from urllib.parse import urlencode

import streamlit as st

GO_TO_JS = """
    const goTo = (target) => {
      // The app may be served below a base path, which is kept.
      const base = location.pathname.replace(/\\/(jobs|job|timeline|statistics|server)?\\/?$/, "");
      history.pushState({}, "", base + "/" + target);
      window.dispatchEvent(new PopStateEvent("popstate"));
    };
    const follow = (link) => {
      link.onclick = (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        goTo(link.getAttribute("href"));
      };
    };
"""
"""JavaScript for components: `goTo(target)`, and `follow(link)` for clicks on a link."""

_GOING, _GOING_SECONDS = "going-to", 3.0

_jump = st.components.v2.component(
    "vpo_monitor_jump",
    js=GO_TO_JS
    + """
    export default function ({ data }) {
      if (data.turn === window.vpoJumped) return;
      window.vpoJumped = data.turn;
      // Mark the current URL, so that Back and a reload restore it.
      const here = new URL(location);
      for (const [name, value] of Object.entries(data.mark)) here.searchParams.set(name, value);
      history.replaceState(history.state, "", here);
      goTo(data.target);
    }
    """,
)

_link = st.components.v2.component(
    "vpo_monitor_link",
    html="<a></a>",
    css="""
    a { color: var(--st-link-color); font: .875rem var(--st-font); text-decoration: none; }
    a:hover { text-decoration: underline; }
    """,
    js=GO_TO_JS
    + """
    export default function ({ data, parentElement }) {
      const link = parentElement.querySelector("a");
      link.textContent = data.label;
      link.href = data.target;
      follow(link);
    }
    """,
)

# The URL is replaced: another entry in the history would make Back stop here twice.
_keep_in_address = st.components.v2.component(
    "vpo_monitor_address",
    js="""
    export default function ({ data }) {
      const url = new URL(location);
      if (data.value === null || url.searchParams.get(data.name) === data.value) return;
      url.searchParams.set(data.name, data.value);
      history.replaceState(history.state, "", url);
    }
    """,
)


def go_to(page: str, parameters: Mapping[str, str], *, mark: Mapping[str, str]) -> None:
    """Request navigation to a page, given by its URL path; `keep_going` performs it.

    `mark` is added to the URL of the current page.
    """
    data = {"target": target(page, parameters), "mark": dict(mark), "turn": time.monotonic()}
    st.session_state[_GOING] = data


def keep_going() -> None:
    """Draw the element that navigates, once per request.

    Redraws within 3 s draw it, too: they may replace the first before the browser sees it.
    """
    data = st.session_state.get(_GOING)
    if data is not None and time.monotonic() - data["turn"] < _GOING_SECONDS:
        _jump(key="jump-to", data=data)


def link(label: str, page: str, parameters: Mapping[str, str], *, key: str) -> None:
    """Draw a link to a page, given by its URL path."""
    _link(key=key, data={"label": label, "target": target(page, parameters)})


def target(page: str, parameters: Mapping[str, str]) -> str:
    """Return the URL of a page, relative to the app's."""
    return f"{page}?{urlencode(parameters)}" if parameters else page


def keep_in_address(name: str, value: str | None, *, key: str) -> None:
    """Set a query parameter of the page's URL, to survive a reload; None changes nothing."""
    _keep_in_address(key=key, data={"name": name, "value": value})
