"""Print the results of `mutmut results --all true`, read from standard input, by module.

A mutant is killed if a test fails or times out. It survives if all tests pass or none reaches it.
The score is the share of killed mutants.
"""

import sys
from collections import Counter, defaultdict

KILLED = "killed"
TIMEOUT = "timeout"
NOT_CHECKED = "not checked"


def main() -> None:
    """Read the results, and print a row per module and the total."""
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
    """Return one line of the table."""
    mutants, killed, timeout = statuses.total(), statuses[KILLED], statuses[TIMEOUT]
    score = (killed + timeout) / mutants if mutants else 0.0
    survived = mutants - killed - timeout
    return f"{name}  {mutants:7}  {killed:6}  {survived:8}  {timeout:7}  {score:5.0%}"


if __name__ == "__main__":
    main()
