"""Map row numbers from the browser to jobs while rows are added, removed and moved."""

from collections.abc import Sequence
from dataclasses import dataclass, field

REACTION_TIME = 0.4
"""Seconds after a change in which a click still refers to the row shown before: clicks take time to
arrive, and nobody aims that fast."""

Cell = tuple[int, str]
"""A row number and a column name, as the browser counts them."""


@dataclass
class RowMemory:
    """The rows of one table for one viewer. A selection is a job id, never a row number.

    Times are seconds by any monotonic clock.
    """

    selected: str | None = None
    _shown: list[str] = field(default_factory=list)
    _before: list[str] = field(default_factory=list)
    _shown_since: float = 0.0
    _cell: Cell | None = None
    _cleared: Cell | None = None

    def browser_selected(self, cell: Cell | None, now: float, *, by_keyboard: bool = False) -> bool:
        """Update the selection from the browser's report. True if the viewer has changed it.

        A report `by_keyboard` of the cell whose job was just removed is ignored: the browser sent
        it before it knew that nothing is selected.
        """
        if cell == self._cell or (by_keyboard and cell is not None and cell == self._cleared):
            return False
        self._cleared = None
        self._cell = cell
        self.selected = None if cell is None else self._job_at(cell[0], now)
        return cell is not None

    def drawn(self, ids: Sequence[str], now: float) -> Cell | None:
        """Set the displayed jobs; return the cell to select, so that the selection follows its job.

        A selected job that is no longer displayed is deselected.
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
        """Clear the selection."""
        self.selected = self._cell = None

    def _job_at(self, row: int, now: float) -> str | None:
        is_too_soon = bool(self._before) and now - self._shown_since < REACTION_TIME
        ids = self._before if is_too_soon else self._shown
        return ids[row] if 0 <= row < len(ids) else None
