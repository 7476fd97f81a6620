"""Tries the settings as they are, and says in a line each what was found and what to fix.

With `--record` it records VPO's answers instead.
"""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

from vpo_monitor.checks.check_result import CheckResult, CheckStatus, summary
from vpo_monitor.checks.local_checks import check_history, check_settings
from vpo_monitor.checks.vpo_checks import check_vpo
from vpo_monitor.command.record import record
from vpo_monitor.config import Settings
from vpo_monitor.settings_sources import SOURCES

_DESCRIPTION = (
    "Try the settings that stand in the environment and in secrets.toml: VPO's address, token, "
    "version, clock and job list, and the file of the history. Nothing is changed, and no secret "
    "is printed. The exit status is 0 if all checks passed, and 1 if one found a problem."
)
_RECORD = (
    "Record one answer of each kind from VPO into a new directory, for tests of this app. Paths, "
    "names, hosts and tokens are replaced. Only GET requests are made, within the budget."
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
    """All that can be found out, from what is nearest to what is furthest."""
    yield from check_settings(settings)
    yield check_history(settings.history)
    yield from check_vpo(settings)
