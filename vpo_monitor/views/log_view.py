"""The log on a job's page: lines, search, paging and downloads."""

import math
import time
from datetime import UTC, datetime
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from vpo_monitor.analysis.exports.provenance import Provenance
from vpo_monitor.analysis.logs.log_messages import log_message, reload_message
from vpo_monitor.analysis.logs.log_position import LineRange, LogPosition
from vpo_monitor.analysis.logs.log_rows import RowStyle, log_rows, rows_around
from vpo_monitor.analysis.logs.outline import Outline, outline
from vpo_monitor.analysis.number_format import count
from vpo_monitor.analysis.reader import Reader
from vpo_monitor.analysis.zones import zone
from vpo_monitor.api.models import JobDetail
from vpo_monitor.api.server import Server
from vpo_monitor.polling.log_search import TOO_SLOW, LogSearch
from vpo_monitor.polling.log_tail import LogTail, log_tail
from vpo_monitor.views.log_area import (
    LogContent,
    LogNews,
    log_area,
    needs_resend,
)
from vpo_monitor.views.log_controls import LogControls, LogSettings, valid_pattern
from vpo_monitor.views.log_downloads import LogDownloads, log_origin
from vpo_monitor.views.log_state import LogState, SearchState, log_state, search_state
from vpo_monitor.views.placeholder import placeholder


