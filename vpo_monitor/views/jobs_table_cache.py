"""The same table for all viewers of an answer: worked out once, not once a viewer."""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime, timedelta

import pandas as pd
import pyarrow as pa

from vpo_monitor.api.models import Job
from vpo_monitor.insight.frames import jobs_frame

_MOST = 8
"""Tables that are kept; one of 100 jobs takes some 300 kB, most of it the jobs themselves."""
_SAME_MOMENT = timedelta(seconds=0.5)
"""Each viewer works out the moment of an answer by two clocks and an estimate of the server's; what
is shown is in whole seconds.
"""

_REPEATING = {"type", "error", "progress", "since_creation"}
"""Columns with few different values, of which each is sent once."""

_Key = tuple[int, str | None, tuple[str, ...] | None]
_made: OrderedDict[_Key, tuple[Sequence[Job], datetime, pa.Table]] = OrderedDict()
_lock = threading.Lock()


def cached_jobs_table(
    jobs: Sequence[Job],
    as_of: datetime | None,
    opened: str | None,
    errors: tuple[str, ...] | None = None,
) -> pa.Table:
    """The columns of `jobs_frame`, as the browser gets them.

    Without a moment, the jobs are of several answers, and the table is made anew.
    `jobs` is known by its identity, as it stands in a snapshot and is never changed. The moment may
    be that of another viewer, half a second away.
    """
    if as_of is None:
        return _packed(jobs_frame(jobs, None, opened, errors))
    key = (id(jobs), opened, errors)
    with _lock:  # also while it is made: those who waited for an answer come at once
        kept = _made.get(key)
        if kept is None or abs(kept[1] - as_of) >= _SAME_MOMENT:
            table = _packed(jobs_frame(jobs, as_of, opened, errors))
            kept = jobs, as_of, table  # the jobs too, so that no others get their identity
            _made[key] = kept
        _made.move_to_end(key)
        while len(_made) > _MOST:
            _made.popitem(last=False)
        return kept[2]


def _packed(frame: pd.DataFrame) -> pa.Table:
    """The frame without its index and what pandas notes of itself, which no browser needs."""
    table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
    for place, name in enumerate(table.column_names):
        if name in _REPEATING:
            table = table.set_column(place, name, table[name].dictionary_encode())
    return table
