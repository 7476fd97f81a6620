"""The one view that owns refresh: draws a page's live part again whenever there may be news."""

import math
from collections.abc import Callable
from typing import Any, TypeVar

import streamlit as st
from streamlit_autorefresh import st_autorefresh

from vpo_monitor.config import PollingConfig
from vpo_monitor.insight.connection import Connection, report
from vpo_monitor.polling import queries
from vpo_monitor.polling.poller import Poller
from vpo_monitor.polling.queries import Query
from vpo_monitor.polling.snapshot import Snapshot, seconds_to_next_tick
from vpo_monitor.views.connection_badge import connection_badge
from vpo_monitor.views.shell import Shell

T = TypeVar("T")

_RETURN_MAX_AGE = 2.0
"""Seconds; what a viewer who comes back may be shown, so that flapping does not ask each time."""
_MILLISECONDS = 1000
_FAILED = (Connection.RECONNECTING, Connection.OFFLINE, Connection.LOGIN_NEEDED)

_visibility = st.components.v2.component(
    "vpo_monitor_visibility",
    js="""
    export default function ({ setStateValue }) {
      let told = true;
      const tell = () => {
        const visible = document.visibilityState !== "hidden";
        if (visible !== told) { told = visible; setStateValue("visible", visible); }
      };
      document.addEventListener("visibilitychange", tell);
      tell();
      return () => document.removeEventListener("visibilitychange", tell);
    }
    """,
)


class Reader:
    """Reads for one drawing and remembers what was read, for the badge and the next tick."""

    def __init__(self, poller: Poller, polling: PollingConfig, newer_than: float) -> None:
        self.polling = polling
        self.snapshots: list[Snapshot[Any]] = []
        self._poller = poller
        self._newer_than = newer_than

    def read(
        self, query: Query[T], max_age: float | None = None, *, newer_than: float = -math.inf
    ) -> Snapshot[T]:
        """What is known, at most `max_age` seconds old (default: the poll interval) if it can be.

        While polling is off, data is asked for when the page opens and on *Refresh* only.
        """
        snapshot = self.peek(query, max_age, newer_than=newer_than)
        self.snapshots.append(snapshot)
        return snapshot

    def peek(
        self, query: Query[T], max_age: float | None = None, *, newer_than: float = -math.inf
    ) -> Snapshot[T]:
        """Read something beside the point of the page: the badge does not speak of it."""
        age = self.polling.interval if max_age is None else max_age
        if not self.polling.enabled:
            age = math.inf
        return self._poller.read(query, age, newer_than=max(self._newer_than, newer_than))


def live(shell: Shell, draw: Callable[[Reader], None]) -> None:
    """Draw now, and again at each tick while the browser tab is visible."""
    opened = shell.poller.now() - shell.settings.polling.interval
    st.session_state["newer_than"] = max(opened, st.session_state.get("newer_than", opened))
    _live(shell, draw)


@st.fragment
def _live(shell: Shell, draw: Callable[[Reader], None]) -> None:
    poller, polling = shell.poller, shell.settings.polling
    with st.container(key="live"):
        visible = _is_visible(poller)
    with st.container(horizontal=True, vertical_alignment="center"):
        badge = st.container(key="connection")
        button = st.empty()
    notice = st.container()
    reader = Reader(poller, polling, st.session_state.get("newer_than", -math.inf))
    health = reader.peek(queries.health())
    draw(reader)
    now = poller.now()
    summary = report(reader.snapshots, health, now, polling=polling.enabled)
    with badge:
        connection_badge(summary)
    button.button(
        "Retry" if summary.connection in _FAILED else "Refresh",
        icon=":material/refresh:",
        key="refresh",
        type="tertiary",
        on_click=_refresh,
        args=(poller,),
    )
    if summary.sentence:
        with notice.container(border=True):
            st.text(summary.sentence)
    tick = seconds_to_next_tick([*reader.snapshots, health] if reader.snapshots else [health], now)
    if _is_settled(reader.snapshots):
        tick = None
    if visible and tick is not None:
        with st.container(key="live-timer"):
            st_autorefresh(interval=math.ceil(tick * _MILLISECONDS), key="tick")


def _refresh(poller: Poller) -> None:
    """Want everything anew, also what is being left alone because it failed."""
    poller.retry()
    st.session_state["newer_than"] = poller.now()


def _is_settled(snapshots: list[Snapshot[Any]]) -> bool:
    """Whether nothing that the page shows will change by itself: a finished job with its log."""
    return bool(snapshots) and all(
        math.isinf(s.next_attempt_at) and s.fetching_since is None for s in snapshots
    )


def _is_visible(poller: Poller) -> bool:
    """Whether the browser tab is in view; coming back into view wants fresh data at once."""
    state = _visibility(key="visibility", default={"visible": True}, on_visible_change=lambda: None)
    visible = bool(state.visible)
    if visible and not st.session_state.get("was_visible", True):
        st.session_state["newer_than"] = poller.now() - _RETURN_MAX_AGE
    st.session_state["was_visible"] = visible
    return visible
