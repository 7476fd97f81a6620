"""What was measured, and how it is written down."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Figure:
    """One figure of the app beside that of the baseline, None where that has no such thing.

    `limit` is what was promised: at most so much, or where `is_least` says so, at least.
    """

    what: str
    app: float
    baseline: float | None
    unit: str
    limit: float
    command: str
    is_least: bool = False

    @property
    def is_reached(self) -> bool:
        """Whether the app keeps to the limit."""
        return self.app >= self.limit if self.is_least else self.app <= self.limit


def table(figures: Sequence[Figure]) -> str:
    """The figures as a table in Markdown."""
    lines = [
        "| What | Goal | VPO Monitor | Baseline | | Command |",
        "|---|---|---|---|---|---|",
    ]
    for one in figures:
        goal = f"{'≥' if one.is_least else '≤'} {_number(one.limit)} {one.unit}".strip()
        baseline = "–" if one.baseline is None else _number(one.baseline)
        reached = "reached" if one.is_reached else "**missed**"
        lines.append(
            f"| {one.what} | {goal} | {_number(one.app)} | {baseline} | {reached} "
            f"| `{one.command}` |"
        )
    return "\n".join(lines) + "\n"


def write(figures: Sequence[Figure], folder: Path) -> None:
    """Write `figures.json` and `figures.md`."""
    told = [{**asdict(one), "is_reached": one.is_reached} for one in figures]
    (folder / "figures.json").write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n")
    (folder / "figures.md").write_text(table(figures))


def update(figures: Sequence[Figure], folder: Path) -> None:
    """Write these figures in the place of earlier ones of the same name, and keep all others."""
    file = folder / "figures.json"
    saved = json.loads(file.read_text()) if file.exists() else []
    for one in saved:
        del one["is_reached"]  # it is computed
    kept = {one["what"]: Figure(**one) for one in saved}
    kept.update((one.what, one) for one in figures)
    write(list(kept.values()), folder)


def _number(value: float) -> str:
    """Three digits are as many as such a measurement is good for."""
    if abs(value) >= 100 or value == int(value):  # noqa: PLR2004 - a third digit is before the point
        return f"{value:,.0f}"
    return f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}"  # noqa: PLR2004 - likewise
