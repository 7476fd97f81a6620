import csv
import io

import pandas as pd
import pytest

from vpo_monitor.insight.csv_export import csv_bytes


def read_back(frame: pd.DataFrame) -> list[list[str]]:
    return list(csv.reader(io.StringIO(csv_bytes(frame).decode("utf-8-sig"))))


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "＝1", "－1", "=cmd|' /C'!A0"]
)
def test_a_text_that_could_be_a_formula_is_made_harmless(text: str) -> None:
    assert read_back(pd.DataFrame({"Path": [text]}))[1][0].startswith("'")


def test_numbers_stay_numbers_and_other_text_stays_as_it_is() -> None:
    frame = pd.DataFrame({"Saved": [-5, 7], "Path": ['/srv/a "b", c', "映画\nnext"]})
    assert read_back(frame) == [
        ["Saved", "Path"],
        ["-5", '/srv/a "b", c'],
        ["7", "映画\nnext"],
    ]


def test_what_is_missing_is_an_empty_cell() -> None:
    frame = pd.DataFrame(
        {"Saved": pd.Series([None], dtype="Int64"), "Time": [pd.NaT], "Share": [float("nan")]}
    )
    assert read_back(frame)[1] == ["", "", ""]
