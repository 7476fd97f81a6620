"""Map row numbers from the browser to jobs while rows are added, removed and moved."""

from collections.abc import Sequence
from dataclasses import dataclass, field

REACTION_TIME = 0.4
"""Seconds after a change in which a click still refers to the row shown before: clicks take time to
arrive, and nobody aims that fast."""


@dataclass
class RowMemory:
    """The rows that one table shows to one viewer. Times are seconds of any monotonic clock."""

    _shown: list[str] = field(default_factory=list)
    _before: list[str] = field(default_factory=list)
    _shown_since: float = 0.0

    def show(self, ids: Sequence[str], now: float) -> None:
        """Remember the jobs that the table shows from now on."""
        if list(ids) != self._shown:
            self._before, self._shown, self._shown_since = self._shown, list(ids), now

    def job_at(self, row: int, now: float) -> str | None:
        """The id of the job that a viewer chose by its row number; None if there is no such row."""
        is_too_soon = bool(self._before) and now - self._shown_since < REACTION_TIME
        ids = self._before if is_too_soon else self._shown
        return ids[row] if 0 <= row < len(ids) else None
