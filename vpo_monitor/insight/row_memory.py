"""Which job a row number from the browser means, while rows arrive, leave and move."""

from collections.abc import Sequence
from dataclasses import dataclass, field

REACTION_TIME = 0.4
"""Seconds. Nobody aims at a row that moved there less than this ago, and a click needs its time to
arrive: an earlier one meant the row that was there before."""

Cell = tuple[int, str]
"""A row number and a column's name, as the browser counts them."""


@dataclass
class RowMemory:
    """What one table shows to one viewer. A selection is a job id; row numbers only pass through.

    Times are seconds of any clock that goes forward.
    """

    selected: str | None = None
    _shown: list[str] = field(default_factory=list)
    _before: list[str] = field(default_factory=list)
    _shown_since: float = 0.0
    _cell: Cell | None = None
    _cleared: Cell | None = None

    def browser_selected(self, cell: Cell | None, now: float, *, by_keyboard: bool = False) -> bool:
        """Take what the browser reports as selected; True where the viewer has changed it.

        A report `by_keyboard` of the very cell whose job has just left is an echo: the browser had
        not heard yet that nothing is selected.
        """
        if cell == self._cell or (by_keyboard and cell is not None and cell == self._cleared):
            return False
        self._cleared = None
        self._cell = cell
        self.selected = None if cell is None else self._job_at(cell[0], now)
        return cell is not None

    def drawn(self, ids: Sequence[str], now: float) -> Cell | None:
        """Take the jobs that are drawn from now on; the cell to select, so that it follows its job.

        A selected job that is no longer among them is selected no more.
        """
        if list(ids) != self._shown:
            self._before, self._shown, self._shown_since = self._shown, list(ids), now
        if self.selected not in self._shown:
            self._cleared = self._cell or self._cleared
            self.selected = self._cell = None
        elif self._cell is not None:
            self._cell = (self._shown.index(self.selected), self._cell[1])
        return self._cell

    def deselect(self) -> None:
        """Let go of the selection."""
        self.selected = self._cell = None

    def _job_at(self, row: int, now: float) -> str | None:
        is_too_soon = bool(self._before) and now - self._shown_since < REACTION_TIME
        ids = self._before if is_too_soon else self._shown
        return ids[row] if 0 <= row < len(ids) else None
