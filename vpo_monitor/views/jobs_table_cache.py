"""Caches job tables, so that all viewers of a response share one."""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime, timedelta

import pandas as pd
import pyarrow as pa

from vpo_monitor.analysis.frames import jobs_frame
from vpo_monitor.api.models import Job

_MAX_TABLES = 8
"""Most tables to keep; one of 100 jobs takes about 300 kB, mostly for the jobs themselves."""
_SAME_MOMENT = timedelta(seconds=0.5)
"""Viewers' times of the same response may differ by this much, as each derives them from two clocks
and an estimate of the server's. The table shows whole seconds.
"""

_REPEATING = {"type", "error"}
"""Text columns with few distinct values, which are dictionary-encoded."""

_Texts = tuple[str, ...] | None
_Key = tuple[int, str | None, _Texts, _Texts]
_made: OrderedDict[_Key, tuple[Sequence[Job], datetime, pa.Table]] = OrderedDict()
_lock = threading.Lock()


def cached_jobs_table(
    jobs: Sequence[Job],
    as_of: datetime | None,
    opened: str | None,
    errors: tuple[str, ...] | None = None,
    results: tuple[str, ...] | None = None,
) -> pa.Table:
    """`jobs_frame` as an Arrow table for the browser, cached for all viewers.

    The cache compares `jobs` by identity, as those of a snapshot never change. If `as_of` is None,
    the jobs come from several responses, and the table is not cached. Its times may be up to half a
    second off, if it was made for another viewer.
    """
    if as_of is None:
        return _to_arrow(jobs_frame(jobs, None, opened, errors, results))
    key = (id(jobs), opened, errors, results)
    with _lock:  # held while a table is made, as all viewers of a response need it at once
        kept = _made.get(key)
        if kept is None or abs(kept[1] - as_of) >= _SAME_MOMENT:
            table = _to_arrow(jobs_frame(jobs, as_of, opened, errors, results))
            kept = jobs, as_of, table  # keeps the jobs alive, so that their id is not reused
            _made[key] = kept
        _made.move_to_end(key)
        while len(_made) > _MAX_TABLES:
            _made.popitem(last=False)
        return kept[2]


def _to_arrow(frame: pd.DataFrame) -> pa.Table:
    """Convert to Arrow without the index and pandas' metadata, which the browser ignores."""
    table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
    for place, name in enumerate(table.column_names):
        if name in _REPEATING:
            table = table.set_column(place, name, table[name].dictionary_encode())
    return table
