"""Which answers make room for new ones."""

from collections.abc import Iterable
from typing import Any

from vpo_monitor.polling.entry import Entry
from vpo_monitor.polling.queries import Query

MAX_QUERIES = 200
FORGET_AFTER = 600.0
"""Seconds without a reader after which a query's data is forgotten."""
_MAX_PATIENT = 12
"""Searches, copies and sizes that are held at once; some may be large."""
_MAX_BACKGROUND = 50


def to_forget(entries: Iterable[Entry[Any]], new: Query[Any], now: float) -> set[Query[Any]]:
    """The queries to be forgotten when `new` comes.

    First what nobody read for long, then what was read longest ago; never one on its way.
    """
    held = sorted(entries, key=lambda entry: entry.last_read)
    idle = [entry for entry in held if entry.fetching_since is None]
    surplus = max(0, len(held) - MAX_QUERIES + 1)
    old = {entry.query for entry in idle if now - entry.last_read > FORGET_AFTER}
    old.update(entry.query for entry in idle[:surplus])
    if new.is_patient:
        alike = [
            entry
            for entry in held
            if entry.query.is_patient and entry.query.is_background is new.is_background
        ]
        most = _MAX_BACKGROUND if new.is_background else _MAX_PATIENT
        too_many = alike[: max(0, len(alike) - most + 1)]
        old.update(entry.query for entry in too_many if entry.fetching_since is None)
    return old
