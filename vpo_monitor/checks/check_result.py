"""The result of one check."""

from dataclasses import dataclass
from enum import StrEnum


class CheckStatus(StrEnum):
    """How a check ended."""

    OK = "ok"
    FAIL = "fail"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class CheckResult:
    """What was checked (`name`, one word), how it ended, and one line of text without secrets.

    The message of a check that failed says how to fix it.
    """

    name: str
    status: CheckStatus
    message: str


def ok(name: str, message: str) -> CheckResult:
    """Return the result of a check that passed."""
    return CheckResult(name, CheckStatus.OK, message)


def fail(name: str, message: str) -> CheckResult:
    """Return the result of a check that found a problem."""
    return CheckResult(name, CheckStatus.FAIL, message)


def skipped(name: str, why: str) -> CheckResult:
    """Return the result of a check that could not run because another one failed."""
    return CheckResult(name, CheckStatus.SKIPPED, why)


def summary(problems: int) -> str:
    """Return the last line of a run of checks."""
    if not problems:
        return "All checks passed"
    return f"{problems} problem{'' if problems == 1 else 's'} found"
