"""Access to the browser's storage and cookies, which may be blocked."""

import streamlit as st


def initial_cookies() -> dict[str, str]:
    """The browser's cookies at the start of the session."""
    return st.context.cookies.to_dict()


def cookie_name() -> str:
    """A name unique to this app's port, as browsers share cookies between the ports of a host."""
    return f"vpo-monitor-{st.get_option('server.port')}"


def cookie_path() -> str:
    """The path under which the app is served."""
    return f"/{st.get_option('server.baseUrlPath').strip('/')}"
