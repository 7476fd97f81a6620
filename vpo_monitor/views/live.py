"""Refresh: redraw the live part of a page whenever its data changes."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from vpo_monitor.insight.connection import Report, report
from vpo_monitor.insight.notifications import Notification, due_notifications
from vpo_monitor.insight.reader import Reader
from vpo_monitor.insight.trace import is_sure_to_change, moving_trace, trace_of
from vpo_monitor.insight.watching.catch_up import catch_up, follow_up
from vpo_monitor.polling.poller import Poller
from vpo_monitor.polling.snapshot import Snapshot, State, seconds_to_next_tick
from vpo_monitor.services import MonitoredServer
from vpo_monitor.views.connection_badge import badge_data, connection_badge
from vpo_monitor.views.kiosk import is_kiosk
from vpo_monitor.views.live_memory import TAB_TITLE, LiveMemory, live_memory
from vpo_monitor.views.notifications import notification_data, notification_toggle, notifications
from vpo_monitor.views.pulse import (
    Ask,
    Heard,
    listen,
    move_on_request,
    pulse,
    redraw_on_request,
)
from vpo_monitor.views.server_choice import current_server, has_multiple_servers
from vpo_monitor.views.shortcuts import shortcuts
from vpo_monitor.views.turns import Turns
from vpo_monitor.views.unseen import unseen
from vpo_monitor.views.viewer_polling import interval_choice, toggle_pause, viewer_polling

_RETURN_MAX_AGE = 3.0
"""Seconds; oldest data shown when a tab becomes visible again. Switching back and forth quickly
causes one request, not one each time."""
_UNSEEN_TICK = 20.0
"""Seconds between two ticks of a hidden tab with notifications on."""
_SPARE = 5.0
"""Extra seconds before a tick runs anyway if the browser was to request a redraw."""
_MILLISECONDS = 1000
_TURNS = Turns()


@dataclass(frozen=True)
class Moving:
    """The part of a page that changes with nearly every response, and its container.

    It is redrawn alone if nothing else has changed. The page reads its data with `is_moving`;
    `draw` gets it from the reader.
    """

    place: DeltaGenerator
    draw: Callable[[Reader], None]


Draw = Callable[[Reader], Moving | None]
"""Draws the live part of a page, except its moving part."""

News = Callable[[Reader], dict[str, Any] | None]
"""What a tick sends to elements besides the badge; None if the page must be redrawn."""


def live(
    draw: Draw,
    news: News = lambda _reader: {},
    *,
    beside: Sequence[Poller] = (),
) -> None:
    """Draw now, and again when a tick finds changes while the browser tab is visible.

    `beside` are the pollers of other servers on the page, which *Refresh* also retries.
    """
    server = current_server()
    pollers = (server.poller, *beside)
    if not is_kiosk():
        shortcuts(refresh=lambda: _refresh(pollers), pause=lambda: toggle_pause(server))
    reading = live_memory().reading
    opened = server.poller.now() - viewer_polling(server).interval
    reading.newer_than = max(reading.newer_than, opened)
    _status_bar(server, pollers)
    _live(server, draw, news)


def _status_bar(server: MonitoredServer, pollers: Sequence[Poller]) -> None:
    """Draw the bar above the page: once, as pulses update it in the browser."""
    with st.container(key="status-bar", horizontal=True, vertical_alignment="center"):
        with st.container(key="connection", width="stretch"):
            connection_badge()
        with unseen("listeners"):
            listen()
            if not is_kiosk():
                notifications(server.server.name if has_multiple_servers() else None)
        with st.container(key="bell-place", width="content"):
            if not is_kiosk():
                notification_toggle()
        interval_choice(server)
        with st.container(key="refresh-place", width="content"):
            for key, label in (("refresh", "Refresh"), ("retry", "Retry now")):  # one is visible
                st.button(
                    label,
                    icon=":material/refresh:",
                    key=key,
                    type="tertiary",
                    on_click=_refresh,
                    args=(pollers,),
                )


@st.fragment
def _live(server: MonitoredServer, draw: Draw, news: News) -> None:
    memory = live_memory()
    memory.drawings += 1
    with unseen("drawing"):
        redraw_on_request(memory.drawings)
    notice = st.container()
    reader = memory.reader = Reader(server.poller, viewer_polling(server), memory.reading)
    memory.is_drawing = True
    moving = draw(reader)
    summary = _report(reader, server)
    if summary.sentence:
        with notice.container(key="notice", border=True):
            st.text(summary.sentence)
    if moving is None:
        memory.moved = ()
        _tick(server, news)
    else:
        with moving.place:
            _moving(server, moving.draw, news)


@st.fragment
def _moving(server: MonitoredServer, draw: Callable[[Reader], None], news: News) -> None:
    """Draw the moving part, alone or as part of the page."""
    memory = live_memory()
    with unseen("move"):
        move_on_request()
    if memory.reader is None:
        memory.reader = _read_again(server, memory, is_seen=True)
    draw(memory.reader)
    memory.moved = moving_trace(memory.reader)
    _tick(server, news)


@st.fragment
def _tick(server: MonitoredServer, news: News) -> None:
    """Read the page's data again, update its age, and request a redraw if it has changed."""
    memory, heard = live_memory(), Heard.now()
    visible = heard.visible
    if visible and not memory.was_visible:
        memory.reading.newer_than = server.poller.now() - _RETURN_MAX_AGE
    memory.was_visible = visible
    reader, memory.reader = memory.reader, None
    is_drawing, memory.is_drawing = memory.is_drawing, False
    if reader is None:
        reader = _read_again(server, memory, is_seen=visible)
    summary = _report(reader, server)
    trace = trace_of(reader, summary)
    if is_drawing:
        memory.readings, memory.looks, memory.drawn = tuple(reader.reads), reader.tracked, trace
    told = news(reader) if visible else {}
    is_other = visible and (trace is None or trace != memory.drawn or told is None)
    is_moved = visible and moving_trace(reader) != memory.moved
    memory.ticks += 1
    notifications = _look_beside(server, reader, heard)
    wait = _next_tick(server, reader, heard)
    is_due = visible and wait is not None
    is_sure = is_due and is_sure_to_change(_everything(reader), server.poller.now())
    pulse(
        {
            **badge_data(summary),
            **notification_data(st.session_state[TAB_TITLE], reader, notifications, memory.telling),
            **(told or {}),
        },
        heard,
        Ask(
            redraw=memory.ticks if is_other and not is_drawing else None,
            move=memory.ticks if is_moved and not is_other else None,
            redraw_in=wait if is_sure else None,
        ),
        is_drawing=is_drawing,
    )
    if wait is not None:
        # Streamlit registers this component only if it is imported in a run.
        from streamlit_autorefresh import st_autorefresh  # noqa: PLC0415

        wait += _SPARE if is_sure else 0.0
        st_autorefresh(interval=math.ceil(wait * _MILLISECONDS), key="tick")


