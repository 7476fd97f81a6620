"""The same table for all viewers of an answer: worked out once, not once a viewer."""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime

import pandas as pd
import pyarrow as pa

from vpo_monitor.api.models import Job
from vpo_monitor.insight.frames import jobs_frame

_MOST = 8
"""Tables that are kept; one of 100 jobs takes some 300 kB, most of it the jobs themselves."""
_SAME_MOMENT = 10_000
"""Microseconds; two viewers work out the moment of one answer up to some hundred apart."""

_REPEATING = ("type", "progress", "since_creation")
"""Columns with few different values, of which each is sent once."""

_Key = tuple[int, datetime, str | None]
_made: OrderedDict[_Key, tuple[Sequence[Job], pa.Table]] = OrderedDict()
_lock = threading.Lock()


def jobs_table_of(jobs: Sequence[Job], as_of: datetime, opened: str | None) -> pa.Table:
    """The columns of `jobs_frame`, as the browser gets them.

    `jobs` is known by its identity, as it stands in a snapshot and is never changed.
    """
    moment = as_of.replace(microsecond=as_of.microsecond // _SAME_MOMENT * _SAME_MOMENT)
    key = (id(jobs), moment, opened)
    with _lock:
        if key in _made:
            _made.move_to_end(key)
            return _made[key][1]
    table = _packed(jobs_frame(jobs, moment, opened))
    with _lock:
        _made[key] = jobs, table  # holds the jobs too, so that no others get their identity
        while len(_made) > _MOST:
            _made.popitem(last=False)
    return table


def _packed(frame: pd.DataFrame) -> pa.Table:
    """The frame without its index and what pandas notes of itself, which no browser needs."""
    table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
    for name in _REPEATING:
        place = table.column_names.index(name)
        table = table.set_column(place, name, table[name].dictionary_encode())
    return table
