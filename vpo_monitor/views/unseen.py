"""A container for components without visible content."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator


def unseen(name: str) -> DeltaGenerator:
    """Return a hidden container; names are unique on a page.

    The page's style hides it. As the style loads after the first elements, the container is also
    only 1 × 1 px, so that nothing jumps.
    """
    return st.container(key=f"unseen-{name}", height=1, width=1, border=False, gap=None)
