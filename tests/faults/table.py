"""Generates the docs' page of tested faults.

`python -m tests.faults.table > docs/contribute/faults.md` writes it.
"""

import sys
from collections.abc import Iterable, Iterator

from tests.faults.cases import GROUPS, SAID, Case

_INTRODUCTION = """# Misbehaving servers

Whatever a server sends, the app shows no traceback. Known data stays on screen with its age, a
message says what is wrong, and the app recovers when the server does.

Responses are limited to 16 MB, unpacked, and 15 s plus a last silence of 15 s. An unreadable
row costs that row, an unreadable field that field: also numbers beyond 64 bits, times outside 1970
to 2199, and impossible percentages.

One thing has no time limit: the head of a response that keeps coming, a byte at a time. Its request
stays open as long as the server sends. It takes no memory, and other requests go on.

`tests/faults` generates this page from its cases, tested on every route, for every page.
[Error messages](../reference/error-messages.md) has the badges.
"""


def page() -> str:
    """Return the page."""
    parts = [_INTRODUCTION]
    for title, cases in GROUPS.items():
        parts += [f"## {title}\n", _table(("Fault", "Message"), _rows(cases))]
    return "\n".join(parts)


def _rows(cases: Iterable[Case]) -> Iterator[Iterable[str]]:
    """A row for each result, with all faults that lead to it."""
    faults: dict[str, list[str]] = {}
    for case in cases:
        faults.setdefault(_message(case), []).append(case.name)
    for message, names in faults.items():
        yield "; ".join(names), message


def _message(case: Case) -> str:
    if case.error is None:
        return "none"
    message = SAID.get(case.error, f"… {case.says} …")
    return f"none, or {message}" if case.may_be_read else message


def _table(head: tuple[str, ...], rows: Iterable[Iterable[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(page())
