"""A viewer who presses *r* many times a second."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.unit.scripted_vpo import HEALTH, NO_JOBS, ScriptedVpo, detail, job_path
from vpo_monitor.api import errors
from vpo_monitor.polling import queries
from vpo_monitor.polling.poller import Poller
from vpo_monitor.polling.queries import Query
from vpo_monitor.polling.snapshot import Snapshot, State

PAGE: tuple[Query[Any], ...] = (queries.health(), queries.job("a"), queries.jobs(limit=50))
OTHER_PAGE: tuple[Query[Any], ...] = (queries.jobs(status="running"), queries.stats_summary())


@pytest.fixture
def vpo() -> ScriptedVpo:
    return ScriptedVpo(
        {
            "/health": HEALTH,
            "/api/jobs": NO_JOBS,
            job_path("a"): detail("a"),
            "/api/stats/summary": {"total_files_processed": 1},
        }
    )


def presses(vpo: ScriptedVpo, poller: Poller, seconds: int) -> Iterator[list[Snapshot[Any]]]:
    """What the page shows after each of ten presses a second."""
    for _ in range(seconds * 10):
        vpo.now += 0.1
        poller.retry()
        yield [poller.read(query, 5, newer_than=vpo.now) for query in PAGE]


def test_requests_stay_within_the_budget_and_every_page_goes_on(vpo: ScriptedVpo) -> None:
    poller = vpo.poller()
    own: list[float] = []
    others: list[float] = []
    for number, shown in enumerate(presses(vpo, poller, 300)):
        own += [snapshot.age(vpo.now) or 0.0 for snapshot in shown]
        if number % 10 == 0:
            seen = [poller.read(query, 5) for query in OTHER_PAGE]
            others += [snapshot.age(vpo.now) or 0.0 for snapshot in seen]
    assert vpo.most_per_minute() <= 100
    assert max(own) < 60
    assert max(others) < 60  # older than usual, but nobody is shut out
    assert {snapshot.state for snapshot in (*shown, *seen)} == {State.OK}


@pytest.mark.parametrize("error", [errors.RateLimited, errors.Unavailable])
def test_the_servers_retry_after_is_obeyed(
    vpo: ScriptedVpo, error: type[errors.RateLimited | errors.Unavailable]
) -> None:
    vpo.answers["/api/jobs"] = error("Come back later.", 37)
    poller = vpo.poller()
    *_, shown = presses(vpo, poller, 30)
    assert len(vpo.times("/api/jobs")) == 1
    assert shown[-1].error is vpo.answers["/api/jobs"]
    assert shown[-1].next_attempt_at == pytest.approx(vpo.times("/api/jobs")[0] + 37)
    assert shown[0].state is State.OK
    vpo.answers["/api/jobs"] = NO_JOBS
    *_, shown = presses(vpo, poller, 60)
    assert shown[-1].state is State.OK


def test_a_wait_that_the_server_did_not_ask_for_ends_with_a_press(vpo: ScriptedVpo) -> None:
    vpo.answers["/api/jobs"] = errors.ServerBusy("VPO answered 500.")
    poller = vpo.poller()
    for _ in range(120):
        vpo.now += 1
        poller.read(PAGE[-1], 5)
    requests = len(vpo.times("/api/jobs"))
    vpo.answers["/api/jobs"] = NO_JOBS
    poller.retry()
    assert poller.read(PAGE[-1], 5).state is State.OK
    assert len(vpo.times("/api/jobs")) == requests + 1
