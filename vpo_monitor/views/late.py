"""Reveal a page only once it is complete, so that nothing shifts while it loads.

Streamlit loads most elements, including the page's style, 0.3 s or more after the first, and shows
gray placeholders of other heights until then. Even invisible elements get one.
"""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from vpo_monitor.views.frontend import stylesheet
from vpo_monitor.views.kiosk import is_kiosk
from vpo_monitor.views.unseen import unseen


def late() -> DeltaGenerator:
    """Return the container for everything below the title and the demo banner; one per page.

    It must contain the `live` part, whose first tick reveals the page. A kiosk gets another
    one: nobody waits for it.
    """
    if is_kiosk():
        return st.container(key="wall")
    place = st.container(key="late", height=1, border=False)
    with place, unseen("late-style"):
        st.html(stylesheet("late") + "<i></i>")
    return place
