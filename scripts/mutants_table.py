"""Prints a table of what `mutmut results --all true` says on standard input, a row for each module.

A mutant is killed if a test fails or does not end in time, and survives if all tests pass or none
reaches it. The score is the share that was killed.
"""

import sys
from collections import Counter, defaultdict

KILLED = "killed"
TIMEOUT = "timeout"
NOT_CHECKED = "not checked"


def main() -> None:
    """Read the results, and print the modules that were checked and their sum."""
    modules: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for line in sys.stdin:
        mutant, _, status = line.strip().rpartition(": ")
        if mutant and status != NOT_CHECKED:
            modules[mutant.rpartition(".")[0]][status] += 1
    width = max(map(len, modules), default=0)
    print(f"{'Module':{width}}  Mutants  Killed  Survived  Timeout  Score")
    for module, statuses in sorted(modules.items()):
        print(row(module.ljust(width), statuses))
    print(row("All".ljust(width), sum(modules.values(), Counter())))


def row(name: str, statuses: Counter[str]) -> str:
    """One line of the table."""
    mutants, killed, timeout = statuses.total(), statuses[KILLED], statuses[TIMEOUT]
    score = (killed + timeout) / mutants if mutants else 0.0
    survived = mutants - killed - timeout
    return f"{name}  {mutants:7}  {killed:6}  {survived:8}  {timeout:7}  {score:5.0%}"


if __name__ == "__main__":
    main()
