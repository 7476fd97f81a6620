"""Says that what is shown is made-up, and, until it has been read, what this app is."""

import streamlit as st

from vpo_monitor.views.browser_storage import cookie_name, cookie_path, initial_cookies
from vpo_monitor.views.servers import app_settings
from vpo_monitor.views.unseen import unseen

_HIDDEN = "is-demo-note-hidden"
_TEXT = (
    "VPO Monitor watches the job queue of a Video Policy Orchestrator (VPO) server: what runs, "
    "what waits, what failed. It only looks. No server is set, and no VPO answered at its default "
    "address (`{address}`) when the app was started, so this is a demo that moves by "
    "itself."
)

# A cookie, as the server learns of it before it draws: the note is there at once, or not at all.
_keep_hidden = st.components.v2.component(
    "vpo_monitor_demo_note",
    js="""
    export default function ({ data }) {
      const secure = location.protocol === "https:" ? "; Secure" : "";
      try {
        document.cookie = `${data.name}=hidden; Path=${data.path}; SameSite=Strict${secure}`;
      } catch { /* closed to the page: the note comes back when it is loaded anew */ }
    }
    """,
)


def demo_banner(*, has_note: bool) -> None:
    """Draw the banner, which stays, and the note, which a viewer can hide until the browser ends.

    Where the browser keeps no cookies, it is hidden until the page is loaded anew.
    """
    with st.container(key="demo-banner"):
        st.info("**Demo data.** What you see are made-up jobs.", icon=":material/science:")
        if st.session_state.get(_HIDDEN):
            with unseen("demo-note"):
                _keep_hidden(key="demo-note-cookie", data={"name": _name(), "path": cookie_path()})
        elif has_note and _name() not in initial_cookies():
            _note()


def _note() -> None:
    with st.container(key="demo-note", border=True, gap="xsmall"):
        # Markdown is drawn at once; Streamlit loads most other elements late.
        st.markdown(_TEXT.format(address=app_settings().default_address))
        with st.container(
            key="demo-note-ways",
            horizontal=True,
            vertical_alignment="center",
            height=28,
            border=False,
        ):
            st.page_link("pages/server.py", label="**:blue[Connect to your server]**")
            st.button("Hide this note", key="hide-demo-note", type="tertiary", on_click=_hide)


def _hide() -> None:
    st.session_state[_HIDDEN] = True


def _name() -> str:
    return f"{cookie_name()}-demo-note"
