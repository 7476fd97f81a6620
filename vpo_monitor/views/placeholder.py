"""Notes for data that is missing: loading, unavailable, or skipped."""

from typing import Any

import streamlit as st

from vpo_monitor.analysis.number_format import count
from vpo_monitor.polling.snapshot import Snapshot, State


def placeholder(what: str, snapshot: Snapshot[Any]) -> None:
    """Say that `what` (lower case, without an article) is loading, or that requests have failed."""
    if snapshot.state in (State.OK, State.WAITING):
        st.caption(f"Loading {what} …")
    else:
        label = what[0].upper() + what[1:]
        st.caption(f"{label} unavailable: no response from VPO yet.")


def skipped_note(number: int, what: str) -> None:
    """Say that so many of `what`, a singular noun, were unreadable in VPO's response, if any."""
    if number:
        noun = what if number == 1 else f"{what}s"
        st.caption(f"{count(number)} {noun} skipped: unreadable in VPO's response")
