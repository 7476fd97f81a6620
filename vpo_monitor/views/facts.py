"""Names with values, one a line, on any width of screen."""

from collections.abc import Mapping

import streamlit as st

from vpo_monitor.insight.wording import plain

_NAME_WIDTH = 100


def facts(values: Mapping[str, str | None]) -> None:
    """Draw what is known; the values may be the server's text, and are never interpreted."""
    with st.container(border=True, gap="xsmall"):
        for name, value in values.items():
            if value:
                with st.container(horizontal=True, gap="small"):
                    st.caption(name, width=_NAME_WIDTH)
                    st.text(plain(value), width="stretch")
