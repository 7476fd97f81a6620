"""Test the settings and the connection, and print what to fix: `vpo-monitor check`.

With `--record` it records VPO's responses instead.
"""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

from vpo_monitor.checks.check_result import CheckResult, CheckStatus, summary
from vpo_monitor.checks.local_checks import check_history, check_settings
from vpo_monitor.checks.vpo_checks import check_vpo
from vpo_monitor.command.record import record
from vpo_monitor.config import SOURCES, Settings

_DESCRIPTION = (
    "Test the settings in the environment and in secrets.toml: VPO's address, token, version, "
    "clock and job list, and the history file. It changes nothing and prints no secrets. The exit "
    "status is 0 if all checks passed, or 1 if one failed."
)
_RECORD = (
    "Record one response of each kind from VPO into a new directory, for tests of this app. Paths, "
    "names, hosts and tokens are redacted. It sends only GET requests, within the request budget."
)


def main(arguments: Sequence[str], program: str) -> int:
    """Print each result as it arrives. Return 1 if a check failed, else 0."""
    parser = argparse.ArgumentParser(prog=program, description=_DESCRIPTION)
    parser.add_argument("--record", metavar="DIR", type=Path, help=_RECORD)
    folder = parser.parse_args(arguments).record
    settings = SOURCES.load()
    if folder is not None:
        return record(settings, folder)
    problems = 0
    for finding in findings(settings):
        print(f"{finding.status:<10} {finding.name:<9} {finding.message}", flush=True)
        problems += finding.status is CheckStatus.FAIL
    print(summary(problems))
    return 1 if problems else 0


def findings(settings: Settings) -> Iterator[CheckResult]:
    """Run all checks, local ones first."""
    yield from check_settings(settings)
    yield check_history(settings)
    yield from check_vpo(settings)
