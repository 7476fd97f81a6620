"""Generates the docs' page of tested faults.

`python -m tests.faults.table > docs/contribute/faults.md` writes it.
"""

import sys
from collections.abc import Iterable, Iterator

from tests.faults.cases import BADGE, GROUPS, SAID, Case

_INTRODUCTION = """# Misbehaving servers

Whatever a server sends, the app shows no traceback. Known data stays on screen with its age, a
message says what is wrong, and the app recovers when the server does. Only a rejected token needs
*Retry now*.

Responses are limited to 16 MB, unpacked, and to 15 s from the first byte of the head to the last of
the body. An unreadable row costs that row, an unreadable field that field. The same goes for
numbers beyond 64 bits, times outside 1970 to 2199, and impossible percentages.

`tests/faults` generates this page. A test server does each of these things on every route, for
every page.
"""


def page() -> str:
    """Return the page."""
    parts = [_INTRODUCTION]
    for title, cases in GROUPS.items():
        parts += [f"## {title}\n", _table(("Fault", "Badge", "Message"), _rows(cases))]
    return "\n".join(parts)


def _rows(cases: Iterable[Case]) -> Iterator[Iterable[str]]:
    """A row for each result, with all faults that lead to it."""
    faults: dict[tuple[str, str], list[str]] = {}
    for case in cases:
        faults.setdefault(_result(case), []).append(case.name)
    for (badge, message), names in faults.items():
        yield "; ".join(names), badge, message


def _result(case: Case) -> tuple[str, str]:
    """The badge and the message."""
    if case.error is None:
        return "Live", ""
    badge = " or ".join(BADGE[case.error])
    message = SAID.get(case.error, f"… {case.says} …")
    return f"Live or {badge}" if case.may_be_read else badge, message


def _table(head: tuple[str, ...], rows: Iterable[Iterable[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(page())
