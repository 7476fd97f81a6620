"""Generates the docs' page of tested faults.

`python -m tests.faults.table > docs/contribute/faults.md` writes it.
"""

import sys
from collections.abc import Iterable, Iterator

from tests.faults.cases import CASES, SAID, Case

_INTRODUCTION = """# Misbehaving servers

Whatever a server sends, the app keeps what it knows, shows a
[message](../reference/error-messages.md), and recovers when the server does.

| Limit | Effect |
|---|---|
| 16 MB, unpacked | a larger response is an error |
| 15 s, plus 15 s of silence | a slower response is an error, unless its head trickles |
| 64 bits, years 1970 to 2199, 0 to 100 % | any other value is dropped, like an unreadable row |

Each [fault](../../tests/faults/cases.py) is tested on every route and page:
"""


def page() -> str:
    """Return the page."""
    return f"{_INTRODUCTION}\n{_table(('Message contains', 'Faults', 'Such as'), _rows(CASES))}"


def _rows(cases: Iterable[Case]) -> Iterator[Iterable[object]]:
    """A row for each result, with the number of faults that lead to it, and the first."""
    faults: dict[str, list[str]] = {}
    for case in cases:
        faults.setdefault(_message(case), []).append(case.name)
    for message, names in faults.items():
        yield message, len(names), names[0]


def _message(case: Case) -> str:
    if case.error is None:
        return "none"
    message = SAID.get(case.error, case.says)
    return f"none, or {message}" if case.may_be_read else message


def _table(head: tuple[str, ...], rows: Iterable[Iterable[object]]) -> str:
    body = [f"| {' | '.join(map(str, line))} |" for line in (head, *rows)]
    return "\n".join([body[0], f"|{'---|' * len(head)}", *body[1:]]) + "\n"


if __name__ == "__main__":
    sys.stdout.write(page())
