"""The logs of the demo's jobs, computed from the job alone: nothing is stored."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

_SEPARATOR = "=" * 60
_BUFFERED_LINES = 100
"""VPO writes the log of a running job in blocks of this many lines."""
_LINES_PER_SECOND = 20
_FRAMES_PER_SECOND = 48
_WARNING = "\x1b[33mWARNING\x1b[0m: non-monotonous DTS in output stream 0:1"
_ERROR = "\x1b[31mERROR\x1b[0m: track 3 has no language"


def log_lines(
    job: Mapping[str, Any], now: datetime, report: Mapping[str, Any] = MappingProxyType({})
) -> list[str]:
    """Return the lines of a job's log that VPO has written by now.

    `job` has the fields of the job's detail, `report` those of the report of its file, if it has
    one.
    """
    if job["started_at"] is None:
        return []
    started = datetime.fromisoformat(job["started_at"])
    ended = datetime.fromisoformat(job["completed_at"]) if job["completed_at"] else None
    seconds = max(0.0, ((ended or now) - started).total_seconds())
    is_process = job["job_type"] == "process"
    lines = [_line(started, text) for text in _opening(job)]
    if job["job_type"] == "transcode":
        lines += [
            _line(started + timedelta(seconds=number / _LINES_PER_SECOND), _progress(number))
            for number in range(int(seconds * _LINES_PER_SECOND))
        ]
    if ended is None:
        return lines[: len(lines) // _BUFFERED_LINES * _BUFFERED_LINES]
    closing = _phases(seconds, report) if is_process and job["status"] == "completed" else []
    closing += [] if job["error_message"] is None else [f"ERROR: {job['error_message']}"]
    if not is_process:
        outcome = "SUCCESS" if job["status"] == "completed" else "FAILED"
        closing += [_SEPARATOR, f"JOB END: {outcome}", f"Duration: {seconds:.2f}s", _SEPARATOR]
    lines += [_line(ended, text) for text in closing]
    return "\n".join(lines).splitlines()


def _opening(job: Mapping[str, Any]) -> list[str]:
    if job["job_type"] == "process":
        return ["Workflow phases: tracks, compress"]
    return [
        _SEPARATOR,
        f"JOB START: {job['id']}",
        f"Type: {job['job_type']}",
        f"File: {job['file_path']}",
        f"policy: {job['policy_name']}",
        _SEPARATOR,
    ]


def _progress(number: int) -> str:
    """Return a line such as ffmpeg prints; now and then a warning, rarely a harmless error."""
    if number % 701 == 350:
        return _ERROR
    if number % 83 == 40:
        return _WARNING
    frame = number * _FRAMES_PER_SECOND
    return f"frame={frame} fps={_FRAMES_PER_SECOND} q=28.0 size={frame * 41}KiB speed=1.9x"


def _phases(seconds: float, report: Mapping[str, Any]) -> list[str]:
    """Return what VPO writes at the end of both phases, in line with the report of the file."""
    reason = report.get("video_skip_reason")
    removed = report.get("audio_tracks_removed", 1) + report.get("subtitle_tracks_removed", 0)
    transcoded = [
        f"  Video: {report.get('video_source_codec', 'h264')} -> hevc",
        f"  Encoder: {report.get('encoder_type', 'software')}",
        f"  Speed: {_FRAMES_PER_SECOND}.0 fps",
    ]
    return [
        f"Phase tracks: OK ({removed} changes, 0.1s)",
        "  Operations: audio_filter, subtitle_filter",
        "  Completed 2 operation(s)",
        f"Phase compress: OK ({0 if reason else 1} changes, {max(0.0, seconds - 0.1):.1f}s)",
        "  Operations: transcode",
        *([f"  Transcode skipped: {reason}"] if reason else transcoded),
        "  Completed 1 operation(s)",
    ]


def _line(moment: datetime, text: str) -> str:
    return f"[{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z] {text}"
