"""The viewer's locale, as reported by the browser."""

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx


def viewer_locale() -> str | None:
    """Return the current session's locale; None in a thread without one."""
    return None if get_script_run_ctx(suppress_warning=True) is None else st.context.locale
