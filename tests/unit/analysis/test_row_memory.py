"""A row number means the job that the viewer saw in that row."""

import pytest

from vpo_monitor.analysis.row_memory import REACTION_TIME, RowMemory


@pytest.mark.parametrize("moved", [0.0, 8.0])
@pytest.mark.parametrize(
    ("row", "seconds", "job"),
    [
        (0, 0.0, "a"),
        (0, REACTION_TIME - 0.01, "a"),
        (0, REACTION_TIME, "new"),
        (2, REACTION_TIME - 0.01, None),  # there was no such row before
        (2, REACTION_TIME, "b"),
        (3, REACTION_TIME, None),
        (-1, REACTION_TIME, None),
    ],
)
def test_a_click_just_after_the_rows_moved_means_the_row_that_was_there_before(
    row: int, seconds: float, job: str | None, moved: float
) -> None:
    memory = RowMemory()
    memory.show(["a", "b"], moved - 10.0)
    memory.show(["new", "a", "b"], moved)
    memory.show(["new", "a", "b"], moved + seconds)  # drawing the same rows again moves nothing
    assert memory.job_at(row, moved + seconds) == job


def test_a_click_on_the_first_rows_ever_drawn_means_them_at_once() -> None:
    memory = RowMemory()
    memory.show(["a", "b"], 0.0)
    assert memory.job_at(1, 0.0) == "b"
