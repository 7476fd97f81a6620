"""A card for each running job: progress, remaining time and ETA."""

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import Any

from vpo_monitor.analysis.estimates import estimate_text
from vpo_monitor.analysis.estimates.problems import problem_text
from vpo_monitor.analysis.estimates.running_job import RunningJob
from vpo_monitor.analysis.formatting import NO_FILE, display_name
from vpo_monitor.analysis.number_format import count, percent
from vpo_monitor.analysis.progress import whole_percent
from vpo_monitor.plain_text import LONGEST_NAME, plain_line
from vpo_monitor.views.cards import cards_component
from vpo_monitor.views.navigation import target


def running_cards(
    jobs: Sequence[RunningJob], *, seen_at: datetime, age: float | None, zone: tzinfo
) -> None:
    """Draw a card for each job as of `seen_at` (UTC, this app's clock), `age` seconds ago.

    With `age` None the data is too old to keep counting elapsed times.
    """
    shown = [_card(job, seen_at, age, zone) for job in jobs]
    cards_component(key="running-cards", data={"layout": "running", "jobs": shown})


def _card(job: RunningJob, seen_at: datetime, age: float | None, zone: tzinfo) -> dict[str, Any]:
    kind = [job.job.job_type, job.record.policy_name or ""]
    return {
        "id": job.job.id,
        "target": target("job", {"id": job.job.id}),
        "file": display_name(job.job.file_path, NO_FILE),
        "path": plain_line(job.job.file_path),
        "kind": plain_line(" · ".join(filter(None, kind)), LONGEST_NAME),
        "percent": job.percent,
        "elapsed": None if job.elapsed is None else round(job.elapsed + (age or 0.0), 1),
        "counts": age is not None,
        "elapsed_note": "start unknown" if job.elapsed is None else "",
        **estimates(job, seen_at, zone),
        "speeds": job.speeds,
        "speed": _speed(job.speeds),
    }


def estimates(job: RunningJob, seen_at: datetime, zone: tzinfo) -> dict[str, Any]:
    """Return what a card says of the progress and how long the job will take."""
    remaining_texts, eta_texts = ("", ""), ("", "")
    if job.remaining is not None:
        remaining_texts = (
            estimate_text.remaining_text(job.remaining),
            estimate_text.remaining_range(job.remaining),
        )
        eta_texts = (
            estimate_text.eta_text(job.remaining, seen_at, zone),
            estimate_text.eta_range(job.remaining, seen_at, zone),
        )
    return {
        "progress": _progress_text(job),
        "remaining": remaining_texts,
        "eta": eta_texts,
        "ground": estimate_text.basis_text(job),
        "suspicion": problem_text(job.problem),
    }


def _progress_text(job: RunningJob) -> str:
    """Describe the progress; a percentage only if the server has reported one."""
    counted = "" if job.counted is None else " of ".join(map(count, job.counted))
    if job.percent is not None:
        return percent(whole_percent(job.percent)) + (f" · {counted}" if counted else "")
    return counted or "Progress not reported"


def _speed(speeds: Sequence[float]) -> str:
    return f"Speed: {percent(speeds[-1], 1)} per minute" if speeds else ""
