import math
from typing import Any

import pytest

from vpo_monitor.analysis import connection
from vpo_monitor.analysis.connection import Connection, report
from vpo_monitor.api import errors
from vpo_monitor.api.models import Health
from vpo_monitor.polling.snapshot import Snapshot, State

NOW = 1000.0


def snapshot(
    *,
    error: errors.VpoError | None = None,
    failures: int = 0,
    fetched_at: float | None = NOW - 1,
    fetching_since: float | None = None,
    next_attempt_at: float = NOW + 4,
    max_age: float = 5.0,
    data: Any = "data",
) -> Snapshot[Any]:
    state = State.FAILED if error else State.OK
    if isinstance(error, errors.Unauthorized):
        state = State.STOPPED
    return Snapshot(
        data, fetched_at, state, error, failures, fetching_since, next_attempt_at, max_age
    )


HEALTHY = snapshot(data=Health(status="healthy"))


def test_fresh_data_is_live() -> None:
    said = report([snapshot()], HEALTHY, NOW, polling=True)
    assert (said.connection, said.age, said.sentence) == (Connection.LIVE, 1.0, None)
    assert said.next_attempt_in == 4.0


def test_a_server_that_is_gone_is_tried_before_data_that_is_renewed_rarely() -> None:
    gone = snapshot(error=errors.Unavailable("Gone"), next_attempt_at=NOW + 3)
    said = report([snapshot(next_attempt_at=NOW + 270)], gone, NOW, polling=True)
    assert said.next_attempt_in == 3.0


def test_the_age_is_that_of_the_oldest_data() -> None:
    shown = [snapshot(), snapshot(fetched_at=NOW - 40)]
    said = report(shown, HEALTHY, NOW, polling=True)
    assert (said.age, said.is_stale) == (40, True)


def test_what_is_renewed_rarely_does_not_make_the_page_look_old() -> None:
    shown = [snapshot(), snapshot(fetched_at=NOW - 40, max_age=30.0)]
    said = report(shown, HEALTHY, NOW, polling=True)
    assert (said.age, said.is_stale) == (1, False)


@pytest.mark.parametrize(("age", "is_stale"), [(9.5, False), (10.0, False), (10.1, True)])
def test_data_older_than_two_intervals_is_stale(*, age: float, is_stale: bool) -> None:
    said = report([snapshot(fetched_at=NOW - age)], HEALTHY, NOW, polling=True)
    assert said.is_stale is is_stale
    assert said.connection is (Connection.SLOW if is_stale else Connection.LIVE)


def test_the_first_data_to_become_stale_says_when() -> None:
    shown = [snapshot(fetched_at=NOW - 3), snapshot(fetched_at=NOW - 58, max_age=30.0)]
    health = snapshot(fetched_at=NOW - 11, data=HEALTHY.data)
    said = report(shown, health, NOW, polling=True)
    assert (said.stale_in, said.counts_stale_in) == (2.0, -1.0)


def test_what_is_good_for_ever_is_never_stale() -> None:
    ended = snapshot(fetched_at=NOW - 9999, max_age=math.inf)
    assert report([ended], HEALTHY, NOW, polling=True).stale_in is None


def test_a_quiet_server_s_list_is_as_fresh_as_the_health_that_shows_no_work() -> None:
    shown = [snapshot(fetched_at=NOW - 29, max_age=30.0)]
    said = report(shown, HEALTHY, NOW, polling=True, is_idle=True)
    assert (said.connection, said.age) == (Connection.IDLE, 1)


@pytest.mark.parametrize(
    ("seconds", "word", "remark"),
    [(3.0, Connection.LIVE, None), (3.1, Connection.SLOW, connection.SLOW)],
)
def test_an_answer_that_takes_long_is_not_called_live(
    seconds: float, word: Connection, remark: str | None
) -> None:
    said = report([snapshot(fetching_since=NOW - seconds)], HEALTHY, NOW, polling=True)
    assert (said.connection, said.remark) == (word, remark)


def test_data_that_waits_for_a_free_request_is_not_blamed_on_the_server() -> None:
    said = report([snapshot(fetched_at=NOW - 11)], HEALTHY, NOW, polling=True)
    assert (said.connection, said.remark) == (Connection.SLOW, connection.THROTTLED)


@pytest.mark.parametrize("slow", [snapshot(fetching_since=NOW - 4), snapshot(fetched_at=NOW - 11)])
def test_what_passes_soon_draws_nothing_new_on_the_page(slow: Snapshot[object]) -> None:
    said = report([slow], HEALTHY, NOW, polling=True)
    assert said.sentence is None
    assert not said.connection.is_failure


@pytest.mark.parametrize(
    ("error", "failures", "word", "part"),
    [
        (errors.ServerBusy("busy"), 9, Connection.DATABASE_LOCKED, "has locked VPO's database"),
        (errors.TimedOut("late"), 9, Connection.DATABASE_LOCKED, "has locked VPO's database"),
        (errors.RateLimited("too often"), 9, Connection.RATE_LIMITED, "too often"),
        (errors.Unavailable("leaving"), 1, Connection.SHUTTING_DOWN, "shutting down"),
        (errors.BadResponse("odd"), 9, Connection.RECONNECTING, "odd"),
        (errors.Unreachable("gone"), 2, Connection.RECONNECTING, "gone"),
        (errors.Unreachable("gone"), 3, Connection.OFFLINE, "gone"),
        (errors.Unauthorized("no"), 0, Connection.TOKEN_REJECTED, "no"),
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
    finished = report([still], HEALTHY, NOW, polling=True)
    assert (finished.connection, finished.next_attempt_in) == (Connection.FINISHED, None)
    assert report([still], HEALTHY, NOW, polling=False).connection is Connection.PAUSED


def test_a_server_that_shuts_down_is_told() -> None:
    leaving = snapshot(data=Health(status="unhealthy", shutting_down=True))
    assert report([snapshot()], leaving, NOW, polling=True).sentence == connection.SHUTTING_DOWN


def test_what_is_asked_for_anew_at_this_moment_is_not_finished() -> None:
    asking = snapshot(fetching_since=NOW - 0.3, next_attempt_at=-math.inf)
    said = report([asking], HEALTHY, NOW, polling=True)
    assert (said.connection, said.next_attempt_in) == (Connection.LIVE, 0.0)
