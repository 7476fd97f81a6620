"""Workarounds for Streamlit's defects, one file each.

A patch checks that the code it patches looks as expected; otherwise it logs one line and does
nothing.
"""

from vpo_monitor.streamlit_patches import late_reruns


def apply() -> None:
    """Apply all patches, once per process."""
    late_reruns.apply()
