import math
from typing import Any

import pytest

from vpo_monitor.api import errors
from vpo_monitor.api.models import Health
from vpo_monitor.insight import connection
from vpo_monitor.insight.connection import Connection, report
from vpo_monitor.polling.snapshot import Snapshot, State

NOW = 1000.0


def snapshot(
    *,
    error: errors.VpoError | None = None,
    failures: int = 0,
    fetched_at: float | None = NOW - 1,
    fetching_since: float | None = None,
    next_attempt_at: float = NOW + 4,
    data: Any = "data",
) -> Snapshot[Any]:
    state = State.FAILED if error else State.OK
    if isinstance(error, errors.Unauthorized):
        state = State.STOPPED
    return Snapshot(data, fetched_at, state, error, failures, fetching_since, next_attempt_at)


HEALTHY = snapshot(data=Health(status="healthy"))


def test_fresh_data_is_live() -> None:
    said = report([snapshot()], HEALTHY, NOW, polling=True)
    assert (said.connection, said.age, said.sentence) == (Connection.LIVE, 1.0, None)


def test_the_age_is_that_of_the_oldest_data() -> None:
    shown = [snapshot(), snapshot(fetched_at=NOW - 40)]
    assert report(shown, HEALTHY, NOW, polling=True).age == 40


def test_an_answer_that_takes_long_is_not_called_live() -> None:
    said = report([snapshot(fetching_since=NOW - 4)], HEALTHY, NOW, polling=True)
    assert (said.connection, said.sentence) == (Connection.RECONNECTING, connection.SLOW)


@pytest.mark.parametrize(
    ("error", "failures", "word", "part"),
    [
        (errors.ServerBusy("busy"), 9, Connection.RECONNECTING, "holds VPO's database"),
        (errors.TimedOut("late"), 9, Connection.RECONNECTING, "holds VPO's database"),
        (errors.RateLimited("too often"), 9, Connection.RECONNECTING, "too often"),
        (errors.Unreachable("gone"), 2, Connection.RECONNECTING, "gone"),
        (errors.Unreachable("gone"), 3, Connection.OFFLINE, "gone"),
        (errors.Unauthorized("no"), 0, Connection.LOGIN_NEEDED, "no"),
    ],
)
def test_a_failure_has_its_word_and_sentence(
    error: errors.VpoError, failures: int, word: Connection, part: str
) -> None:
    said = report([snapshot(error=error, failures=failures)], HEALTHY, NOW, polling=True)
    assert said.connection is word
    assert part in (said.sentence or "")


def test_a_missing_job_is_an_answer() -> None:
    gone = snapshot(error=errors.NotFound("gone"), data=None, fetched_at=None)
    assert report([gone], HEALTHY, NOW, polling=True).connection is Connection.LIVE


def test_paused_and_finished() -> None:
    still = snapshot(next_attempt_at=math.inf)
    assert report([still], HEALTHY, NOW, polling=True).connection is Connection.FINISHED
    assert report([still], HEALTHY, NOW, polling=False).connection is Connection.PAUSED


def test_a_server_that_shuts_down_is_told() -> None:
    leaving = snapshot(data=Health(status="unhealthy", shutting_down=True))
    assert report([snapshot()], leaving, NOW, polling=True).sentence == connection.SHUTTING_DOWN
