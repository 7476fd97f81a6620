"""A cache of the jobs table, built once per response and shared by all viewers."""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime, timedelta

import pandas as pd
import pyarrow as pa

from vpo_monitor.api.models import Job
from vpo_monitor.insight.frames import jobs_frame

_MOST = 8
"""Tables kept; one of 100 jobs takes about 300 kB, mostly for the jobs themselves."""
_SAME_MOMENT = timedelta(seconds=0.5)
"""Viewers estimate the server's time of a response slightly differently; the table shows whole
seconds.
"""

_REPEATING = {"type", "error", "progress", "since_creation"}
"""Columns with few distinct values, which are sent once each."""

_Key = tuple[int, str | None, tuple[str, ...] | None]
_made: OrderedDict[_Key, tuple[Sequence[Job], datetime, pa.Table]] = OrderedDict()
_lock = threading.Lock()


def cached_jobs_table(
    jobs: Sequence[Job],
    as_of: datetime | None,
    opened: str | None,
    errors: tuple[str, ...] | None = None,
) -> pa.Table:
    """Return `jobs_frame` as an Arrow table, ready to send.

    Without `as_of`, the jobs come from several responses, and the table isn't cached. `jobs` is
    identified by its id, as snapshots never change. A cached table may have another viewer's
    `as_of`, up to 0.5 s apart.
    """
    if as_of is None:
        return _packed(jobs_frame(jobs, None, opened, errors))
    key = (id(jobs), opened, errors)
    with _lock:  # also held while building: all viewers of a response come at once
        kept = _made.get(key)
        if kept is None or abs(kept[1] - as_of) >= _SAME_MOMENT:
            table = _packed(jobs_frame(jobs, as_of, opened, errors))
            kept = jobs, as_of, table  # keeps the jobs alive, so that their id isn't reused
            _made[key] = kept
        _made.move_to_end(key)
        while len(_made) > _MOST:
            _made.popitem(last=False)
        return kept[2]


def _packed(frame: pd.DataFrame) -> pa.Table:
    """Convert the frame without its index and pandas metadata, which the browser doesn't need."""
    table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
    for place, name in enumerate(table.column_names):
        if name in _REPEATING:
            table = table.set_column(place, name, table[name].dictionary_encode())
    return table
