"""Group failed jobs by reason: errors that differ only in file, number or name are one reason."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from vpo_monitor.analysis.formatting import file_name, truncate
from vpo_monitor.history.records import NO_REASON, JobRecord
from vpo_monitor.plain_text import plain_line

_GAP = "…"
_MOST_SIGNS = 400
"""Maximum characters read of an error; the reason is at its beginning."""
_MOST_STEPS = 10_000
"""Cache size in jobs: the default limit of the history."""

# A path begins at a word boundary and may contain blanks. It ends with a file extension, or else at
# the next blank. "and/or" and "N/A" are not paths.
_PATH = re.compile(
    r"""(?:\w+://|(?<![\w.…/<])(?:[A-Za-z]:\\|\\\\|~?/))  # URL, Windows, Unix
    (?:[^'"`:;]{1,200}?\.[A-Za-z0-9]{2,5}(?:\.[A-Za-z0-9]{2,5})*(?=[\s:;,'"`)\]]|$)|[^\s:;,'"`)\]]+)
    """,
    re.VERBOSE,
)
_MEDIA_FILE = re.compile(
    r"[^\s/\\'\"`:]+\.(?:mkv|mp4|m4v|avi|mov|webm|m2ts|ts|wmv|flv|mpe?g|srt|ass|sub|idx|sup|tmp)\b",
    re.IGNORECASE,
)
_UUID = r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"
_ADDRESS = re.compile(rf"\b0x[0-9a-f]+\b|{_UUID}|\b(?=[a-f]*\d)[0-9a-f]{{8,}}\b", re.IGNORECASE)
_MOMENT = re.compile(
    r"\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?)?"
)
# Exit codes are part of the reason, and so is the 265 of libx265.
_NUMBER = re.compile(
    r"(\b(?:code|errno|status|signal|http|error)\b[ :=]*-?\d+)"
    r"|(?<![\w.])[-+]?\d[\d.,:]*(?:\s?(?:%|[kMGT]i?B|B|bytes?|ms|s(?:econds?)?|min(?:utes?)?|h(?:ours?)?)(?!\w))?(?!\w)",
    re.IGNORECASE,
)
# Scan errors name files below the job's folder, which the path pattern matches.
_REST_OF_NAME = re.compile(r"(?![\w.]*[/\\])[\w.]*")
_QUOTED = re.compile(r"(['\"`])(?!…\1)[^'\"`]+\1(?!\w)|“[^”]+”|‘[^’]+’|«[^»]+»")


@dataclass(frozen=True)
class Reason:
    """A reason for failures, with the jobs that failed for it, latest first."""

    text: str
    jobs: tuple[JobRecord, ...]

    @property
    def count(self) -> int:
        """How many jobs failed for this reason."""
        return len(self.jobs)

    @property
    def example(self) -> JobRecord:
        """The job that failed last."""
        return self.jobs[0]

    @property
    def first_seen(self) -> datetime | None:
        """The time of the first failure (UTC), if known."""
        return min((job.completed_at for job in self.jobs if job.completed_at), default=None)

    @property
    def last_seen(self) -> datetime | None:
        """The time of the latest failure (UTC), if known."""
        return self.example.completed_at


def is_known(record: JobRecord) -> bool:
    """Whether VPO has reported why the job failed, or that it has no message."""
    return record.has_detail or bool(record.error)


def reasons(records: Iterable[JobRecord]) -> list[Reason]:
    """Return the reasons of failed jobs, most frequent first, then latest first.

    Jobs whose reason is unknown are left out. The text of a reason is as specific as all its errors
    allow.
    """
    groups: dict[str, list[tuple[tuple[str, ...], JobRecord]]] = defaultdict(list)
    for record in records:
        if is_known(record):
            steps = _steps(record.error or "", record.file_path)
            groups[steps[-1]].append((steps, record))
    found = [_reason(members) for members in groups.values()]
    return sorted(found, key=lambda one: (-one.count, _latest_first(one.example), one.text))


def _reason(members: list[tuple[tuple[str, ...], JobRecord]]) -> Reason:
    variants = zip(*(steps for steps, _ in members), strict=True)
    text = next(texts[0] for texts in variants if len(set(texts)) == 1)
    jobs = sorted((record for _, record in members), key=_latest_first)
    return Reason(text, tuple(jobs))


def _latest_first(record: JobRecord) -> float:
    moment = record.completed_at
    return 0.0 if moment is None else -moment.timestamp()


@lru_cache(_MOST_STEPS)
def _steps(error: str, path: str) -> tuple[str, ...]:
    """Return increasingly general forms of an error; equal reasons have the same last form.

    Cached, because it is the same for all viewers and renders.
    """
    line = truncate(" ".join(plain_line(error).split()), _MOST_SIGNS)
    if not line:
        return (NO_REASON,) * 3
    for own in (path, file_name(path)):
        own_words = " ".join(plain_line(own).split())
        if len(own_words) > 1:
            begin, *rests = line.split(own_words)
            line = begin + "".join(_after_own(own_words, rest) for rest in rests)
    for pattern in (_PATH, _MEDIA_FILE, _ADDRESS, _MOMENT):
        line = pattern.sub(_GAP, line)
    without_numbers = _NUMBER.sub(lambda found: found[1] or _GAP, line)
    return (line, without_numbers, _QUOTED.sub(_GAP, without_numbers).replace(f"'{_GAP}'", _GAP))


def _after_own(own: str, rest: str) -> str:
    """Return a gap instead of the job's own path or file name, and what follows it."""
    name = _REST_OF_NAME.match(rest)
    return own + rest if name is None else _GAP + rest[name.end() :]