def _read_again(server: MonitoredServer, memory: LiveMemory, *, is_seen: bool) -> Reader:
    """Read the page's data again, or only the health if the tab is hidden."""
    reader = Reader(server.poller, viewer_polling(server), memory.reading)
    if is_seen:
        reader.read_again(memory.readings)
        reader.track_again(memory.looks)
    return reader


def _look_beside(server: MonitoredServer, reader: Reader, heard: Heard) -> list[Notification]:
    """Fetch data that the page doesn't show; return the notifications to send."""
    telling = live_memory().telling
    telling.adopt(heard.followed)
    if reader.polling.enabled:
        if heard.visible:
            catch_up(server.poller, server.watch)
        follow_up(server.poller, telling, reader.changed_at("jobs_running"))
    health = reader.health
    return due_notifications(telling, server.watch, health.data, reader.as_of(health.fetched_at))


def _next_tick(server: MonitoredServer, reader: Reader, heard: Heard) -> float | None:
    """Seconds until the next tick; None if it isn't needed."""
    if heard.visible and not _is_settled(reader.all_snapshots):
        everything = [*_everything(reader), *reader.elsewhere]
        return _next_turn(everything, server.poller.now(), reader.polling.interval)
    is_following = heard.visible and bool(live_memory().telling.followed)
    is_listening = reader.polling.enabled and (heard.notified or is_following)
    return _UNSEEN_TICK if is_listening else None


def _next_turn(snapshots: list[Snapshot[Any]], now: float, interval: float) -> float:
    """Seconds until data is due and it is this viewer's turn; one interval if nothing is due."""
    wait = seconds_to_next_tick(snapshots, now)
    if wait is None:
        return interval
    if any(s.fetching_since is not None or s.fetched_at is None for s in snapshots):
        return wait
    return wait + _TURNS.delay(id(live_memory()), now, wait, interval)


def _everything(reader: Reader) -> list[Snapshot[Any]]:
    return [*reader.all_snapshots, reader.health]


def _report(reader: Reader, server: MonitoredServer) -> Report:
    return report(
        reader.snapshots,
        reader.health,
        server.poller.now(),
        polling=reader.polling.enabled,
        is_idle=reader.is_idle,
    )


def _refresh(pollers: Sequence[Poller]) -> None:
    """Request all data again, including routes that are backing off after failures."""
    for poller in pollers:
        poller.retry()
    reading = live_memory().reading
    reading.newer_than = reading.refreshed_at = pollers[0].now()


def _is_settled(snapshots: list[Snapshot[Any]]) -> bool:
    """Whether nothing on the page will change by itself, as for a finished job with its log.

    A rejected token isn't settled: another viewer may retry successfully.
    """
    return bool(snapshots) and all(
        s.next_attempt_at == math.inf and s.fetching_since is None and s.state is not State.STOPPED
        for s in snapshots
    )
