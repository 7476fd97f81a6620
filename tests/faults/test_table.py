from pathlib import Path

from tests.faults.table import page

DOCS = Path(__file__).parents[2] / "docs"


def test_the_manual_has_the_result_of_each_case() -> None:
    assert (DOCS / "contribute" / "faults.md").read_text(
        "utf-8"
    ) == page()  # see `table` for how to write it
