"""Workarounds for Streamlit's defects, one file each.

A patch checks that the code it patches looks as expected; otherwise it logs one line and does
nothing.
"""

from vpo_monitor.streamlit_patches import (
    late_reruns,
    shutdown_timeout,
    small_responses,
    theme_message,
)


def apply() -> None:
    """Apply all patches, once per process, in the app's lifespan."""
    late_reruns.apply()
    shutdown_timeout.apply()
    small_responses.apply()
    theme_message.apply()
