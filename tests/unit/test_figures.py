"""A table of measurements says what was missed, and does not round a miss to a hit."""

import json
from dataclasses import replace
from pathlib import Path

from bench import parsing
from bench.figures import Figure, table, update, write

QUICK = Figure("a tick", 9.96, 70.0, "ms", 12.0, "python -m bench.ticks")
SLOW = Figure("a page", 0.504, None, "s", 0.5, "python -m bench.pages")
MANY = Figure("viewers", 350, 20, "", 300, "python -m bench.viewers", is_least=True)
FEW = Figure("viewers", 299, 20, "", 300, "python -m bench.viewers", is_least=True)


def test_a_limit_is_kept_or_not() -> None:
    assert [one.is_reached for one in (QUICK, SLOW, MANY, FEW)] == [True, False, True, False]


def test_the_table_names_what_was_missed_beside_the_baseline() -> None:
    quick, slow, many = table([QUICK, SLOW, MANY]).splitlines()[2:]
    assert quick == "| a tick | ≤ 12 ms | 9.96 | 70 | reached | `python -m bench.ticks` |"
    assert "| ≤ 0.50 s | 0.50 | – | **missed** |" in slow
    assert "| ≥ 300 | 350 | 20 | reached |" in many


def test_figures_are_written_for_people_and_programs(tmp_path: Path) -> None:
    write([QUICK, SLOW], tmp_path)
    told = json.loads((tmp_path / "figures.json").read_text())
    assert [one["is_reached"] for one in told] == [True, False]
    assert told[0]["app"] == 9.96
    assert (tmp_path / "figures.md").read_text() == table([QUICK, SLOW])


def test_figures_measured_again_take_the_place_of_earlier_ones(tmp_path: Path) -> None:
    write([QUICK, SLOW], tmp_path)
    quicker = replace(QUICK, app=8.0)
    update([quicker, MANY], tmp_path)
    assert (tmp_path / "figures.md").read_text() == table([quicker, SLOW, MANY])


def test_a_benchmark_measures_the_app_beside_a_plain_page() -> None:
    (figure,) = parsing.measure(times=3)
    assert figure.baseline is not None
    assert min(figure.app, figure.baseline) > 0
