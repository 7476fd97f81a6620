"""The library: its containers and codecs, its growth, and its files with problems."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter

import pandas as pd

from vpo_monitor.analysis.formatting import display_name
from vpo_monitor.analysis.frames import moments
from vpo_monitor.api.models import LibraryFile, LibraryShare, LibrarySnapshot
from vpo_monitor.plain_text import LONGEST_NAME, plain_line

_MOST_SHARES = 10
_MOST_POINTS = 500
UNKNOWN = "Unknown"
_STATUSES = {"error": "Error", "missing": "Missing"}


@dataclass(frozen=True)
class Share:
    """How many files have a container or codec; `kind` is Container, Video or Audio."""

    kind: str
    label: str
    files: int


@dataclass(frozen=True)
class Point:
    """The library at the time of a scan (UTC); a number is None if unknown, sizes are in bytes."""

    snapshot_at: datetime
    total_files: int | None
    total_size_bytes: int | None
    error_files: int | None
    missing_files: int | None


def shares(kind: str, rows: Sequence[LibraryShare]) -> list[Share]:
    """Return the known shares as plain text, the largest first. Equal labels are one."""
    files: dict[str, int] = {}
    for row in rows:
        label = plain_line(row.label, LONGEST_NAME).strip() or UNKNOWN
        if row.count is not None:
            files[label] = files.get(label, 0) + row.count
    return [Share(kind, *item) for item in sorted(files.items(), key=itemgetter(1), reverse=True)]


def largest_shares(found: Sequence[Share]) -> list[Share]:
    """Return at most 10 shares; the rest is one of its own."""
    if len(found) <= _MOST_SHARES:
        return list(found)
    first, rest = found[: _MOST_SHARES - 1], found[_MOST_SHARES - 1 :]
    other = Share(rest[0].kind, f"{len(rest)} others", sum(share.files for share in rest))
    return [*first, other]


def growth(rows: Sequence[LibrarySnapshot]) -> list[Point]:
    """Return the library at each scan whose time is known, oldest first."""
    found = [
        Point(
            row.snapshot_at,
            row.total_files,
            row.total_size_bytes,
            row.error_files,
            row.missing_files,
        )
        for row in rows
        if row.snapshot_at is not None
    ]
    return sorted(found, key=lambda point: point.snapshot_at)


def thinned(points: Sequence[Point]) -> list[Point]:
    """Return at most 500 of the points, evenly chosen, with the first and the last."""
    if len(points) <= _MOST_POINTS:
        return list(points)
    step = (len(points) - 1) / (_MOST_POINTS - 1)
    return [points[round(number * step)] for number in range(_MOST_POINTS)]


def shares_table(found: Sequence[Share]) -> pd.DataFrame:
    """Return one row per container or codec."""
    return pd.DataFrame(
        {
            "Kind": [share.kind for share in found],
            "Name": [share.label for share in found],
            "Files": [share.files for share in found],
        }
    )


def growth_table(points: Sequence[Point]) -> pd.DataFrame:
    """Return one row per scan, newest first."""
    newest_first = list(reversed(points))
    return pd.DataFrame(
        {
            "Scan": moments([point.snapshot_at for point in newest_first]),
            "Files": pd.Series([point.total_files for point in newest_first], dtype="Int64"),
            "Size (bytes)": pd.Series(
                [point.total_size_bytes for point in newest_first], dtype="Int64"
            ),
            "With errors": pd.Series([point.error_files for point in newest_first], dtype="Int64"),
            "Missing": pd.Series([point.missing_files for point in newest_first], dtype="Int64"),
        }
    )


def problems_table(files: Sequence[LibraryFile]) -> pd.DataFrame:
    """Return one row per file that a scan couldn't read or no longer finds."""
    return pd.DataFrame(
        {
            "File": [display_name(file.filename or file.path) for file in files],
            "Problem": [_problem(file) for file in files],
            "Error": [plain_line(file.scan_error or "") for file in files],
            "Scanned": moments([file.scanned_at for file in files]),
            "Path": [plain_line(file.path) for file in files],
        }
    )


def _problem(file: LibraryFile) -> str:
    status = file.scan_status
    return _STATUSES.get(status) or plain_line(status, LONGEST_NAME) or UNKNOWN
