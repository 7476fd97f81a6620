"""Viewers take turns: what is due for all of them at once is drawn for one after the other."""

import math
import threading

DRAWING_SECONDS = 0.018
"""What a drawing of 100 changed jobs takes of a processor, 8 to 11 ms, and time for clicks.

With 12 ms, a line of 100 that had fallen behind stayed so: half waited over 600 ms, now 60.
"""
_MOST_OF_AN_INTERVAL = 0.95
_AWAY_SECONDS = 30.0
"""How long a viewer may be overdue before the place is given to another."""


class Turns:
    """Gives each viewer a place in the line behind a common due time. Thread-safe.

    The first has no delay, and each further one a drawing's more: a hundred who came at once would
    all wait for the last of them. Where the line would be longer than an interval, it is drawn
    together.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._line: dict[int, tuple[int, float]] = {}
        """The place of each viewer, and until when it is kept."""

    def delay(self, viewer: int, now: float, wait: float, interval: float) -> float:
        """Seconds after the due time at which it is this viewer's turn.

        `viewer` is any number that no other has. The due time is `wait` seconds after `now`, and
        comes again every `interval` seconds.
        """
        with self._lock:
            self._line = {one: kept for one, kept in self._line.items() if kept[1] >= now}
            place, _until = self._line.pop(viewer, (math.inf, now))
            if place > len(self._line):  # there are free ones before it
                taken = {at for at, _until in self._line.values()}
                place = next(at for at in range(len(taken) + 1) if at not in taken)
            self._line[viewer] = int(place), now + wait + _AWAY_SECONDS
            line = len(self._line) * DRAWING_SECONDS
            return place * DRAWING_SECONDS * min(1.0, _MOST_OF_AN_INTERVAL * interval / line)
