"""Refresh: redraw as little of a page as its data requires.

- The *view* is the live part of a page. It is redrawn when something it has read changes.
- *Rows* are a part of the view that changes with nearly every response, such as the job table.
  They are redrawn alone if nothing else has changed.
- The *tick* runs on a timer while the tab is visible. It reads again what view and rows have read,
  and sends the status element the badge's text. If a revision has changed, it also sends a number,
  and the browser then requests a rerun of the view or the rows.

Each is a Streamlit fragment with that key. Fragments run one after another within a session.
"""

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import streamlit as st

from vpo_monitor import services
from vpo_monitor.analysis.connection import Report, report
from vpo_monitor.analysis.estimates.problems import time_queued_without_worker
from vpo_monitor.analysis.notice import most_important_notice
from vpo_monitor.analysis.notifications import (
    Notification,
    NotificationMemory,
    due_notifications,
    request_followed,
)
from vpo_monitor.analysis.number_format import set_locale
from vpo_monitor.analysis.reader import Reader, ReaderMemory, Reading, Revision, TrackedValue
from vpo_monitor.history.backfill import backfill
from vpo_monitor.polling.poller import PATIENCE, Poller
from vpo_monitor.polling.snapshot import Snapshot, State, seconds_to_next_tick
from vpo_monitor.services import MonitoredServer
from vpo_monitor.views.kiosk import is_kiosk
from vpo_monitor.views.navigation import base_path
from vpo_monitor.views.presses import Presses
from vpo_monitor.views.server_choice import current_server, has_multiple_servers
from vpo_monitor.views.status import (
    BrowserState,
    badge_data,
    is_requested,
    notification_data,
    rerun_element,
    send_status,
)
from vpo_monitor.views.viewer_polling import viewer_polling

Draw = Callable[[Reader], None]
Kept = TypeVar("Kept")

_RETURN_MAX_AGE = 3.0
"""Seconds; oldest data shown when a tab becomes visible again. Switching back and forth quickly
causes one request, not one each time."""
_HIDDEN_TICK = 20.0
"""Seconds between two ticks of a hidden tab with notifications on."""
_JUST_DRAWN = 0.5
"""Seconds; a tick this soon after the view doesn't wait for responses again."""
_JUST_ENDED = 0.1
"""Seconds; if a tick begins this soon after another fragment has ended, Streamlit may tell the
browser that the fragment was interrupted (`ForwardMsgQueue.clear`). What the fragment no longer
draws then stays on screen until the next redraw."""
_RUN_SECONDS = 0.0125
"""Seconds of a processor that a tick and its redraw take; ticks are spread by it."""
_MOST_SPREAD = 0.8
"""The share of an interval over which ticks are spread at most."""
_GOLDEN = (math.sqrt(5) - 1) / 2
"""Multiples of it, without their whole parts, are spread evenly from 0 to 1, however many."""
_MILLISECONDS = 1000

_numbers = itertools.count()


@dataclass
class Drawn:
    """What a fragment has read, and the revision that it shows."""

    reads: tuple[Reading, ...] = ()
    tracked: tuple[TrackedValue, ...] = ()
    revision: Revision = ()


@dataclass(eq=False)
class PageState:
    """What a session keeps between runs.

    `reader` belongs to the view's run and is shared with its rows. `elsewhere` holds the state of
    other servers, by name; `others` are their pollers, if the page shows them. `phase`, from 0 to
    1, is this viewer's place among those whose ticks are spread. A run that another one interrupts
    never `is_complete`, and the browser may not have received what it drew. If the page's job
    `has_failed`, the badge says so. `servers` are those of the app when the page was opened. `kept`
    belongs to the `opened` page: its title and the id in its address; `has_ticked` is false before
    its first tick. `redrawn` has the fragment that was last drawn without the whole page, and when
    that ended.
    """

    title: str = ""
    opened: tuple[str, str] = ("", "")
    kept: dict[str, Any] = field(default_factory=dict)
    has_ticked: bool = False
    servers: tuple[MonitoredServer, ...] = ()
    has_failed: bool = False
    memory: ReaderMemory = field(default_factory=ReaderMemory)
    elsewhere: dict[str, ReaderMemory] = field(default_factory=dict)
    others: Sequence[Poller] = ()
    notifications: NotificationMemory = field(default_factory=NotificationMemory)
    view: Drawn = field(default_factory=Drawn)
    rows: Drawn = field(default_factory=Drawn)
    reader: Reader | None = None
    drawn_at: float = -math.inf
    redrawn: tuple[str, float] = ("", -math.inf)
    presses: Presses = field(default_factory=Presses)
    ticks: int = 0
    phase: float = field(default_factory=lambda: next(_numbers) * _GOLDEN % 1.0)
    was_visible: bool = True
    is_complete: bool = True
    was_interrupted: bool = False


def page_state() -> PageState:
    """Return the session's state, created on first use."""
    state: PageState = st.session_state.setdefault("page-state", PageState())
    return state


