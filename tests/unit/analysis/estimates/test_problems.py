"""What a running job or the queue is suspected of, and what it must never be suspected of."""

from datetime import UTC, datetime, timedelta

import pytest

from vpo_monitor.analysis.estimates.problems import (
    Problem,
    ProblemKind,
    find_problem,
    problem_text,
    time_queued_without_worker,
    time_without_worker,
)
from vpo_monitor.history.records import COUNTS_GOOD_FOR, Counts, Percent

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
FIVE_MINUTES = timedelta(minutes=5)
NONE = timedelta()


def percents(*seen: tuple[float, float]) -> list[Percent]:
    """Percents, each with how many seconds ago it was first seen."""
    return [Percent(NOW - timedelta(seconds=ago), "a", percent) for ago, percent in seen]


def of(
    *seen: tuple[float, float],
    elapsed: float | None = 3600,
    similar: tuple[float, ...] = (),
    without_worker: timedelta = NONE,
) -> ProblemKind | None:
    found = find_problem(
        percents=percents(*seen),
        elapsed=elapsed,
        similar=similar,
        without_worker=without_worker,
        stalled_after=FIVE_MINUTES,
        now=NOW,
    )
    return None if found is None else found.kind


def test_a_percent_that_moved_and_then_rests_is_possibly_stalled() -> None:
    assert of((900, 10.0), (299, 20.0)) is None
    assert of((900, 10.0), (301, 20.0)) is ProblemKind.STALLED


def test_a_job_that_never_reports_is_never_called_stalled() -> None:
    assert of() is None
    assert of((9000, 0.0)) is None  # queued anew, and quiet since


def test_past_the_longest_similar_job_it_is_longer_than_usual() -> None:
    assert of(similar=(60, 120, 3599)) is ProblemKind.LONG
    assert of(similar=(60, 120, 3601)) is None
    assert of(similar=(60, 120)) is None
    assert of(similar=(60, 120, 300), elapsed=None) is None
    assert of((10, 50.0), similar=(60, 120, 300)) is None  # its own percent says more


def test_a_running_job_without_any_worker_for_long_is_possibly_abandoned() -> None:
    assert of(without_worker=FIVE_MINUTES) is ProblemKind.ABANDONED
    assert of((900, 50.0), without_worker=FIVE_MINUTES) is ProblemKind.ABANDONED
    assert of(without_worker=timedelta(minutes=4)) is None
    assert of(without_worker=FIVE_MINUTES, elapsed=60) is None
    assert of((10, 50.0), without_worker=FIVE_MINUTES) is None  # something moves it


def health(*seen: tuple[float, int | None, int | None, int | None]) -> list[Counts]:
    """Counts as seconds ago, running, queued, workers."""
    return [
        Counts(NOW - timedelta(seconds=ago), running, queued, 0, workers)
        for ago, running, queued, workers in seen
    ]


@pytest.mark.parametrize(
    ("counts", "seconds"),
    [
        (health((600, 1, 0, 1), (300, 1, 0, 0), (10, 2, 0, 0)), 300),
        (health((300, 1, 0, 0), (10, 1, 0, 1)), 0),
        (health((300, 1, 0, 0), (10, 1, 0, None)), 0),
        (health((9000, 1, 0, 0), (200, 1, 0, 0)), 200),  # nobody watched in between
        ([], 0),
    ],
)
def test_how_long_the_server_has_had_no_worker(counts: list[Counts], seconds: float) -> None:
    assert time_without_worker(counts, NOW, COUNTS_GOOD_FOR) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("counts", "seconds"),
    [
        (health((300, 0, 3, 0)), 300),
        (health((20, 0, 3, 0)), None),  # between two jobs
        (health((300, 1, 3, 0)), None),
        (health((300, 0, 3, 1)), None),
        (health((300, 0, 0, 0)), None),
        (health((300, 0, None, 0)), None),
    ],
)
def test_a_queue_that_nothing_works_at(counts: list[Counts], seconds: float | None) -> None:
    expected = None if seconds is None else timedelta(seconds=seconds)
    assert time_queued_without_worker(counts, NOW, COUNTS_GOOD_FOR) == expected


def test_the_words_say_for_how_long_and_what_to_do() -> None:
    assert problem_text(None) == ""
    stalled = Problem(ProblemKind.STALLED, timedelta(seconds=400))
    assert problem_text(stalled) == ("Possibly stalled: no progress for 6 min.")
    assert "no active workers for 2 h" in problem_text(
        Problem(ProblemKind.ABANDONED, timedelta(seconds=7300))
    )
    assert problem_text(Problem(ProblemKind.LONG, NONE)).startswith("Running longer than")
