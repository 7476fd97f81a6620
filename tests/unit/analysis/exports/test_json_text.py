"""JSON that says what it is of and that every reader takes."""

import json
import math
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from vpo_monitor.analysis.exports.json_text import json_bytes
from vpo_monitor.analysis.exports.provenance import Provenance
from vpo_monitor.analysis.exports.table import Table, table_from_frame
from vpo_monitor.api.server import Server

AT = datetime(2026, 11, 25, 2, 33, 5, tzinfo=UTC)
ORIGIN = Provenance(
    Server("VPO", "http://nas:8321", SecretStr("a-token-of-16-signs")), AT, "jobs", {"since": "7d"}
)


def read_back(table: Table) -> Any:
    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    return json.loads(json_bytes(table, ORIGIN).decode(), parse_constant=refuse)


def test_a_file_says_what_it_is_of() -> None:
    data = json_bytes(Table(("a",), (("x",),)), ORIGIN, {"matching": 3})
    assert json.loads(data) == {
        "server": {"name": "VPO", "address": "http://nas:8321"},
        "what": "jobs",
        "view": {"since": "7d"},
        "fetched_at": "2026-11-25T02:33:05Z",
        "matching": 3,
        "count": 1,
        "rows": [{"a": "x"}],
    }
    assert b"a-token" not in data


@pytest.mark.usefixtures("in_tokyo")
def test_the_time_is_utc_wherever_the_app_runs() -> None:
    assert read_back(Table((), ()))["fetched_at"] == "2026-11-25T02:33:05Z"


def test_what_only_some_readers_take_is_not_written() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        json_bytes(Table((), ()), ORIGIN, {"matching": math.nan})


def test_values_are_of_their_kind_and_what_is_not_known_is_null() -> None:
    frame = pd.DataFrame(
        {
            "Saved": pd.Series([-5, None], dtype="Int64"),
            "Share": [-2.5, float("inf")],
            "At": pd.to_datetime(pd.Series(["2026-11-25T03:33:00+01:00", None])),
            "Path": ["=1+1", "a\tb\n\x00"],
            "Is": [True, False],
        }
    )
    assert read_back(table_from_frame(frame))["rows"] == [
        {
            "Saved": -5,
            "Share": -2.5,
            "At": "2026-11-25T02:33:00Z",
            "Path": "=1+1",
            "Is": True,
        },
        {"Saved": None, "Share": None, "At": None, "Path": "a\tb\n\x00", "Is": False},
    ]


def test_half_a_surrogate_pair_becomes_a_question_mark() -> None:
    assert read_back(Table(("a",), (("x\ud800y",),)))["rows"] == [{"a": "x?y"}]


TEXT = st.text(st.integers(0, 0x10FFFF).map(chr))


@given(st.lists(st.tuples(TEXT, st.none() | st.integers() | st.floats()), max_size=5))
def test_whatever_stands_in_a_table_it_is_read_back(rows: list[tuple[str, Any]]) -> None:
    frame = pd.DataFrame(rows, columns=["Text", "More"], dtype=object)
    read = read_back(table_from_frame(frame))
    assert [row["Text"] for row in read["rows"]] == [
        text.encode("utf-8", "replace").decode() for text, _more in rows
    ]
    assert [row["More"] for row in read["rows"]] == [
        more if more is not None and math.isfinite(more) else None for _text, more in rows
    ]
    assert read["count"] == len(rows)
