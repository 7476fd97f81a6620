"""A container for components without visible content."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator


def unseen(name: str) -> DeltaGenerator:
    """Return a hidden container; names are unique on a page.

    The page's style hides it. It is only 1 × 1 px, so that nothing moves even without the style.
    """
    return st.container(key=f"unseen-{name}", height=1, width=1, border=False, gap=None)
