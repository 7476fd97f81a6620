"""The banner of the demo."""

import streamlit as st

from vpo_monitor import services
from vpo_monitor.views.navigation import page_link


def demo_banner(*, has_link: bool) -> None:
    """Draw the banner: one line, with a link to the instructions if `has_link`."""
    with st.container(
        key="demo-banner", horizontal=True, vertical_alignment="center", gap="xsmall"
    ):
        # Markdown appears at once; Streamlit loads most other elements later.
        words = (":material/science:", "**Demo mode**: sample data.")
        st.markdown(" ".join(words), width="content")
        if has_link:
            address = services.current().settings.default_address
            page_link(
                "server",
                ":blue[Connect your server]",
                help="No server is configured, and no VPO responded at the default address "
                f"({address}) when the app started.",
            )
