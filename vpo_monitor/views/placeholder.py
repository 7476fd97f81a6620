"""What stands where data should be and is not."""

from typing import Any

import streamlit as st

from vpo_monitor.polling.snapshot import Snapshot, State


def placeholder(what: str, snapshot: Snapshot[Any]) -> None:
    """Say that `what` is on its way, or that it could not be had so far."""
    if snapshot.state in (State.OK, State.WAITING):
        st.caption(f"{what} is on its way.")
    else:
        st.caption(f"{what} has not been received since this app was started.")
