"""The one view that owns refresh: draws a page's live part again whenever there is news."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import streamlit as st
from streamlit_autorefresh import st_autorefresh

from vpo_monitor.insight.connection import Report, report
from vpo_monitor.insight.reader import Look, Reader, ReaderMemory, Reading
from vpo_monitor.insight.tellings import MOST_FOLLOWED, Telling, TellingMemory, tell
from vpo_monitor.insight.trace import Trace, is_sure_to_change, trace_of
from vpo_monitor.insight.watching.catch_up import catch_up, follow_up
from vpo_monitor.polling.snapshot import Snapshot, State, seconds_to_next_tick
from vpo_monitor.views.connection_badge import badge_news, connection_badge
from vpo_monitor.views.kiosk import is_kiosk
from vpo_monitor.views.login import is_in
from vpo_monitor.views.own_interval import interval_choice, own_polling, pause_or_go_on
from vpo_monitor.views.pulse import (
    followed_before,
    is_notified,
    is_visible,
    listen,
    pulse,
    redraw_on_request,
)
from vpo_monitor.views.shell import Shell
from vpo_monitor.views.shortcuts import shortcuts
from vpo_monitor.views.start_up import freeze_start_up
from vpo_monitor.views.teller import bell, teller, teller_news
from vpo_monitor.views.turns import Turns

_RETURN_MAX_AGE = 3.0
"""Seconds; what a viewer who comes back may be shown, so that flapping asks once, not each time."""
_UNSEEN_TICK = 20.0
"""Seconds between two looks of a tab that nobody sees, where its viewer wants to be notified."""
_SPARE = 5.0
"""Seconds after which a tick comes all the same, where the browser was to ask for a drawing."""
_MILLISECONDS = 1000
_TURNS = Turns()


@dataclass
class _Memory:
    """What one viewer's session keeps from drawing to drawing, and from tick to tick.

    `drawn` is the trace of what is on screen, `readings` and `looks` how to read it again.
    `reader` is that of the drawing under way.
    """

    reading: ReaderMemory = field(default_factory=ReaderMemory)
    readings: list[Reading] = field(default_factory=list)
    looks: list[tuple[Look, object]] = field(default_factory=list)
    drawn: Trace | None = None
    reader: Reader | None = None
    drawings: int = 0
    ticks: int = 0
    telling: TellingMemory = field(default_factory=TellingMemory)
    was_visible: bool = True


News = Callable[[Reader], dict[str, Any] | None]
"""What a tick tells elements on screen, beside the badge; None where the page must be drawn."""


def live(shell: Shell, draw: Callable[[Reader], None], news: News = lambda _reader: {}) -> None:
    """Draw now, and again when a tick finds news while the browser tab is visible."""
    listen()
    if not is_kiosk():
        teller()
        shortcuts(refresh=lambda: _refresh(shell), pause=lambda: pause_or_go_on(shell))
    reading = _memory().reading
    opened = shell.poller.now() - own_polling(shell).interval
    reading.newer_than = max(reading.newer_than, opened)
    with st.container(key="live"):
        _status_bar(shell)
        _live(shell, draw, news)


def _status_bar(shell: Shell) -> None:
    """Draw what stands above the page: once, as a pulse tells it what to show."""
    with st.container(key="status-bar", horizontal=True, vertical_alignment="center"):
        with st.container(key="connection", width="stretch"):
            connection_badge()
        with st.container(key="bell-place", width="content"):
            if not is_kiosk():
                bell()
        interval_choice(shell)
        with st.container(key="refresh-place", width="content"):
            for key, label in (("refresh", "Refresh"), ("retry", "Retry now")):  # one is in view
                st.button(
                    label,
                    icon=":material/refresh:",
                    key=key,
                    type="tertiary",
                    on_click=_refresh,
                    args=(shell,),
                )


@st.fragment
def _live(shell: Shell, draw: Callable[[Reader], None], news: News) -> None:
    _meet_login()
    memory = _memory()
    memory.drawings += 1
    redraw_on_request(memory.drawings)
    notice = st.container()
    reader = memory.reader = Reader(shell.poller, own_polling(shell), memory.reading)
    draw(reader)
    summary = _report(reader, shell)
    if summary.sentence:
        with notice.container(border=True):
            st.text(summary.sentence)
    _tick(shell, news)
    freeze_start_up()


def _meet_login() -> None:
    """Draw the whole page, and so its login, where the viewer has logged out in another tab."""
    if not is_in():
        st.rerun()


@st.fragment
def _tick(shell: Shell, news: News) -> None:
    """Read what is on screen again, tell its age, and ask for a drawing where it has changed."""
    _meet_login()
    memory = _memory()
    visible = is_visible()
    if visible and not memory.was_visible:
        memory.reading.newer_than = shell.poller.now() - _RETURN_MAX_AGE
    memory.was_visible = visible
    reader, memory.reader = memory.reader, None
    is_drawing = reader is not None
    if reader is None:
        reader = Reader(shell.poller, own_polling(shell), memory.reading)
        if visible:  # else the viewer only wants to be told what happens
            reader.read_again(memory.readings)
            reader.look_again(memory.looks)
    summary = _report(reader, shell)
    trace = trace_of(reader, summary)
    if is_drawing:
        memory.readings, memory.looks, memory.drawn = reader.readings, reader.looks, trace
    told = news(reader) if visible else {}
    is_other = visible and (trace is None or trace != memory.drawn or told is None)
    memory.ticks += 1
    tellings = _look_beside(shell, reader, visible=visible)
    wait = _next_tick(shell, reader, visible=visible)
    is_due = visible and wait is not None
    is_sure = is_due and is_sure_to_change(_everything(reader), shell.poller.now())
    pulse(
        {
            **badge_news(summary),
            **teller_news(shell.title, reader, tellings, memory.telling),
            **(told or {}),
        },
        redraw=memory.ticks if is_other and not is_drawing else None,
        redraw_in=wait if is_sure else None,
        is_drawing=is_drawing,
    )
    if wait is not None:
        wait += _SPARE if is_sure else 0.0
        st_autorefresh(interval=math.ceil(wait * _MILLISECONDS), key="tick")


def _look_beside(shell: Shell, reader: Reader, *, visible: bool) -> list[Telling]:
    """Have asked for what the page does not show; what is to be told."""
    telling = _memory().telling
    telling.adopt(followed_before())
    if reader.polling.enabled:
        if visible:
            catch_up(shell.poller, shell.watch)
        follow_up(shell.poller, telling, reader.moved_at("jobs_running"))
    health = reader.health
    return tell(telling, shell.watch, health.data, reader.as_of(health.fetched_at))


def _next_tick(shell: Shell, reader: Reader, *, visible: bool) -> float | None:
    """Seconds until the page is to be looked at again; None where that would be in vain."""
    if visible and not _is_settled(reader.all_snapshots):
        return _next_turn(_everything(reader), shell.poller.now(), reader.polling.interval)
    is_following = visible and bool(_memory().telling.followed)
    is_listening = reader.polling.enabled and (is_notified() or is_following)
    return _UNSEEN_TICK if is_listening else None


def _next_turn(snapshots: list[Snapshot[Any]], now: float, interval: float) -> float:
    """Seconds until something is due and it is this viewer's turn; an interval where nothing is."""
    wait = seconds_to_next_tick(snapshots, now)
    if wait is None:
        return interval
    if any(s.fetching_since is not None or s.fetched_at is None for s in snapshots):
        return wait
    return wait + _TURNS.delay(id(_memory()), now, wait, interval)


