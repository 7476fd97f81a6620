"""What finished jobs did, in words, from reports whose values may be missing or invalid."""

import re
from collections.abc import Iterable
from datetime import timedelta
from functools import lru_cache

from vpo_monitor.analysis import number_format
from vpo_monitor.analysis.locale_formats import NumberFormat
from vpo_monitor.analysis.number_format import count, size, size_unit, viewer_format
from vpo_monitor.api.models import FileRun, JobReport
from vpo_monitor.history.records import NO_REASON, JobRecord, JobResult, error_words
from vpo_monitor.plain_text import plain_line

_SAME_END = timedelta(seconds=3)
LOADING = "…"
_ALREADY = re.compile(r"Already compliant: codec is (\S+)", re.IGNORECASE)
_LONGEST_CODEC = 20
_LONGEST_REASON = 200
_FULL = 100.0
_MOST_PERCENT = 1000.0
"""A change of so many percent or more isn't plausible, and not shown."""
_SHARPEST = 0.05
"""Percent below which one decimal says nothing."""


def result_words(record: JobRecord | None) -> str:
    """Return what a job did, in one line; empty if nothing is known.

    That is the gist of its report, the first line of its error, or of VPO's summary. It is … until
    the details and the report of a finished job are known.
    """
    if record is None or record.status not in ("completed", "failed"):
        return ""
    if record.status == "failed":
        return error_words(record)
    if not record.has_detail:
        return LOADING
    if record.stats_id and record.result is None:
        return LOADING
    words = _stored_gist(record.result, viewer_format()) if record.result else ""
    return words or record.summary or ""


def known_result(record: JobRecord | None) -> str:
    """Return the same, but nothing until it is known."""
    words = result_words(record)
    return "" if words == LOADING else words


@lru_cache(maxsize=2000)
def _stored_gist(text: str, _format: NumberFormat) -> str:
    """Return the gist of a stored result in the viewer's format, as long lists repeat it."""
    result = JobResult.from_json(text)
    return "" if result is None else gist(result)


def gist(result: JobResult) -> str:
    """Return the gist of a report in words, empty if it says nothing: `−42 % · 7.7 → 4.5 MB`."""
    if result.error is not None:
        return result.error or NO_REASON
    before, after = result.size_before, result.size_after
    if result.skip_reason is not None and (before == after or before is None or after is None):
        return f"skipped: {skip_words(result.skip_reason)}" if result.skip_reason else "skipped"
    if before is None or after is None:
        return ""
    if before == after:
        return f"size unchanged · {size(after)}"
    return " · ".join(filter(None, (percent_words(before, after), size_words(before, after))))


def skip_words(reason: str) -> str:
    """Return why a transcode was skipped: VPO's reason, shortened if it is the usual one."""
    already = _ALREADY.fullmatch(reason.strip())
    return f"already {already[1]}" if already else plain_line(reason, _LONGEST_REASON)


def size_words(before: int | None, after: int | None) -> str:
    """Return a size before and after, with its unit once if both have the same one."""
    if before is None or after is None or size_unit(before) != size_unit(after):
        return f"{size(before)} → {size(after)}"
    unit = size_unit(before)[0]
    return f"{size(before).removesuffix(f' {unit}')} → {size(after)}"


def percent_words(before: int | None, after: int | None) -> str:
    """Return the change of a size in percent; empty if it is unknown or not plausible."""
    if not before or after is None:
        return ""
    change = _FULL * (after - before) / before
    if abs(change) >= _MOST_PERCENT:
        return ""
    if 0 < abs(change) < _SHARPEST:
        return f"<{number_format.percent(0.1, 1)}"
    sign = "+" if change > 0 else ""
    return sign + number_format.percent(change, 0 if abs(change) >= 1 or not change else 1)


def saving_words(before: int | None, after: int | None) -> str:
    """Return the change of a size in percent and bytes: `−42 %, 3.2 MB saved`."""
    if before is None or after is None:
        return ""
    if before == after:
        return "unchanged"
    word = "saved" if after < before else "more"
    parts = (percent_words(before, after), f"{size(abs(before - after))} {word}")
    return ", ".join(filter(None, parts))


def codec_words(report: JobReport) -> str:
    """Return the video codec before and after; a dash if it is unknown."""
    codecs = (report.video_source_codec, report.video_target_codec)
    known = [name for one in codecs if (name := plain_line(one or "", _LONGEST_CODEC).strip())]
    return " → ".join(known) or "–"


def encoder_words(report: JobReport) -> str:
    """Return how the video was encoded, or that it was not."""
    if report.video_transcode_skipped:
        return "transcode skipped"
    encoder = plain_line(report.encoder_type or "", _LONGEST_CODEC).strip()
    if encoder:
        return f"{encoder} encoder"
    return "" if report.video_target_codec else "not transcoded"


def removed_words(report: JobReport) -> str:
    """Return the tracks removed, by kind: `1 audio, 2 subtitles`."""
    removed = (
        (report.audio_tracks_removed, "audio", "audio"),
        (report.subtitle_tracks_removed, "subtitle", "subtitles"),
        (report.attachments_removed, "attachment", "attachments"),
    )
    words = (f"{count(n)} {one if n == 1 else many}" for n, one, many in removed if n)
    return ", ".join(words) or "none"


def phases_words(report: JobReport) -> str:
    """Return the phases done of those planned; a dash if both are unknown."""
    done, planned = report.phases_completed, report.phases_total
    if done is None and planned is None:
        return "–"
    return count(done) if planned is None else f"{count(done)} of {count(planned)}"


def jobs_of_runs(runs: Iterable[FileRun], jobs: Iterable[JobRecord]) -> dict[str, str]:
    """Return the id of the job of each run, by the run's id, among the jobs of the same file.

    A job's detail names its report. Other jobs are recognized by their end, which VPO stores just
    after the report.
    """
    known = list(jobs)
    found = {job.stats_id: job.id for job in known if job.stats_id}
    for run in runs:
        for job in known:
            if run.processed_at is None or job.completed_at is None or job.stats_id:
                continue
            if abs(job.completed_at - run.processed_at) < _SAME_END:
                found.setdefault(run.stats_id, job.id)
    return found
