"""What a browser keeps for a page; it may keep nothing."""

import streamlit as st

STORAGE_JS = """
    const storageOf = (name) => { try { return window[name]; } catch { return null; } };
"""
"""`storageOf("localStorage")`, or `sessionStorage`: null where the browser keeps nothing."""


def initial_cookies() -> dict[str, str]:
    """The cookies that the browser held when this session began."""
    return st.context.cookies.to_dict()


def cookie_name() -> str:
    """One for each app on a machine: browsers do not tell cookies apart by port."""
    return f"vpo-monitor-{st.get_option('server.port')}"


def cookie_path() -> str:
    """The path that the app lives below."""
    return f"/{st.get_option('server.baseUrlPath').strip('/')}"