def _everything(reader: Reader) -> list[Snapshot[Any]]:
    return [*reader.all_snapshots, reader.health]


def _report(reader: Reader, shell: Shell) -> Report:
    return report(
        reader.snapshots,
        reader.health,
        shell.poller.now(),
        polling=reader.polling.enabled,
        is_quiet=reader.is_quiet,
    )


def follow_choice(job_id: str) -> None:
    """Draw the switch with which a viewer follows a job, to be told when it ends."""
    telling = _memory().telling
    st.toggle(
        "Tell me when it ends",
        value=job_id in telling.followed,
        key=f"follow-{job_id}",
        help="With a note on whichever page is open, and a notification where you have "
        "switched them on.",
        on_change=_follow,
        args=(job_id,),
    )


def _follow(job_id: str) -> None:
    telling = _memory().telling
    is_followed = bool(st.session_state.get(f"follow-{job_id}", job_id in telling.followed))
    if is_followed and len(telling.followed) == MOST_FOLLOWED:
        st.toast(
            f"{MOST_FOLLOWED} jobs are followed at most: the one that you followed first is "
            "followed no more."
        )
    telling.follow(job_id, is_followed=is_followed)


def _memory() -> _Memory:
    memory: _Memory = st.session_state.setdefault("live-memory", _Memory())
    return memory


def _refresh(shell: Shell) -> None:
    """Want everything anew, also what is being left alone because it failed."""
    if not is_in():
        return
    shell.poller.retry()
    reading = _memory().reading
    reading.newer_than = reading.refreshed_at = shell.poller.now()


def _is_settled(snapshots: list[Snapshot[Any]]) -> bool:
    """Whether nothing that the page shows will change by itself: a finished job with its log.

    Where the login was refused, another viewer may try again, and with success.
    """
    return bool(snapshots) and all(
        s.next_attempt_at == math.inf and s.fetching_since is None and s.state is not State.STOPPED
        for s in snapshots
    )
