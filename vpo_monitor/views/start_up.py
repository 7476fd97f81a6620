"""What is done once a process."""

import gc
import logging

import streamlit as st


def start_log() -> None:
    """Give what this package logs a time, as Streamlit's own lines have.

    Where somebody has set up logging for the whole process, that is left alone.
    """
    logger = logging.getLogger("vpo_monitor")
    if not logger.hasHandlers():
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
        logger.addHandler(handler)


@st.cache_resource(show_spinner=False)
def freeze_start_up() -> None:
    """Leave the objects of the imports out of garbage collection, when a first page is drawn.

    Streamlit collects all garbage after every run, and going through what pandas, Arrow and itself
    leave behind at their import took 50 of the 70 ms that a tick cost. These objects live as long
    as the process, so nothing is lost; what pages make later is collected as ever.
    """
    gc.collect()
    gc.freeze()