def begin_page(title: str) -> None:
    """Forget what the previous page has read. `title` is the tab's title, without counts."""
    state, server = page_state(), current_server()
    state.title, state.has_failed = title, False
    page = title, st.query_params.get("id", "")
    if page != state.opened:
        state.opened, state.kept, state.has_ticked = page, {}, False
    state.servers = services.current().servers
    state.others, state.view, state.rows = (), Drawn(), Drawn()
    state.was_interrupted, state.is_complete = not state.is_complete, False
    opened = server.poller.now() - viewer_polling(server).interval
    state.memory.newer_than = max(state.memory.newer_than, opened)


def kept(name: str, make: Callable[[], Kept]) -> Kept:
    """Return what a page keeps while it stays open, also when all of it runs again (*Refresh*)."""
    if name not in page_state().kept:
        page_state().kept[name] = make()
    found: Kept = page_state().kept[name]
    return found


def end_page() -> None:
    """Note that the run has reached its end."""
    page_state().is_complete = True
    page_state().presses.drawn()


def view(draw: Draw) -> None:
    """Draw the live part of a page now, and again when its data changes."""
    _view(current_server(), draw)


def rows(draw: Draw) -> None:
    """Within a view, draw a part that changes with nearly every response."""
    _rows(current_server(), draw)


def tick(path: str, rotation: Mapping[str, Any] | None = None) -> None:
    """Send the status element its data, and start the timer, or have the browser start it.

    `path` is the page's URL path. `rotation` has the `target` to go to after so many `seconds`, if
    pages take turns.
    """
    _tick(current_server(), path, rotation)


def _follow_switch() -> None:
    """Run the page again if the app was switched to other servers; first in each fragment."""
    if page_state().servers is not services.current().servers:
        st.rerun()


@st.fragment(key="view")
def _view(server: MonitoredServer, draw: Draw) -> None:
    _follow_switch()
    notice = st.container(key="notice")
    with notice:  # never empty: Streamlit leaves out empty containers, and all below would move
        rerun_element("view")
    set_locale(st.context.locale)
    state = page_state()
    state.rows = Drawn()
    state.reader = reader = _new_reader(server, state)
    try:
        draw(reader)
    finally:
        state.reader = None
    sentence = _notice(server, reader, _report(reader))
    if sentence:
        with notice.container(key="notice-text"):
            st.text(sentence)
    reads = tuple(one for one in reader.reads if one not in state.rows.reads)
    of_view = [one for one in reader.tracked if one[0] not in state.rows.tracked]
    tracked = tuple(at for at, _seen in of_view)
    seen = tuple(value for _at, value in of_view)
    state.view = Drawn(reads, tracked, (sentence, seen, reader.revision(reads)))
    state.drawn_at = reader.begun
    if state.is_complete:
        _note_redrawn("view", state, reader)


@st.fragment(key="rows")
def _rows(server: MonitoredServer, draw: Draw) -> None:
    _follow_switch()
    rerun_element("rows")
    set_locale(st.context.locale)
    state = page_state()
    reader = state.reader or _new_reader(server, state)
    before, tracked_before = set(reader.reads), len(reader.tracked)
    draw(reader)
    reads = tuple(one for one in reader.reads if one not in before)
    of_rows = reader.tracked[tracked_before:]
    tracked = tuple(at for at, _seen in of_rows)
    seen = tuple(value for _at, value in of_rows)
    state.rows = Drawn(reads, tracked, (seen, reader.revision(reads)))
    if state.is_complete and state.reader is None:
        _note_redrawn("rows", state, reader)


@st.fragment(key="tick")
def _tick(server: MonitoredServer, path: str, rotation: Mapping[str, Any] | None) -> None:
    _follow_switch()
    state, browser, poller = page_state(), BrowserState.latest(), server.poller
    if state.is_complete and state.presses.has_new():
        st.rerun()
    set_locale(st.context.locale)
    if browser.visible and not state.was_visible:
        state.memory.newer_than = poller.now() - _RETURN_MAX_AGE
    state.was_visible = browser.visible
    is_just_drawn = poller.now() - state.drawn_at < _JUST_DRAWN
    redrawn, ended_at = state.redrawn
    has_just_ended = state.is_complete and poller.now() - ended_at < _JUST_ENDED
    reader = _new_reader(server, state, patience=0.0 if is_just_drawn else PATIENCE)
    seen: tuple[object, ...] = ()
    if browser.visible:
        reader.read_again((*state.view.reads, *state.rows.reads))
        seen = tuple(at(reader) for at in state.view.tracked)
    summary = _report(reader)
    state.ticks += 1
    request = {}
    if browser.visible:
        sentence = _notice(server, reader, summary)
        now = (sentence, seen, reader.revision(state.view.reads))
        if state.view.revision and now != state.view.revision:
            request = {"view": state.ticks}
        elif state.rows.reads and _rows_revision(reader, state.rows) != state.rows.revision:
            request = {"rows": state.ticks}
        elif has_just_ended:
            request = {redrawn: state.ticks}
    notifications = _follow_events(server, reader, browser)
    wait = _seconds_to_next_tick(reader, browser, poller.now())
    # A page's first tick has no timer: the timer's frame loads a program of its own, with which a
    # cold page took 0.25 s longer at 20 Mbit/s. Once the browser shows the page, it requests the
    # second tick.
    starts_later, state.has_ticked = wait is not None and not state.has_ticked, True
    if wait is not None and not starts_later:
        # Streamlit registers this component only if it is imported in a run.
        from streamlit_autorefresh import st_autorefresh  # noqa: PLC0415

        st_autorefresh(interval=math.ceil(wait * _MILLISECONDS), key="timer")
    # Last: the rerun that it may cause would cut short what comes after it.
    send_status(
        {
            **badge_data(summary, has_failed=state.has_failed),
            **notification_data(state.title, reader, notifications, state.notifications),
            **({"server": server.server.name} if has_multiple_servers() else {}),
            **({"kiosk": True} if is_kiosk() else {}),
            **({"rotation": dict(rotation)} if rotation is not None else {}),
            "base": base_path(),
            "path": path,
            **({"start_timer": True} if starts_later else {}),
            **({"login": True} if services.current().settings.requires_login else {}),
            **request,
        },
        browser,
    )


