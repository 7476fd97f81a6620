"""What is done once a process, when its first page has been drawn."""

import gc

import streamlit as st


@st.cache_resource(show_spinner=False)
def freeze_start_up() -> None:
    """Leave the objects of the imports out of garbage collection from now on.

    Streamlit collects all garbage after every run, and going through what pandas, Arrow and itself
    leave behind at their import took 50 of the 70 ms that a tick cost. These objects live as long
    as the process, so nothing is lost; what pages make later is collected as ever.
    """
    gc.collect()
    gc.freeze()
