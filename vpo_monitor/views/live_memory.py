"""State that a viewer's session keeps between redraws and ticks."""

from dataclasses import dataclass, field

import streamlit as st

from vpo_monitor.insight.notifications import NotificationMemory
from vpo_monitor.insight.reader import Reader, ReaderMemory, Reading, TrackedValue
from vpo_monitor.insight.trace import Trace

TAB_TITLE = "tab-title"
"""Session key with the browser tab's title, without counts."""


@dataclass
class LiveMemory:
    """What is on screen, and how to read it again.

    `drawn` is the trace of the page on screen and `moved` that of its moving part; `readings` and
    `looks` repeat its reads. `reader` belongs to the current redraw, which covers the whole live
    part if `is_drawing`. `elsewhere` holds the state of other servers, by name.
    """

    reading: ReaderMemory = field(default_factory=ReaderMemory)
    elsewhere: dict[str, ReaderMemory] = field(default_factory=dict)
    readings: tuple[Reading, ...] = ()
    looks: list[tuple[TrackedValue, object]] = field(default_factory=list)
    drawn: Trace | None = None
    moved: Trace = ()
    reader: Reader | None = None
    is_drawing: bool = False
    drawings: int = 0
    ticks: int = 0
    telling: NotificationMemory = field(default_factory=NotificationMemory)
    was_visible: bool = True


def live_memory() -> LiveMemory:
    """Return the current session's state, created on first use."""
    memory: LiveMemory = st.session_state.setdefault("live-memory", LiveMemory())
    return memory
