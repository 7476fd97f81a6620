"""Ways to another page that leave exactly one entry in the browser's history.

Streamlit's own `switch_page` and `page_link` push two where query parameters change along with the
page, so that Back would land on a page without its filters. These push the address themselves and
let Streamlit follow it as it follows Back.
"""

import time
from collections.abc import Mapping
from urllib.parse import urlencode

import streamlit as st

GO_TO_JS = """
    const goTo = (target) => {
      // The app may live below a path: what precedes the page's own name is kept.
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
"""`goTo(target)` and `follow(link)` for the scripts of components: as the functions here go."""

_GOING, _GOING_SECONDS = "going-to", 3.0

_jump = st.components.v2.component(
    "vpo_monitor_jump",
    js=GO_TO_JS
    + """
    export default function ({ data }) {
      if (data.turn === window.vpoJumped) return;
      window.vpoJumped = data.turn;
      // Back, and a reload after it, find what was marked in the address of this page.
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

# The address is changed in place: another entry in the history would make Back stop here twice.
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
    """Have `keep_going` take the browser to a page, named by its URL path.

    `mark` is added to the address of the page that is left.
    """
    data = {"target": target(page, parameters), "mark": dict(mark), "turn": time.monotonic()}
    st.session_state[_GOING] = data


def keep_going() -> None:
    """Draw where the browser is to go, to which it then goes once.

    So does each drawing that comes soon after: it may replace the first before a browser sees that.
    """
    data = st.session_state.get(_GOING)
    if data is not None and time.monotonic() - data["turn"] < _GOING_SECONDS:
        _jump(key="jump-to", data=data)


def link(label: str, page: str, parameters: Mapping[str, str], *, key: str) -> None:
    """Draw a link to a page, named by its URL path."""
    _link(key=key, data={"label": label, "target": target(page, parameters)})


def target(page: str, parameters: Mapping[str, str]) -> str:
    """The address of a page, below that of the app."""
    return f"{page}?{urlencode(parameters)}" if parameters else page


def keep_in_address(name: str, value: str | None, *, key: str) -> None:
    """Have the page's address say so, so that it survives a reload; None leaves it as it is."""
    _keep_in_address(key=key, data={"name": name, "value": value})
