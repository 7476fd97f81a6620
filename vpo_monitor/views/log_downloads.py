"""Download a log, or its matching lines, as a text file."""

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import streamlit as st

from vpo_monitor.analysis.exports.provenance import Provenance
from vpo_monitor.analysis.number_format import count, size
from vpo_monitor.analysis.reader import Reader
from vpo_monitor.api.models import JobDetail
from vpo_monitor.api.server import Server
from vpo_monitor.polling.log_copy import LogCopy, log_copy
from vpo_monitor.polling.log_tail import LogTail

_MIME = "text/plain; charset=utf-8"


class LogDownloads:
    """Downloads of one viewer's log; the full log is fetched only on request.

    All viewers share one copy of a log. The browser itself saves the lines on screen. The files are
    passed to Streamlit ready-made: files made on click may be deleted before the browser has
    fetched them, as Streamlit cleans up at the second page run of any viewer.
    """

    def __init__(self, job_id: str) -> None:
        self._job_id = job_id
        self._wanted: tuple[int, int] | None = None
        self._fetched: tuple[LogCopy, datetime] | None = None

    def draw(
        self, reader: Reader, tail: LogTail, matching: Sequence[str] | None, provenance: Provenance
    ) -> None:
        """Draw the download menu; `provenance` describes the newest lines."""
        with st.popover("Download", icon=":material/download:", key="log-download"):
            if matching is not None:
                st.download_button(
                    "Matching lines",
                    "".join(f"{line}\n" for line in matching).encode(),
                    provenance.narrowed("matches").file_name("txt"),
                    _MIME,
                    key="log-download-matches",
                    on_click="ignore",
                    disabled=not matching,
                    width="stretch",
                )
            self._whole(reader, tail, provenance)

    def _whole(self, reader: Reader, tail: LogTail, provenance: Provenance) -> None:
        epoch, end = self._wanted or (tail.epoch, 0)
        if epoch == tail.epoch and end:
            query = log_copy(self._job_id, epoch)
            snapshot = reader.peek(query, math.inf)
            copy = snapshot.data or LogCopy()
            is_enough = copy.is_full or copy.is_short or copy.end >= end
            if copy.is_done and not is_enough:  # another viewer's, from before the log grew
                reader.peek(query, reader.polling.log_interval)
            if not copy.is_done or not is_enough:
                of = max(end, copy.total_lines)
                st.progress(
                    copy.end / of, text=f"Fetching … {count(copy.end)} of {count(of)} lines"
                )
                st.button("Stop", key="log-copy-stop", on_click=self._end, width="stretch")
                return
            if copy.is_full:
                st.caption(f"Size limit reached: this file has the first {count(copy.end)} lines.")
            if copy.is_short:
                st.caption(f"Log truncated on the server: this file has {count(copy.end)} lines.")
            at = self._fetched_at(copy, reader.seen_at(snapshot.fetched_at))
            st.download_button(
                f"All {count(copy.end)} lines ({size(copy.size)})",
                copy.read(),
                replace(provenance, fetched_at=at).file_name("txt"),
                _MIME,
                key="log-download-all",
                on_click="ignore",
                width="stretch",
            )
            end = max(end, copy.end)
        if epoch != tail.epoch or end < tail.end:
            st.button(
                f"Fetch all {count(tail.end)} lines",
                key="log-copy",
                on_click=self._begin,
                args=(tail,),
                width="stretch",
            )

    def _fetched_at(self, copy: LogCopy, fetched_at: datetime) -> datetime:
        """When this copy was fetched, unchanged between redraws."""
        if self._fetched is None or self._fetched[0] != copy:
            self._fetched = (copy, fetched_at)
        return self._fetched[1]

    def _begin(self, tail: LogTail) -> None:
        self._wanted = (tail.epoch, tail.end)

    def _end(self) -> None:
        self._wanted = self._fetched = None


def log_origin(server: Server, job: JobDetail, fetched_at: datetime) -> Provenance:
    """Return the provenance of files with lines of a job's log."""
    return Provenance(server, fetched_at, "log", {"job_id": job.id}, (job.job_type, job.id[:8]))
