"""Kiosk mode for wall screens: large type and no controls.

`?kiosk=1` in the URL of any page turns it on; links keep it.
"""

import streamlit as st

from vpo_monitor.views.frontend import stylesheet

PARAMETER = "kiosk"
ROTATE, EVERY = "rotate", "every"
"""Which pages take turns on the screen, and for how many seconds each is shown."""


def is_kiosk() -> bool:
    """Whether the page is in kiosk mode."""
    return st.query_params.get(PARAMETER) == "1"


def enter_kiosk_mode() -> None:
    """Apply the style, once per page."""
    st.html(stylesheet("kiosk"))
