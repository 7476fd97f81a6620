"""What a job prints into its log, line by line."""

from datetime import UTC, datetime
from random import Random

from .job_results import KEPT_SHARE, JobResult, Work

_SEPARATOR = "=" * 60
_WARNING_SHARE = 1 / 80
_ERROR_SHARE = 1 / 800
_WARNING = "\x1b[33mWARNING\x1b[0m: non-monotonous DTS in output stream 0:1"
_ERROR = "\x1b[31mERROR\x1b[0m: track {number} has no language"
_FRAMES = 144_000


def opening_lines(work: Work) -> list[str]:
    """The first lines of a job's log."""
    texts = (
        _SEPARATOR,
        f"JOB START: {work.job_id}",
        f"Type: {work.job_type}",
        f"File: {work.media.path}",
        f"policy: {work.policy}",
        _SEPARATOR,
    )
    return [_line(work.started_at, text) for text in texts]


def progress_line(work: Work, moment: datetime, share: float, random: Random) -> str:
    """A line as ffmpeg prints while it works; now and then a warning, rarely a harmless error."""
    chance = random.random()
    if chance < _ERROR_SHARE:
        return _line(moment, _ERROR.format(number=random.randint(1, 9)))
    if chance < _WARNING_SHARE:
        return _line(moment, _WARNING)
    written = int(work.media.size_bytes * share * KEPT_SHARE / 1024)
    frame = int(_FRAMES * share)
    return _line(moment, f"frame={frame} fps=48 q=28.0 size={written}KiB speed=1.9x")


def closing_lines(work: Work, result: JobResult, now: datetime) -> list[str]:
    """The last lines of a job's log."""
    word = "SUCCESS" if result.status == "completed" else "FAILED"
    texts = [] if result.error_message is None else [f"ERROR: {result.error_message}"]
    texts += [_SEPARATOR, f"JOB END: {word}"]
    texts += [f"Duration: {(now - work.started_at).total_seconds():.2f}s", _SEPARATOR]
    return [_line(now, text) for text in texts]


def _line(moment: datetime, text: str) -> str:
    return f"[{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z] {text}"
