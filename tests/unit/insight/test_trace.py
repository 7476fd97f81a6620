"""When a page needs no look for news before it is drawn again."""

import math
from typing import Any

import pytest

from vpo_monitor.api.errors import ServerBusy
from vpo_monitor.api.models import Health, Job, JobPage
from vpo_monitor.insight.trace import is_sure_to_change
from vpo_monitor.polling.snapshot import TOGETHER, Snapshot, State

NOW = 1000.0
RUNNING = JobPage(rows=(Job(id="a", status="completed"), Job(id="b", status="running")), total=2)
ENDED = JobPage(rows=(Job(id="a", status="completed"),), total=1)


def snapshot(data: Any, next_attempt_at: float = NOW + 5, **more: Any) -> Snapshot[Any]:
    told = {
        "fetched_at": NOW,
        "state": State.OK,
        "error": None,
        "failures": 0,
        "fetching_since": None,
        "max_age": 5.0,
        **more,
    }
    return Snapshot(data=data, next_attempt_at=next_attempt_at, **told)


HEALTH = snapshot(Health(status="healthy"))


def test_running_times_are_sure_to_change() -> None:
    assert is_sure_to_change([snapshot(RUNNING), HEALTH], NOW)


def test_a_list_of_ended_jobs_may_stay_as_it_is() -> None:
    assert not is_sure_to_change([snapshot(ENDED), HEALTH], NOW)


def test_what_is_due_together_is_waited_for_together() -> None:
    later = snapshot(RUNNING, NOW + 5 + TOGETHER)
    assert is_sure_to_change([later, HEALTH], NOW)


@pytest.mark.parametrize(
    "list_of_jobs",
    [
        snapshot(RUNNING, NOW + 5 + 2 * TOGETHER),
        snapshot(RUNNING, math.inf),
        snapshot(RUNNING, fetching_since=NOW - 0.1),
        snapshot(RUNNING, state=State.FAILED, error=ServerBusy("held")),
    ],
    ids=["not due yet", "never due", "on its way", "failed"],
)
def test_else_a_tick_looks_first(list_of_jobs: Snapshot[Any]) -> None:
    assert not is_sure_to_change([list_of_jobs, HEALTH], NOW)


def test_a_page_that_shows_nothing_changes_by_nothing() -> None:
    assert not is_sure_to_change([], NOW)
