"""Suspicions as sentences that say what was seen and what to do."""

from datetime import timedelta

from vpo_monitor.insight.estimates.problems import Problem, ProblemKind
from vpo_monitor.insight.formatting import duration

START_WORKER_COMMAND = "vpo jobs start"
"""The command that starts one, at VPO's machine."""
NO_JOBS = "No jobs yet. To create the first one, run this on the VPO machine: vpo scan"
"""What to say of a server that has never had any: VPO itself names this command to begin with."""


def problem_text(problem: Problem | None) -> str:
    """What may be wrong with a job; empty where nothing is."""
    if problem is None:
        return ""
    lasts = _minutes(problem.lasts)
    match problem.kind:
        case ProblemKind.STALLED:
            return f"Possibly stalled: no progress for {lasts}."
        case ProblemKind.ABANDONED:
            return (
                f"Possibly abandoned: no active workers for {lasts}. "
                "Jobs started from the command line run without a worker, too."
            )
    return "Running longer than every similar job so far."


def no_worker_text(lasts: timedelta) -> str:
    """That jobs wait and nothing works at them, and what starts a worker."""
    return (
        f"No active workers. Jobs have been queued for {_minutes(lasts)}. "
        f"To start a worker, run this on the VPO machine: {START_WORKER_COMMAND}"
    )


def _minutes(lasts: timedelta) -> str:
    """A time to one unit, as what is suspected is not exact."""
    return duration(lasts).rsplit(" ", 2)[0] if lasts >= timedelta(minutes=1) else duration(lasts)
