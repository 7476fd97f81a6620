"""What one viewer's session keeps from drawing to drawing, and from tick to tick."""

from dataclasses import dataclass, field

import streamlit as st

from vpo_monitor.insight.reader import Look, Reader, ReaderMemory, Reading
from vpo_monitor.insight.tellings import TellingMemory
from vpo_monitor.insight.trace import Trace


@dataclass
class LiveMemory:
    """What is on screen, and how it came there.

    `drawn` is the trace of what is on screen and `moved` that of what moves in it; `readings` and
    `looks` are how to read it again. `reader` is that of the drawing under way, which is of the
    whole live part where `is_drawing`. `elsewhere` is what is kept of other servers, by their name.
    """

    reading: ReaderMemory = field(default_factory=ReaderMemory)
    elsewhere: dict[str, ReaderMemory] = field(default_factory=dict)
    readings: tuple[Reading, ...] = ()
    looks: list[tuple[Look, object]] = field(default_factory=list)
    drawn: Trace | None = None
    moved: Trace = ()
    reader: Reader | None = None
    is_drawing: bool = False
    drawings: int = 0
    ticks: int = 0
    telling: TellingMemory = field(default_factory=TellingMemory)
    was_visible: bool = True


def live_memory() -> LiveMemory:
    """That of the session that is being drawn."""
    memory: LiveMemory = st.session_state.setdefault("live-memory", LiveMemory())
    return memory
