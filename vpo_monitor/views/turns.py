"""Stagger redraws, so that viewers whose data is due at once are served one after another."""

import math
import threading

DRAWING_SECONDS = 0.018
"""Seconds per viewer: 8 to 11 ms of CPU for redrawing 100 changed jobs, plus time for clicks.

With 12 ms, 100 viewers that had fallen behind never caught up: half of them waited over 600 ms.
"""
_MOST_OF_AN_INTERVAL = 0.95
_AWAY_SECONDS = 30.0
"""Seconds that a viewer may be overdue before losing its place."""


class Turns:
    """Gives each viewer a place in line after a common due time. Thread-safe.

    The first has no delay, each further one a redraw's more. If the line gets longer than the
    interval, it is compressed to fit.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._line: dict[int, tuple[int, float]] = {}
        """The place of each viewer, and when it expires."""

    def delay(self, viewer: int, now: float, wait: float, interval: float) -> float:
        """Return the seconds from the due time to this viewer's turn.

        `viewer` is a unique number. The due time is `wait` seconds after `now`, and repeats every
        `interval` seconds.
        """
        with self._lock:
            self._line = {one: kept for one, kept in self._line.items() if kept[1] >= now}
            place, _until = self._line.pop(viewer, (math.inf, now))
            if place > len(self._line):  # an earlier place is free
                taken = {at for at, _until in self._line.values()}
                place = next(at for at in range(len(taken) + 1) if at not in taken)
            self._line[viewer] = int(place), now + wait + _AWAY_SECONDS
            line = len(self._line) * DRAWING_SECONDS
            return place * DRAWING_SECONDS * min(1.0, _MOST_OF_AN_INTERVAL * interval / line)
