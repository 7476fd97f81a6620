"""Kiosk mode for wall screens: large type and no controls.

`?kiosk=1` in the URL of any page turns it on for the session; `?kiosk=0` turns it off.
"""

import streamlit as st

from vpo_monitor.views.frontend import stylesheet
from vpo_monitor.views.navigation import keep_in_address
from vpo_monitor.views.unseen import unseen

PARAMETER = "kiosk"
_KEPT = "is-kiosk"


def is_kiosk() -> bool:
    """Whether this session is in kiosk mode, by the URL of this page or an earlier one."""
    in_url = st.query_params.get(PARAMETER)
    if in_url is not None:
        st.session_state[_KEPT] = in_url == "1"
    return bool(st.session_state.get(_KEPT, False))


def enter_kiosk_mode() -> None:
    """Apply the style, once per page, and keep the parameter in the URL."""
    st.html(stylesheet("kiosk"))
    with unseen("kiosk"):
        keep_in_address(PARAMETER, "1", key="kiosk-address")
