"""The logout button: a plain form, as logging out ends the page's connection."""

import streamlit as st

from vpo_monitor import services
from vpo_monitor.views.frontend import markup


def log_out_button() -> None:
    """Draw the logout button, if a login is required."""
    if services.current().settings.requires_login:
        base = st.get_option("server.baseUrlPath").strip("/")
        with st.container(key="log-out"):
            st.html(markup("log_out", action=f"/{base}/logout" if base else "/logout"))