def _note_redrawn(fragment: str, state: PageState, reader: Reader) -> None:
    """Note when the fragment ended, and what was pressed as drawn if a press requested this run."""
    state.redrawn = fragment, reader.now()
    if not is_requested(fragment):
        state.presses.drawn()


def mark_failed(*, has_failed: bool) -> None:
    """Have the badge say *Failed* instead of *Finished*, or not."""
    page_state().has_failed = has_failed


def _rows_revision(reader: Reader, rows: Drawn) -> Revision:
    """What the rows would show if they were drawn now."""
    return tuple(at(reader) for at in rows.tracked), reader.revision(rows.reads)


def refresh_now() -> None:
    """Request all data again, including routes that are backing off after failures."""
    state, poller = page_state(), current_server().poller
    for one in (poller, *state.others):
        one.retry()
    state.memory.newer_than = state.memory.refreshed_at = poller.now()


def _new_reader(server: MonitoredServer, state: PageState, *, patience: float = PATIENCE) -> Reader:
    return Reader(server.poller, viewer_polling(server), state.memory, patience=patience)


def _report(reader: Reader) -> Report:
    return report(
        reader.snapshots,
        reader.health,
        reader.now(),
        polling=reader.polling.enabled,
        is_idle=reader.is_idle,
    )


def _notice(server: MonitoredServer, reader: Reader, summary: Report) -> str | None:
    health, tracker = reader.health, server.tracker
    now = reader.as_of(health.fetched_at)
    return most_important_notice(
        summary,
        health.data,
        time_queued_without_worker(tracker.counts(), now, tracker.counts_good_for),
        is_polling=reader.polling.enabled,
        may_poll=server.settings.polling.enabled,
    )


def _follow_events(
    server: MonitoredServer, reader: Reader, browser: BrowserState
) -> list[Notification]:
    """Fetch data that the page doesn't show; return the notifications to send."""
    memory = page_state().notifications
    memory.adopt(browser.followed)
    if reader.polling.enabled:
        if browser.visible:
            backfill(server.poller, server.tracker)
        request_followed(server.poller, memory, reader.changed_at("jobs_running"))
    health = reader.health
    return due_notifications(memory, server.tracker, health.data, reader.as_of(health.fetched_at))


def _seconds_to_next_tick(reader: Reader, browser: BrowserState, now: float) -> float | None:
    """Seconds until the next tick; None if it isn't needed."""
    if browser.visible and not _is_settled(reader.all_snapshots):
        snapshots = [*reader.all_snapshots, reader.health, *reader.elsewhere]
        wait = seconds_to_next_tick(snapshots, now)
        if wait is None:
            return reader.polling.interval
        if any(s.fetching_since is not None or s.fetched_at is None for s in snapshots):
            return wait
        return wait + _delay(reader.polling.interval)
    is_following = browser.visible and bool(page_state().notifications.followed)
    is_listening = reader.polling.enabled and (browser.notified or is_following)
    return _HIDDEN_TICK if is_listening else None


def _delay(interval: float) -> float:
    """Seconds by which this viewer's tick comes later, so that not all come at the same time.

    The more viewers, the longer the gaps between their ticks: with gaps of one run, 200 viewers
    waited for each other for 1 s or more, and with long gaps for any number, 20 viewers saw a
    change 0.3 s later.
    """
    state, viewers = page_state(), services.current().viewers
    viewers.add(state)
    load = (len(viewers) - 1) * _RUN_SECONDS / interval
    return interval * min(load * (1 + load), _MOST_SPREAD) * state.phase


def _is_settled(snapshots: list[Snapshot[Any]]) -> bool:
    """Whether nothing on the page will change by itself, as for a finished job with its log.

    A rejected token isn't settled: another viewer may retry successfully.
    """
    return bool(snapshots) and all(
        s.next_attempt_at == math.inf and s.fetching_since is None and s.state is not State.STOPPED
        for s in snapshots
    )
