"""The place of what is drawn only for what it does in the browser, and shows nothing."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator


def unseen(name: str) -> DeltaGenerator:
    """Draw a place whose contents nobody sees; a page has one of each name.

    The page's style hides it. As that comes after the first elements are on screen, where each
    would take up a row until then and all below would jump up, it is a point in size without it.
    """
    return st.container(key=f"unseen-{name}", height=1, width=1, border=False, gap=None)
