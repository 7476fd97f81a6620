"""A log, or a part of it, as a text file."""

import math

import streamlit as st

from vpo_monitor.api.models import JobDetail
from vpo_monitor.insight.log_reading import Stretch
from vpo_monitor.insight.reader import Reader
from vpo_monitor.insight.wording import size
from vpo_monitor.polling.log_copy import LogCopy, log_copy
from vpo_monitor.polling.log_search import LogSearch
from vpo_monitor.polling.log_tail import LogTail

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
        stretch: Stretch,
        search: LogSearch | None,
    ) -> None:
        """Draw the ways to take the log along."""
        with st.popover("Download", icon=":material/download:", key="log-download"):
            st.download_button(
                "What is on screen",
                lambda: _text(stretch.lines),
                _file_name(job, "part"),
                _MIME,
                key="log-download-shown",
                on_click="ignore",
                width="stretch",
            )
            if search is not None:
                numbers = set(search.matches)
                st.download_button(
                    "Matching lines",
                    lambda: _text([line for number, line in search.lines if number in numbers]),
                    _file_name(job, "matches"),
                    _MIME,
                    key="log-download-matches",
                    on_click="ignore",
                    width="stretch",
                )
            self._whole(reader, job, tail)

    def _whole(self, reader: Reader, job: JobDetail, tail: LogTail) -> None:
        if self._copy_of is None:
            st.button(
                f"Fetch all {tail.end:,} lines",
                key="log-copy",
                on_click=self._begin,
                args=(tail,),
                width="stretch",
            )
            return
        epoch, end = self._copy_of
        copy = reader.read(log_copy(self._job_id, end, epoch), math.inf).data or LogCopy(end)
        if not copy.is_done:
            st.progress(copy.end / max(1, end), text=f"Fetched {copy.end:,} of {end:,} lines")
            st.button("Stop", key="log-copy-stop", on_click=self._end, width="stretch")
            return
        if copy.is_full:
            st.caption(f"The log is very large: these are its first {copy.end:,} lines.")
        st.download_button(
            f"All {copy.end:,} lines ({size(copy.size)})",
            copy.read,
            _file_name(job, "log"),
            _MIME,
            key="log-download-all",
            on_click="ignore",
            width="stretch",
        )

    def _begin(self, tail: LogTail) -> None:
        self._copy_of = (tail.epoch, tail.end)

    def _end(self) -> None:
        self._copy_of = None


def _text(lines: "list[str] | tuple[str, ...]") -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def _file_name(job: JobDetail, part: str) -> str:
    kind = "".join(letter for letter in job.job_type if letter.isascii() and letter.isalnum())
    return f"vpo-{kind or 'job'}-{job.id[:8]}-{part}.txt"
