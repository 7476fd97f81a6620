"""Suspicions as sentences that say what was seen and what to do."""

from datetime import timedelta

from vpo_monitor.insight.estimates.problems import Problem, ProblemKind
from vpo_monitor.insight.formatting import duration

START_WORKER_COMMAND = "vpo jobs start"
"""The command that starts one, at VPO's machine."""
NO_JOBS = "There are no jobs yet. On VPO's machine, create a first one with: vpo scan"
"""What to say of a server that has never had any: VPO itself names this command to begin with."""


def problem_text(problem: Problem | None) -> str:
    """What may be wrong with a job; empty where nothing is."""
    if problem is None:
        return ""
    lasts = _minutes(problem.lasts)
    match problem.kind:
        case ProblemKind.STALLED:
            return f"Possibly stalled: its percent has not moved for {lasts}."
        case ProblemKind.ABANDONED:
            return (
                f"Possibly abandoned: the server has had no worker for {lasts}. "
                "A job started from the command line has none either."
            )
    return "Longer than usual: each similar job that is known was done by now."


def no_worker_text(lasts: timedelta) -> str:
    """That jobs wait and nothing works at them, and what starts a worker."""
    return (
        f"No worker is running: jobs have been waiting for {_minutes(lasts)} and none is taken. "
        f"On VPO's machine, start one with: {START_WORKER_COMMAND}"
    )


def _minutes(lasts: timedelta) -> str:
    """A time to one unit, as what is suspected is not exact."""
    return duration(lasts).rsplit(" ", 2)[0] if lasts >= timedelta(minutes=1) else duration(lasts)
