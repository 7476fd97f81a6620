"""Tries the settings as they are, and says in a line each what was found and what to fix.

With `--record` it records VPO's answers instead.
"""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

from vpo_monitor.checks.finding import Finding, Verdict, how_many
from vpo_monitor.checks.own_checks import history_finding, settings_findings
from vpo_monitor.checks.vpo_checks import vpo_findings
from vpo_monitor.command.record import record
from vpo_monitor.config import Settings
from vpo_monitor.settings_sources import SOURCES

_DESCRIPTION = (
    "Try the settings that stand in the environment and in secrets.toml: VPO's address, token, "
    "version, clock and job list, and the file of the history. Nothing is changed, and no secret "
    "is printed. The exit status is 0 where all is well, and 1 where something is to be mended."
)
_RECORD = (
    "Record one answer of each kind from VPO into a new directory, for tests of this app. Paths, "
    "names, hosts and tokens are replaced. Only GET requests are made, within the budget."
)


def main(arguments: Sequence[str], program: str) -> int:
    """Print each finding when it is known; 1 where something is to be mended, else 0."""
    parser = argparse.ArgumentParser(prog=program, description=_DESCRIPTION)
    parser.add_argument("--record", metavar="DIR", type=Path, help=_RECORD)
    folder = parser.parse_args(arguments).record
    settings = SOURCES.load()
    if folder is not None:
        return record(settings, folder)
    to_mend = 0
    for finding in findings(settings):
        print(f"{finding.verdict:<10} {finding.tried:<9} {finding.said}", flush=True)
        to_mend += finding.verdict is Verdict.MEND
    print(how_many(to_mend) if to_mend else "All is well.")
    return 1 if to_mend else 0


def findings(settings: Settings) -> Iterator[Finding]:
    """All that can be found out, from what is nearest to what is furthest."""
    yield from settings_findings(settings)
    yield history_finding(settings.history)
    yield from vpo_findings(settings)