class LogView:
    """One viewer's log, for as long as the page stays open.

    `line` is the number of the line to show first. The view remembers what the browser has
    received, so that a refresh sends only new lines.
    """

    def __init__(self, server: Server, job_id: str, line: int | None) -> None:
        self._server = server
        self.reading = LogPosition(job_id)
        self._controls = LogControls()
        self._downloads = LogDownloads(job_id)
        self._target = line
        self._turn = 0 if line is None else 1
        self._is_opened = line is None
        self._style = RowStyle()
        self._key: tuple[object, ...] | None = None
        self._content: LogContent | None = None
        self._tail: LogTail | None = None
        self._stretch = LineRange((), 1)
        self._has_pages = False
        self._epoch = 0
        self._sent_to = 0
        self._sent_last = ""
        self._requested: dict[str, Any] = {}
        self._outlined: tuple[object, ...] = ()
        self._outline = Outline()

    def draw(self, reader: Reader, job: JobDetail, newer_than: float) -> None:
        """Draw the log; a finished job's must have been fetched after `newer_than`."""
        settings = self._controls.draw(reader.polling.log_interval, is_live=not job.is_terminal)
        interval = settings.log_interval(reader.polling.log_interval)
        snapshot = reader.read(
            log_tail(job.id), math.inf if job.is_terminal else interval, newer_than=newer_than
        )
        # A container of its own: elements that come and go above the text area would make the
        # browser rebuild it and lose the scroll position.
        notices = st.container(key="log-notices")
        tail = snapshot.data
        if tail is None or (tail.reopen_at is not None and not tail.lines):
            with notices:
                placeholder("log", snapshot)
            return
        self._tail = tail
        self.reading.see(tail)
        if sentence := log_message(job, tail, datetime.now(UTC)):
            notices.caption(sentence)
        if self.reading.is_reloaded:
            notices.caption(reload_message(tail))
        if tail.lines:
            provenance = log_origin(self._server, job, reader.seen_at(snapshot.fetched_at))
            self._draw_lines(reader, job, tail, settings, notices, provenance)

    def _draw_lines(
        self,
        reader: Reader,
        job: JobDetail,
        tail: LogTail,
        settings: LogSettings,
        notices: DeltaGenerator,
        provenance: Provenance,
    ) -> None:
        pattern, problem = valid_pattern(settings)
        search = self.reading.search(reader, tail, pattern) if pattern else None
        with notices:
            self._follow_request(tail, settings)
        stretch = self.reading.visible_lines(reader, tail, settings.size)
        if stretch is None and self._content is not None and not self.reading.is_incomplete:
            # Keep the lines on screen until then, so that nothing jumps.
            state = self._state(settings, tail, self._stretch, search, problem)
            log_area(self._content, None, state, self._note_request)
            self._draw_footer(reader, tail, search, provenance, is_loading=True)
            return
        if stretch is None:
            notices.caption(
                "These lines are gone: the log was truncated on the server."
                if self.reading.is_incomplete
                else self._loading_words()
            )
            stretch = LineRange((), 1)
        if search is not None and search.ended_early == TOO_SLOW:
            pattern = None
        self._style = RowStyle(
            settings.timestamps, zone(st.context.timezone), job.started_at, pattern
        )
        content, news = self._to_send(settings, tail, stretch, search)
        state = self._state(settings, tail, stretch, search, problem)
        log_area(content, news, state, self._note_request)
        self._draw_footer(reader, tail, search, provenance)

    def _state(
        self,
        settings: LogSettings,
        tail: LogTail,
        stretch: LineRange,
        search: LogSearch | None,
        problem: str | None,
    ) -> LogState:
        loaded = stretch
        if self.reading.window is None and tail.start < stretch.first - 1:
            loaded = LineRange(tail.lines, tail.start + 1)
        # Written lines never change, except that the last one may have been incomplete.
        key = (tail.epoch, loaded.first, loaded.last, loaded.lines[-1:])
        if key != self._outlined:
            self._outlined, self._outline = key, outline(loaded.lines, loaded.first)
        shown = (
            None
            if search is None
            else search_state(settings.find, search, is_stopped=self.reading.is_stopped)
        )
        if problem:
            shown = SearchState(settings.find, None, note=f"⚠ {problem}")
        return log_state(self.reading.job_id, self._outline, shown)

    def _loading_words(self) -> str:
        if self.reading.is_failing:
            return "Lines unavailable: no response from VPO. Retrying …"
        return "Loading lines …"

    def _draw_footer(
        self,
        reader: Reader,
        tail: LogTail,
        search: LogSearch | None,
        provenance: Provenance,
        *,
        is_loading: bool = False,
    ) -> None:
        with st.container(key="log-ways", horizontal=True, vertical_alignment="center"):
            if self._content is not None and self._content.kind == "lines":
                self._page_buttons(self._stretch)
            matching = search.matching_lines() if search else None
            self._downloads.draw(reader, tail, matching, provenance)
            if is_loading:
                st.caption(self._loading_words(), width="content")

    def _news(self, tail: LogTail) -> LogNews | None:
        """The lines that the browser lacks; None if all rows must be sent again.

        Even without new lines it contains the number of the next line, so that the browser notices
        if it has missed any.
        """
        content = self._content
        if content is None or tail.epoch != self._epoch:
            return None
        index = self._sent_to - 1 - tail.start  # of the last line sent
        is_half = 0 <= index < len(tail.lines) and tail.lines[index] != self._sent_last
        first = self._sent_to + (not is_half)  # a line sent in part is sent again
        if content.follows and tail.end >= first and first <= tail.start:
            return None
        lines = tail.lines[max(0, first - 1 - tail.start) :] if content.follows else ()
        rows = tuple(log_rows(lines, first, self._style))
        return LogNews(content.gen, tail.total_lines, first, rows)

    def _remember_sent(self, tail: LogTail) -> None:
        self._epoch = tail.epoch
        self._sent_to, self._sent_last = tail.end, tail.lines[-1] if tail.lines else ""

    def _newest(self) -> LogTail:
        """The newest known lines, also if they are not drawn."""
        return self._tail or LogTail()

    def _last_stretch(self, tail: LogTail, size: int) -> LineRange:
        """The lines on screen now: those last drawn plus those sent since."""
        drawn = self._stretch
        above = drawn.lines[: max(0, tail.start + 1 - drawn.first)]
        return LineRange((*above, *tail.lines), tail.start + 1 - len(above)).bounded(size)

    def _to_send(
        self,
        settings: LogSettings,
        tail: LogTail,
        stretch: LineRange,
        search: LogSearch | None,
    ) -> tuple[LogContent, LogNews | None]:
        """The content, and new lines if the browser has that content already."""
        matching = search if settings.only_matching else None
        follows = matching is None and self.reading.window is None
        key = (
            settings,
            self._style,
            tail.epoch,
            self.reading.window,
            self.reading.has_before,
            bool(stretch.lines),
            None if matching is None else matching.matches,
            self._turn,
        )
        self._stretch, had_pages = stretch, self._has_pages
        self._has_pages = tail.end > settings.size
        news = self._news(tail)
        is_same = key == self._key and had_pages == self._has_pages and not needs_resend()
        self._key = key
        self._remember_sent(tail)
        if self._content is not None and is_same and news is not None:
            return self._content, news
        rows = (
            log_rows(stretch.lines, stretch.first, self._style)
            if matching is None
            else rows_around(matching.lines, matching.matches, settings.context, self._style)
        )[-settings.size :]
        self._content = LogContent(
            gen=self._content.gen + 1 if self._content else time.monotonic_ns() // 1_000_000,
            job=self.reading.job_id,
            find=settings.find,
            rows=tuple(rows),
            end=tail.end,
            total=tail.total_lines,
            limit=settings.size,
            follows=follows,
            kind="lines" if matching is None else "matches",
            wrap=settings.wrap,
            numbers=settings.numbers,
            newest_first=settings.newest_first,
            target=self._target,
            turn=self._turn,
        )
        return self._content, None

    def _follow_request(self, tail: LogTail, settings: LogSettings) -> None:
        """Do what the viewer has requested, or go to the line in the URL."""
        request, self._requested = self._requested, {}
        if not self._is_opened:
            self._is_opened = True
            if self._target is not None and self._target > tail.end:
                st.caption(
                    f"Line {count(self._target)} not found: the log has {count(tail.end)} lines."
                )
                self._target = None
            elif self._target is not None and tail.end > settings.size:
                self.reading.show(tail, self._target, settings.size)
        elif request.get("to") == "end":
            self._to_end()
        elif request.get("to") == "line":
            self._show(tail, int(request["line"]), settings.size)
        elif request.get("to") == "stop":
            self.reading.stop_search()

    def _note_request(self, request: dict[str, Any]) -> None:
        """Keep a request until the next drawing, as this run may be of another part."""
        self._requested = request

    def _show(self, tail: LogTail, line: int, size: int) -> None:
        self.reading.show(tail, line, size)
        self._target, self._turn = line, self._turn + 1

    def _to_end(self) -> None:
        self.reading.follow_end()
        self._target = None
        st.query_params.pop("line", None)

    def _page_buttons(self, stretch: LineRange) -> None:
        """Draw the buttons to other lines, if not all are on screen."""
        if not self._has_pages:
            return
        is_first, is_newest = stretch.first <= 1, self.reading.window is None
        for label, key, turn, is_here in (
            ("First lines", "log-first", self._to_first, is_first),
            ("Earlier lines", "log-earlier", self._to_earlier, is_first),
            ("Later lines", "log-later", self._to_later, is_newest),
            ("Newest lines", "log-newest", self._to_end, is_newest),
        ):
            st.button(label, disabled=is_here, key=key, on_click=turn)

    def _to_first(self) -> None:
        self._turn_to(0, 1)

    def _to_earlier(self) -> None:
        shown = self._shown()
        self._turn_to(shown.first - 1 - self._limit(), shown.first)

    def _to_later(self) -> None:
        shown = self._shown()
        if shown.last >= self._newest().end:
            self._to_end()
        else:
            self._turn_to(shown.last, shown.last)

    def _shown(self) -> LineRange:
        """The range of lines on screen now."""
        if self.reading.window is not None:
            return self._stretch
        return self._last_stretch(self._newest(), self._limit())

    def _limit(self) -> int:
        return self._content.limit if self._content else 0

    def _turn_to(self, start: int, edge: int) -> None:
        """Go to another page, with the line at the edge of this one highlighted."""
        self.reading.begin_at(self._newest(), start, self._limit())
        first, last = self.reading.window or (0, 0)
        self._target = min(max(edge, first + 1), last)
        self._turn += 1
