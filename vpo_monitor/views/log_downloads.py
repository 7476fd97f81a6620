"""A log, or a part of it, as a text file."""

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import streamlit as st

from vpo_monitor.api.models import JobDetail
from vpo_monitor.api.server import Server
from vpo_monitor.insight.exports.origin import Origin
from vpo_monitor.insight.numerals import count, size
from vpo_monitor.insight.reader import Reader
from vpo_monitor.polling.log_copy import LogCopy, log_copy
from vpo_monitor.polling.log_tail import LogTail

_MIME = "text/plain; charset=utf-8"


class LogDownloads:
    """The downloads of one viewer's log; the whole of it is fetched only when asked for.

    What is on screen is saved by the browser itself. These files are given to Streamlit as they
    are: what it makes only on a click may be gone before the browser has fetched it, as it is
    cleared away when the second page of whichever viewer is drawn.
    """

    def __init__(self, job_id: str) -> None:
        self._job_id = job_id
        self._copy_of: tuple[int, int] | None = None
        self._whole_text: tuple[LogCopy, bytes, datetime] | None = None

    def draw(
        self, reader: Reader, tail: LogTail, matching: Sequence[str] | None, origin: Origin
    ) -> None:
        """Draw the ways to take the log along; `origin` is that of its newest lines."""
        with st.popover("Download", icon=":material/download:", key="log-download"):
            if matching is not None:
                st.download_button(
                    "Matching lines",
                    "".join(f"{line}\n" for line in matching).encode(),
                    origin.within("matches").file_name("txt"),
                    _MIME,
                    key="log-download-matches",
                    on_click="ignore",
                    disabled=not matching,
                    width="stretch",
                )
            self._whole(reader, tail, origin)

    def _whole(self, reader: Reader, tail: LogTail, origin: Origin) -> None:
        epoch, end = self._copy_of or (tail.epoch, 0)
        if epoch == tail.epoch and end:
            snapshot = reader.peek(log_copy(self._job_id, end, epoch), math.inf)
            copy = snapshot.data or LogCopy(end)
            if not copy.is_done:
                st.progress(copy.end / end, text=f"Fetched {count(copy.end)} of {count(end)} lines")
                st.button("Stop", key="log-copy-stop", on_click=self._end, width="stretch")
                return
            if copy.is_full:
                st.caption(f"The log is very large: these are its first {count(copy.end)} lines.")
            if copy.is_short:
                st.caption(f"The log became shorter: these are its {count(copy.end)} lines.")
            text, at = self._text(copy, reader.seen_at(snapshot.fetched_at))
            st.download_button(
                f"All {count(copy.end)} lines ({size(copy.size)})",
                text,
                replace(origin, fetched_at=at).file_name("txt"),
                _MIME,
                key="log-download-all",
                on_click="ignore",
                width="stretch",
            )
        if epoch != tail.epoch or end < tail.end:
            st.button(
                f"Fetch all {count(tail.end)} lines",
                key="log-copy",
                on_click=self._begin,
                args=(tail,),
                width="stretch",
            )

    def _text(self, copy: LogCopy, fetched_at: datetime) -> tuple[bytes, datetime]:
        """The text and when it came, both the same in each drawing."""
        if self._whole_text is None or self._whole_text[0] is not copy:
            self._whole_text = (copy, copy.read(), fetched_at)
        return self._whole_text[1:]

    def _begin(self, tail: LogTail) -> None:
        self._copy_of = (tail.epoch, tail.end)

    def _end(self) -> None:
        self._copy_of = self._whole_text = None


def log_origin(server: Server, job: JobDetail, fetched_at: datetime) -> Origin:
    """What files with lines of a job's log are of."""
    return Origin(server, fetched_at, "log", {"job_id": job.id}, (job.job_type, job.id[:8]))
