"""What the tests of faults hold, as the page of the manual that says so.

`python -m tests.faults.table > docs/contribute/faults.md` writes it anew.
"""

import sys
from collections.abc import Iterable

from tests.faults.cases import BADGE, GROUPS, SAID, Case

_INTRODUCTION = """# What the app does when VPO misbehaves

Whatever a server does, the app shows no traceback. What was known stays on screen with its age, a
sentence says what is wrong, and the app comes back by itself when the server does; only after a
refused login somebody has to press *Retry now*. An answer may have 16 MB, unpacked, and 15 s from
the first byte of its head to the last of its body, however slowly it drips in.

A row of a list that cannot be read costs that row, a field that cannot be read that field: it shows
as unknown. So do numbers that 64 bits do not hold, times before 1970 and after 2199, and shares
that are none. Of a list that is longer than asked for, the first rows are shown, and each id once.

This page is written by the tests in `tests/faults`, which hold it true. There a server does each of
the things below, on every route and to every page; the badge and the sentence are those of a server
that does so on all routes at once.
"""


def page() -> str:
    """The page as it is to be."""
    parts = [_INTRODUCTION]
    for title, cases in GROUPS.items():
        head = ("The server", "The badge", "The sentence")
        parts += [f"## {title}\n", _table(head, map(_row, cases))]
    return "\n".join(parts)


def _row(case: Case) -> Iterable[object]:
    if case.error is None:
        return case.name, "Live", ""
    badge = " or ".join(BADGE[case.error])
    sentence = SAID.get(case.error, f"… {case.says} …")
    return case.name, f"Live or {badge}" if case.may_be_read else badge, sentence


def _table(head: tuple[str, ...], rows: Iterable[Iterable[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(page())
