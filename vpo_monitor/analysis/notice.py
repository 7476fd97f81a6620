"""The most important reason why jobs don't move, or this page doesn't."""

from datetime import timedelta

from vpo_monitor.analysis.connection import Report
from vpo_monitor.analysis.estimates.problems import NO_WORKER
from vpo_monitor.analysis.formatting import truncate
from vpo_monitor.api.models import Health
from vpo_monitor.plain_text import plain_line

PAUSED = "Updates are paused. Choose an interval to resume, or press Refresh."
DISABLED = "Polling is disabled in the settings. Press Refresh to update this page."
_LONGEST_ERROR = 120
"""Characters of VPO's error to show."""


def most_important_notice(
    report: Report,
    health: Health | None,
    no_worker_for: timedelta | None,
    *,
    is_polling: bool,
    may_poll: bool,
) -> str | None:
    """Return one sentence with what to do, or None if all is well.

    `no_worker_for` is how long jobs have been queued without a worker, `may_poll` whether the
    settings allow polling. What keeps all jobs from being read comes first.
    """
    if report.sentence is not None:
        return report.sentence
    if no_worker_for is not None:
        return NO_WORKER
    if health is not None and health.config_reload_error:
        error = truncate(plain_line(health.config_reload_error), _LONGEST_ERROR)
        return (
            "VPO could not reload its configuration and keeps the previous one. "
            f"Fix the file: {error}"
        )
    if not is_polling:
        return PAUSED if may_poll else DISABLED
    return None
