"""Describe problems, with what was observed and what to do."""

from datetime import timedelta

from vpo_monitor.insight.estimates.problems import Problem, ProblemKind
from vpo_monitor.insight.formatting import duration

START_WORKER_COMMAND = "vpo jobs start"
"""The command that starts a worker on VPO's machine."""
NO_JOBS = "No jobs yet. To create the first one, run this on the VPO machine: vpo scan"
"""The message for a server without any jobs, with the command that VPO suggests as a first step."""


def problem_text(problem: Problem | None) -> str:
    """Describe the problem of a job; empty if there is none."""
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
    """Describe that jobs are queued without an active worker, and how to start one."""
    return (
        f"No active workers. Jobs have been queued for {_minutes(lasts)}. "
        f"To start a worker, run this on the VPO machine: {START_WORKER_COMMAND}"
    )


def _minutes(lasts: timedelta) -> str:
    """Format a duration in one unit, because problems are not exact."""
    return duration(lasts).rsplit(" ", 2)[0] if lasts >= timedelta(minutes=1) else duration(lasts)
