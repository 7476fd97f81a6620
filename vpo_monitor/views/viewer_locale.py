"""The locale of the viewer, as the browser names it."""

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx


def viewer_locale() -> str | None:
    """The locale of the browser that is being drawn for; None in a thread that draws for none."""
    return None if get_script_run_ctx(suppress_warning=True) is None else st.context.locale
