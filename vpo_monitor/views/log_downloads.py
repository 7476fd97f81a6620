"""A log, or a part of it, as a text file."""

import math
from collections.abc import Callable, Sequence

import streamlit as st

from vpo_monitor.api.models import JobDetail
from vpo_monitor.insight.reader import Reader
from vpo_monitor.insight.wording import ascii_name, size
from vpo_monitor.polling.log_copy import LogCopy, log_copy
from vpo_monitor.polling.log_tail import LogTail

Texts = Callable[[], Sequence[str]]
_MIME = "text/plain; charset=utf-8"


class LogDownloads:
    """The downloads of one viewer's log; the whole of it is fetched only when asked for."""

    def __init__(self, job_id: str) -> None:
        self._job_id = job_id
        self._copy_of: tuple[int, int] | None = None

    def draw(
        self,
        reader: Reader,
        job: JobDetail,
        tail: LogTail,
        *,
        on_screen: Texts,
        matching: Texts | None,
    ) -> None:
        """Draw the ways to take the log along; the texts are those of the moment of a click."""
        parts = [("What is on screen", on_screen, "part")]
        if matching is not None:
            parts.append(("Matching lines", matching, "matches"))
        with st.popover("Download", icon=":material/download:", key="log-download"):
            for label, texts, part in parts:
                st.download_button(
                    label,
                    _later(texts),
                    _file_name(job, part),
                    _MIME,
                    key=f"log-download-{part}",
                    on_click="ignore",
                    width="stretch",
                )
            self._whole(reader, job, tail)

    def _whole(self, reader: Reader, job: JobDetail, tail: LogTail) -> None:
        epoch, end = self._copy_of or (tail.epoch, 0)
        if epoch == tail.epoch and end:
            copy = reader.peek(log_copy(self._job_id, end, epoch), math.inf).data or LogCopy(end)
            if not copy.is_done:
                st.progress(copy.end / end, text=f"Fetched {copy.end:,} of {end:,} lines")
                st.button("Stop", key="log-copy-stop", on_click=self._end, width="stretch")
                return
            if copy.is_full:
                st.caption(f"The log is very large: these are its first {copy.end:,} lines.")
            if copy.is_short:
                st.caption(f"The log became shorter: these are its {copy.end:,} lines.")
            st.download_button(
                f"All {copy.end:,} lines ({size(copy.size)})",
                copy.read,
                _file_name(job, "log"),
                _MIME,
                key="log-download-all",
                on_click="ignore",
                width="stretch",
            )
        if epoch != tail.epoch or end < tail.end:
            st.button(
                f"Fetch all {tail.end:,} lines",
                key="log-copy",
                on_click=self._begin,
                args=(tail,),
                width="stretch",
            )

    def _begin(self, tail: LogTail) -> None:
        self._copy_of = (tail.epoch, tail.end)

    def _end(self) -> None:
        self._copy_of = None


def _later(texts: Texts) -> Callable[[], bytes]:
    return lambda: "".join(f"{line}\n" for line in texts()).encode()


def _file_name(job: JobDetail, part: str) -> str:
    return f"vpo-{ascii_name(job.job_type, 'job')}-{ascii_name(job.id[:8], 'x')}-{part}.txt"
