"""The demo's banner and a dismissible introduction to the app."""

import streamlit as st

from vpo_monitor import services
from vpo_monitor.app_files import PAGES_FOLDER
from vpo_monitor.views.browser_storage import cookie_name, cookie_path, initial_cookies
from vpo_monitor.views.frontend import component
from vpo_monitor.views.unseen import unseen

_HIDDEN = "is-demo-note-hidden"
_TEXT = (
    "VPO Monitor shows the jobs of a Video Policy Orchestrator (VPO) server: running, queued and "
    "failed. It is read-only. No server is configured and no VPO responded at the default address "
    "(`{address}`) when the app started, so you are looking at a simulated server."
)

_keep_hidden = component("demo_note")


def demo_banner(*, has_note: bool) -> None:
    """Draw the banner and, if `has_note`, the introduction.

    A dismissed introduction stays hidden until the browser is closed, or until the page is reloaded
    if cookies are blocked.
    """
    with st.container(key="demo-banner"):
        st.info("**Demo mode**: sample data.", icon=":material/science:")
        if st.session_state.get(_HIDDEN):
            with unseen("demo-note"):
                _keep_hidden(key="demo-note-cookie", data={"name": _name(), "path": cookie_path()})
        elif has_note and _name() not in initial_cookies():
            _note()


def _note() -> None:
    with st.container(key="demo-note", border=True, gap="xsmall"):
        # Markdown appears at once; Streamlit loads most other elements later.
        st.markdown(_TEXT.format(address=services.current().settings.default_address))
        with st.container(
            key="demo-note-ways",
            horizontal=True,
            vertical_alignment="center",
            height=28,
            border=False,
        ):
            st.page_link(PAGES_FOLDER / "server.py", label="**:blue[Connect your server]**")
            st.button("Dismiss", key="hide-demo-note", type="tertiary", on_click=_hide)


def _hide() -> None:
    st.session_state[_HIDDEN] = True


def _name() -> str:
    return f"{cookie_name()}-demo-note"
