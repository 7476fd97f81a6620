"""How jobs end: what a VPO writes into the job, the statistics and the library."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import PurePosixPath
from random import Random
from typing import Any

from .sample_media import FAILURES, SCAN_FAILURE, MediaFile
from .store import ScanError, Store

KEPT_SHARE = 0.6
"""Of its size a file keeps after a transcode, about what HEVC does to H.264."""


@dataclass(frozen=True)
class Work:
    """A job with what it works on."""

    job_id: str
    job_type: str
    policy: str
    media: MediaFile
    started_at: datetime


@dataclass(frozen=True)
class JobResult:
    """The fields that an ended job gets."""

    status: str
    error_message: str | None = None
    summary: str | None = None
    summary_raw: Mapping[str, Any] | None = None
    output_path: str | None = None
    scan_errors: list[ScanError] = field(default_factory=list)


def decide(work: Work, random: Random, *, fails: bool) -> JobResult:
    """How a job ends, with the words that a VPO would use."""
    path, name = work.media.path, PurePosixPath(work.media.path).name
    if fails:
        return JobResult("failed", error_message=random.choice(FAILURES).format(path=path))
    match work.job_type:
        case "scan":
            total, broken = random.randint(40, 900), random.choice((0, 0, 1, 2))
            raw = {"total_discovered": total, "scanned": total, "skipped": 0, "added": total // 9}
            raw |= {"removed": 0, "errors": broken}
            summary = f"Scanned {total} files, {total // 9} new" + (
                f", {broken} errors" if broken else ""
            )
            spoiled = [f"/srv/media/movies/broken {number}.mp4" for number in range(broken)]
            errors: list[ScanError] = [
                {"path": file, "error": SCAN_FAILURE.format(path=file)} for file in spoiled
            ]
            return JobResult("completed", summary=summary, summary_raw=raw, scan_errors=errors)
        case "apply":
            raw_apply = {
                "policy_name": work.policy,
                "files_affected": 1,
                "actions_applied": ["reorder", "set_default"],
            }
            summary = f"Applied policy '{work.policy}' to 1 files (reorder, set_default)"
            return JobResult("completed", summary=summary, summary_raw=raw_apply)
        case "move":
            raw_move = {
                "source_path": path,
                "destination_path": "/srv/media/sorted/",
                "size_bytes": work.media.size_bytes,
            }
            size = f"{work.media.size_bytes / 2**30:.1f} GB"
            summary = f"Moved {name} → /srv/media/sorted/ ({size})"
            return JobResult("completed", summary=summary, summary_raw=raw_move)
        case "transcode":
            return JobResult("completed", output_path=f"{path.removesuffix('.mkv')}.transcoded.mkv")
        case "prune":
            return JobResult("completed", summary_raw={"files_pruned": random.randint(0, 9)})
    return JobResult("completed", summary_raw={"phases_completed": 1, "total_changes": 2})


def record(store: Store, work: Work, result: JobResult, now: datetime) -> None:
    """Write an ended job with its statistics and library entry."""
    with store.transaction():
        store.update_job(
            work.job_id,
            status=result.status,
            completed_at=now,
            progress_percent=100.0 if result.status == "completed" else 0.0,
            error_message=result.error_message,
            summary=result.summary,
            summary_raw=result.summary_raw,
            output_path=result.output_path,
        )
        if result.scan_errors:
            store.add_scan_errors(work.job_id, result.scan_errors)
        if work.job_type in ("process", "transcode"):
            _record_processing(store, work, result, now)


def _record_processing(store: Store, work: Work, result: JobResult, now: datetime) -> None:
    size = work.media.size_bytes
    success = result.status == "completed"
    smaller = int(size * KEPT_SHARE) if success else size
    store.statistics.add(
        processed_at=now,
        policy_name=work.policy,
        size_before=size,
        size_after=smaller,
        duration_seconds=(now - work.started_at) / timedelta(seconds=1),
        success=success,
        error_message=result.error_message,
        encoder_type="software",
        video_transcoded=success and work.job_type == "transcode",
    )
    store.library.add(work.media, work.started_at)
    if success:
        store.library.rewrite(work.media.path, smaller, "hevc", now)
