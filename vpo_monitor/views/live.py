"""The one view that owns refresh: draws a page's live part again whenever there may be news."""

import math
from collections.abc import Callable
from typing import Any

import streamlit as st
from streamlit_autorefresh import st_autorefresh

from vpo_monitor.insight.connection import report
from vpo_monitor.insight.reader import Reader, ReaderMemory
from vpo_monitor.polling.poller import Poller
from vpo_monitor.polling.snapshot import Snapshot, seconds_to_next_tick
from vpo_monitor.views.connection_badge import connection_badge
from vpo_monitor.views.own_interval import interval_choice, own_polling
from vpo_monitor.views.shell import Shell
from vpo_monitor.views.start_up import freeze_start_up

_RETURN_MAX_AGE = 3.0
"""Seconds; what a viewer who comes back may be shown, so that flapping asks once, not each time."""
_MILLISECONDS = 1000

_visibility = st.components.v2.component(
    "vpo_monitor_visibility",
    js="""
    export default function ({ parentElement, setStateValue }) {
      parentElement.stop?.();  // it may be called more than once
      parentElement.told ??= true;
      const tell = () => {
        const visible = document.visibilityState !== "hidden";
        if (visible === parentElement.told) return;
        parentElement.told = visible;
        setStateValue("visible", visible);
      };
      document.addEventListener("visibilitychange", tell);
      tell();
      parentElement.stop = () => document.removeEventListener("visibilitychange", tell);
      return parentElement.stop;
    }
    """,
)

# A browser that was away for long, or whose app was started again, has a new session when it is
# back. That knows no fragment, so that ticks and buttons of the live part do nothing until the
# whole page has run once: this stands outside of the live part, and has it run.
_return = st.components.v2.component(
    "vpo_monitor_return",
    js="""
    export default function ({ parentElement, setTriggerValue }) {
      parentElement.watch?.disconnect();  // it may be called more than once
      const app = document.querySelector("[data-test-connection-state]");
      if (!app) return;
      const isConnected = () => app.dataset.testConnectionState === "CONNECTED";
      parentElement.watch = new MutationObserver(() => {
        if (!isConnected()) parentElement.wasAway = true;
        else if (parentElement.wasAway) {
          parentElement.wasAway = false;
          setTriggerValue("back", true);
        }
      });
      parentElement.watch.observe(app, { attributeFilter: ["data-test-connection-state"] });
      return () => parentElement.watch.disconnect();
    }
    """,
)


def live(shell: Shell, draw: Callable[[Reader], None]) -> None:
    """Draw now, and again at each tick while the browser tab is visible."""
    with st.container(key="live-return"):
        _return(key="return", on_back_change=lambda: None)
    memory = _memory()
    opened = shell.poller.now() - own_polling(shell).interval
    memory.newer_than = max(memory.newer_than, opened)
    _live(shell, draw)


@st.fragment
def _live(shell: Shell, draw: Callable[[Reader], None]) -> None:
    poller = shell.poller
    with st.container(key="live"):
        visible = _is_visible(poller)
    with st.container(key="status-bar", horizontal=True, vertical_alignment="center"):
        badge = st.container(key="connection", width="stretch")
        interval_choice(shell)
        button = st.container(key="refresh-place", width="content")
    notice = st.container()
    polling = own_polling(shell)
    reader = Reader(poller, polling, _memory())
    draw(reader)
    now = poller.now()
    summary = report(
        reader.snapshots, reader.health, now, polling=polling.enabled, is_quiet=reader.is_quiet
    )
    with badge:
        connection_badge(summary)
    button.button(
        "Retry now" if summary.connection.is_failure else "Refresh",
        icon=":material/refresh:",
        key="refresh",
        type="tertiary",
        on_click=_refresh,
        args=(poller,),
    )
    if summary.sentence:
        with notice.container(border=True):
            st.text(summary.sentence)
    tick = seconds_to_next_tick([*reader.snapshots, reader.health], now)
    if _is_settled(reader.snapshots):
        tick = None
    if visible and tick is not None:
        with st.container(key="live-timer"):
            st_autorefresh(interval=math.ceil(tick * _MILLISECONDS), key="tick")
    freeze_start_up()


def _memory() -> ReaderMemory:
    memory: ReaderMemory = st.session_state.setdefault("reader-memory", ReaderMemory())
    return memory


def _refresh(poller: Poller) -> None:
    """Want everything anew, also what is being left alone because it failed."""
    poller.retry()
    _memory().newer_than = poller.now()


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
        _memory().newer_than = poller.now() - _RETURN_MAX_AGE
    st.session_state["was_visible"] = visible
    return visible
