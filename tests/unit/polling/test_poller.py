import threading
from collections.abc import Callable
from typing import Any

import pytest

from tests.unit.polled_server import CLIENT, World, in_spare_time
from vpo_monitor.api import errors
from vpo_monitor.api.client import VpoClient
from vpo_monitor.polling import entry
from vpo_monitor.polling.limits import Budget
from vpo_monitor.polling.poller import PATIENCE, Poller
from vpo_monitor.polling.queries import Priority, Query, Route
from vpo_monitor.polling.snapshot import TICK_MARGIN, TOGETHER, State, seconds_to_next_tick


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def poller(world: World) -> Poller:
    return world.poller()


def test_fifty_readers_of_one_query_make_one_request() -> None:
    released, asked = threading.Event(), list[int]()

    def slow(_client: VpoClient) -> str:
        asked.append(1)
        assert released.wait(20)
        return "data"

    poller = Poller(CLIENT, Budget(100), patience=60.0)  # they are not to wait for so long
    query: Query[str] = Query(Route.LIST, slow)
    seen = list[Any]()
    barrier = threading.Barrier(51)

    def read() -> None:
        barrier.wait()
        seen.append(poller.read(query, 5).data)

    readers = [threading.Thread(target=read) for _ in range(50)]
    for reader in readers:
        reader.start()
    barrier.wait()
    released.set()
    for reader in readers:
        reader.join(20)
    assert seen == ["data"] * 50
    assert len(asked) == 1


def test_a_slow_server_blocks_no_reader() -> None:
    released = threading.Event()

    asked, is_daemon = threading.Event(), list[bool]()

    def slow(_client: VpoClient) -> str:
        is_daemon.append(threading.current_thread().daemon)
        asked.set()
        released.wait(20)
        return "data"

    poller = Poller(CLIENT, Budget(100), patience=0.01)
    query: Query[str] = Query(Route.LIST, slow)
    snapshot = poller.read(query, 5)
    assert asked.wait(20)
    released.set()
    assert is_daemon == [True]  # it does not keep the app from ending either
    assert snapshot.state is State.WAITING
    assert snapshot.fetching_since is not None


def test_nobody_waits_for_a_server_that_is_slow_already(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    work, waits = list[Callable[[], None]](), list[float]()
    poller = Poller(CLIENT, Budget(100), now=lambda: world.now, start=work.append)
    monkeypatch.setattr(poller._changed, "wait_for", lambda _done, limit: waits.append(limit))
    poller.read(world.query(Route.LIST), 5)
    assert waits == [PATIENCE]
    world.now += 1.1
    snapshot = poller.read(world.query(Route.DETAIL), 5)
    assert snapshot.state is State.WAITING
    assert len(work) == 2
    assert waits == [PATIENCE]


@pytest.mark.parametrize(("patience", "waited"), [(None, PATIENCE), (0.1, 0.1), (9.0, PATIENCE)])
def test_a_reader_waits_no_longer_than_it_says_nor_than_a_page_may(
    world: World, monkeypatch: pytest.MonkeyPatch, patience: float | None, waited: float
) -> None:
    waits = list[float]()
    poller = world.waiting_poller(patience=PATIENCE)
    monkeypatch.setattr(poller._changed, "wait_for", lambda _done, limit: waits.append(limit))
    poller.read(world.query(), 5, patience=patience)
    assert waits == [waited]


def test_what_is_held_of_a_route_can_be_seen_without_asking(poller: Poller, world: World) -> None:
    poller.read(world.query(Route.LIST, 1), 5)
    poller.read(world.query(Route.STATS), 5)
    world.answers[Route.LIST] = errors.NotFound("gone")
    poller.read(world.query(Route.LIST, 2), 5)
    asked = len(world.asked)
    assert poller.held(Route.LIST) == [("job list 1", 1000.0)]
    assert len(world.asked) == asked


def test_data_is_asked_for_again_only_when_it_is_too_old(poller: Poller, world: World) -> None:
    for moment in (1000.0, 1004.9, 1005.0):
        world.now = moment
        poller.read(world.query(), 5)
    assert len(world.asked) == 2


def test_the_fastest_reader_sets_the_pace_for_all(poller: Poller, world: World) -> None:
    for _ in range(60):
        poller.read(world.query(), 60)
        assert poller.read(world.query(), 2).age(world.now) == (world.now - 1000) % 2
        world.now += 1
    assert len(world.asked) == 30
    for _ in range(60):
        poller.read(world.query(), 60)
        world.now += 1
    assert len(world.asked) == 31


def test_nobody_reading_means_nothing_asked(poller: Poller, world: World) -> None:
    poller.read(world.query(), 5)
    world.now += 10_000
    assert len(world.asked) == 1


def test_a_failure_keeps_the_data_with_its_age(poller: Poller, world: World) -> None:
    poller.read(world.query(), 5)
    world.answers[Route.LIST] = errors.ServerBusy("busy")
    world.now += 7
    snapshot = poller.read(world.query(), 5)
    assert snapshot.data == "job list 0"
    assert snapshot.age(world.now) == 7
    assert snapshot.state is State.FAILED
    assert snapshot.next_attempt_at == world.now + 5


def test_routes_fail_apart_from_each_other(poller: Poller, world: World) -> None:
    world.answers[Route.LIST] = errors.ServerBusy("busy")
    for _ in range(120):
        poller.read(world.query(Route.LIST), 5)
        poller.read(world.query(Route.LOGS), 5)
        world.now += 1
    # 0, 5, 10, then 10 s, 20 s and 40 s later; the log meanwhile every 5 s
    assert world.asked.count(Route.LIST) == 6
    assert world.asked.count(Route.LOGS) == 24


def test_data_that_another_query_s_failure_holds_back_is_not_called_good(
    poller: Poller, world: World
) -> None:
    poller.read(world.query(number=1), 5)
    world.now += 3
    world.answers[Route.LIST] = errors.ServerBusy("busy")
    poller.read(world.query(number=2), 5)
    assert poller.read(world.query(number=1), 5).state is State.OK  # still fresh
    world.now += 2
    held_back = poller.read(world.query(number=1), 5)
    assert held_back.state is State.FAILED
    assert isinstance(held_back.error, errors.ServerBusy)
    world.answers.clear()
    world.now += 10
    assert poller.read(world.query(number=1), 5).state is State.OK


def test_a_refused_connection_counts_for_all(poller: Poller, world: World) -> None:
    world.answers[Route.LIST] = errors.Unreachable("gone")
    poller.read(world.query(Route.LIST), 5)
    snapshot = poller.read(world.query(Route.HEALTH), 5)
    assert world.asked == [Route.LIST]
    assert isinstance(snapshot.error, errors.Unreachable)


def test_a_rate_limit_silences_what_it_covers_for_as_long_as_asked(
    poller: Poller, world: World
) -> None:
    world.answers[Route.LIST] = errors.RateLimited("slow down", 37)
    assert poller.read(world.query(Route.LIST), 5).next_attempt_at == world.now + 37
    poller.read(world.query(Route.STATS), 5)
    poller.read(world.query(Route.HEALTH), 5)
    assert world.asked == [Route.LIST, Route.HEALTH]


def test_a_rate_limit_of_the_health_silences_the_health_alone(poller: Poller, world: World) -> None:
    world.answers[Route.HEALTH] = errors.RateLimited("slow down", 37)
    assert poller.read(world.query(Route.HEALTH), 5).next_attempt_at == world.now + 37
    poller.read(world.query(Route.HEALTH), 5)
    poller.read(world.query(Route.LIST), 5)
    assert world.asked == [Route.HEALTH, Route.LIST]


def test_another_failure_after_the_wait_ends_a_rate_limit(poller: Poller, world: World) -> None:
    world.answers[Route.LIST] = errors.RateLimited("slow down", 37)
    poller.read(world.query(number=1), 5)
    world.now += 38
    world.answers[Route.LIST] = errors.ServerBusy("busy")
    assert isinstance(poller.read(world.query(number=2), 5).error, errors.ServerBusy)
    assert isinstance(poller.read(world.query(number=1), 5).error, errors.ServerBusy)
    assert poller.read(world.query(Route.STATS), 5).state is State.OK


def test_a_refused_login_stops_everything_until_someone_retries(
    poller: Poller, world: World
) -> None:
    world.answers[Route.LIST] = errors.Unauthorized("no")
    poller.read(world.query(), 5)
    world.now += 10_000
    snapshot = poller.read(world.query(), 5)
    assert snapshot.state is State.STOPPED
    assert seconds_to_next_tick([snapshot], world.now) is None
    assert len(world.asked) == 1
    world.answers.clear()
    poller.retry()
    assert poller.read(world.query(), 5).state is State.OK


def test_a_job_that_is_gone_is_an_answer_and_asked_for_rarely(poller: Poller, world: World) -> None:
    world.answers[Route.DETAIL] = errors.NotFound("gone")
    for _ in range(60):
        poller.read(world.query(Route.DETAIL), 5)
        world.now += 1
    assert len(world.asked) == 1


def test_newer_than_asks_once(poller: Poller, world: World) -> None:
    poller.read(world.query(), float("inf"))
    world.now += 1
    for _ in range(3):
        poller.read(world.query(), float("inf"), newer_than=world.now)
    assert len(world.asked) == 2


def test_a_short_budget_makes_everything_older_and_nothing_refused(world: World) -> None:
    poller = world.poller(per_minute=30)
    queries = [world.query(Route.LIST, number) for number in range(10)]
    oldest = 0.0
    for second in range(300):
        world.now += 1
        for query in queries:
            age = poller.read(query, 5).age(world.now)
            oldest = max(oldest, age or 0.0) if second > 60 else 0.0
        poller.read(world.query(Route.DETAIL), 5)
    assert len(world.asked) <= 30 * 5 + 6
    assert world.asked.count(Route.DETAIL) >= 10  # its share, as each of the others
    assert oldest < 60


def test_patient_work_leaves_half_of_the_burst_to_those_who_may_not_wait(world: World) -> None:
    poller = world.poller()
    work = world.steps()
    snapshot = poller.read(work, float("inf"))
    assert snapshot.data == 10
    for number in range(10):  # nobody else waits
        assert poller.read(world.query(Route.DETAIL, number), 5).data is not None
    assert snapshot.next_attempt_at < float("inf")


def test_a_step_that_failed_is_taken_again(world: World) -> None:
    poller = world.poller()
    work = world.steps()
    done = poller.read(work, float("inf")).data or 0
    world.answers[Route.LOGS] = errors.ServerBusy("busy")
    world.now += 5
    assert poller.read(work, float("inf")).error is not None
    world.answers.clear()
    for _ in range(30):
        world.now += 1
        snapshot = poller.read(work, float("inf"))
    assert (snapshot.data or 0) > done
    assert snapshot.error is None


def test_searches_that_nobody_reads_make_room(world: World) -> None:
    poller = world.poller()
    for number in range(30):
        world.now += 1
        poller.read(world.steps(number), 5)
    assert len(poller._entries) == 12


def test_patient_work_goes_on_while_it_is_read_and_is_not_starved(world: World) -> None:
    poller = world.poller()
    work = world.steps()
    before, steps = 0, []
    for _ in range(180):
        for number in range(20):  # more than the budget can serve
            poller.read(world.query(Route.DETAIL, number), 5)
        done = poller.read(work, float("inf")).data or 0
        steps.append(done - before)
        before = done
        world.now += 1
    assert sum(steps[:60]) >= 1
    assert sum(steps[60:]) >= 3
    for _ in range(60):  # now it is alone
        poller.read(work, float("inf"))
        world.now += 1
    assert (poller.read(work, float("inf")).data or 0) - before > 50
    world.now += 60
    asked = len(world.asked)
    poller.read(world.query(Route.LIST, 1), 5)
    assert len(world.asked) == asked + 1  # nobody reads it any more


def test_the_list_is_not_starved_by_many_jobs_in_view(world: World) -> None:
    poller = world.poller()
    jobs = [world.query(Route.DETAIL, number) for number in range(40)]
    ages = []
    for _ in range(200):
        world.now += 1
        for query in jobs:
            poller.read(query, 5)
        ages.append(poller.read(world.query(Route.LIST), 5).age(world.now))
    assert max(age or 0.0 for age in ages[100:]) < 90
    assert world.asked.count(Route.LIST) >= 4


def test_no_store_grows_without_bound(poller: Poller, world: World) -> None:
    for number in range(entry.MOST[Priority.IN_VIEW] * 3):
        world.now += 1
        poller.read(world.query(number=number), 5)
    assert len(poller._entries) <= entry.MOST[Priority.IN_VIEW]
    world.now += entry.FORGET_AFTER + 1
    poller.read(world.query(Route.HEALTH), 5)
    assert len(poller._entries) == 1


def test_an_outage_is_logged_once_and_its_end_once(
    poller: Poller, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.answers = dict.fromkeys(Route, errors.Unreachable("VPO cannot be reached."))
    for _ in range(100):
        for route in (Route.LIST, Route.HEALTH, Route.LOGS):
            poller.read(world.query(route), 5)
        world.now += 5
    world.answers.clear()
    world.now += 200
    for route in (Route.LIST, Route.HEALTH, Route.LOGS):
        poller.read(world.query(route), 5)
    assert caplog.messages == [
        "VPO cannot be reached.",
        "VPO at http://127.0.0.1:1 responds again after 700 s.",
    ]


def test_each_route_that_fails_by_itself_is_logged_by_itself(
    poller: Poller, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.answers[Route.LIST] = world.answers[Route.STATS] = errors.ServerBusy("Busy.")
    for _ in range(20):
        for route in (Route.LIST, Route.STATS, Route.HEALTH):
            poller.read(world.query(route), 5)
        world.now += 5
    world.answers[Route.LIST] = errors.BadResponse("Not VPO.")
    world.now += 200
    poller.read(world.query(), 5)
    world.answers[Route.LIST] = errors.NotFound("An answer after all.")
    world.now += 200
    poller.read(world.query(), 5)
    assert caplog.messages == [
        "Fetching the job list failed: Busy.",
        "Fetching the statistics failed: Busy.",
        "Fetching the job list failed: Not VPO.",
        "Fetching the job list from VPO at http://127.0.0.1:1 works again after 500 s.",
    ]


def test_a_refused_login_is_logged_once_however_often_someone_retries(
    poller: Poller, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.answers[Route.LIST] = errors.Unauthorized("Refused.")
    for _ in range(20):
        poller.read(world.query(), 5)
        poller.read(world.query(Route.HEALTH), 5)
        world.now += 5
        poller.retry()
    world.answers.clear()
    poller.read(world.query(), 5)
    assert caplog.messages == [
        "Refused.",
        "VPO at http://127.0.0.1:1 accepts the token again after 100 s.",
    ]


def test_a_rate_limit_is_logged_once_for_all_that_it_covers(
    poller: Poller, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.answers = dict.fromkeys((Route.LIST, Route.STATS), errors.RateLimited("Too often.", 5))
    for _ in range(20):
        for route in (Route.LIST, Route.STATS, Route.HEALTH):
            poller.read(world.query(route), 5)
        world.now += 5
    world.answers.clear()
    poller.read(world.query(), 5)
    assert caplog.messages == [
        "Too often.",
        "VPO at http://127.0.0.1:1 accepts requests again after 100 s.",
    ]


def test_a_bug_in_a_fetch_ends_as_a_failure_and_is_logged_once_without_its_message(
    poller: Poller, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.answers[Route.LIST] = KeyError("secret")
    for _ in range(3):
        assert isinstance(poller.read(world.query(), 5).error, errors.BadResponse)
        world.now += 5
    assert caplog.text.count("Couldn't parse the response for the job list: KeyError") == 1
    assert "secret" not in caplog.text


def test_an_error_that_is_kept_holds_neither_the_answer_nor_the_request(
    poller: Poller, world: World
) -> None:
    busy = world.answers[Route.LIST] = errors.ServerBusy("busy")
    busy.__cause__ = KeyError("the request")
    busy.__context__ = ValueError("the answer")
    error = poller.read(world.query(), 5).error
    assert error is busy
    assert (error.__traceback__, error.__cause__, error.__context__) == (None, None, None)


def test_the_next_tick_comes_just_after_the_due_time(poller: Poller, world: World) -> None:
    snapshot = poller.read(world.query(), 5)
    assert seconds_to_next_tick([snapshot], world.now) == 5 + TICK_MARGIN


def test_what_is_due_together_takes_one_tick(poller: Poller, world: World) -> None:
    first = poller.read(world.query(), 5)
    world.now += TOGETHER
    second = poller.read(world.query(Route.STATS), 5)
    assert seconds_to_next_tick([first, second], world.now) == 5 + TICK_MARGIN
    world.now += 0.01
    third = poller.read(world.query(Route.ERRORS), 5)
    waits = 5 - TOGETHER - 0.01 + TICK_MARGIN
    assert seconds_to_next_tick([first, third], world.now) == pytest.approx(waits)


def test_a_listener_hears_each_answer_and_failure_once(world: World) -> None:
    received: list[tuple[Route, Any]] = []
    poller = world.poller(
        on_answer=lambda query, answer, _asked_at, _took: received.append((query.route, answer)),
    )
    busy = world.answers[Route.STATS] = errors.ServerBusy("held")
    missing = world.answers[Route.DETAIL] = errors.NotFound("gone")
    for route in (Route.LIST, Route.STATS, Route.DETAIL, Route.LIST):
        poller.read(world.query(route), 5.0)
    assert received == [(Route.LIST, "job list 0"), (Route.STATS, busy), (Route.DETAIL, missing)]


def test_a_listener_that_fails_costs_no_reader_its_answer(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_given: Any) -> None:
        raise ValueError("secret")

    poller = world.poller(
        on_answer=fail,
    )
    assert poller.read(world.query(), 5.0).data == "job list 0"
    assert "process the response for the job list: ValueError" in caplog.text
    assert "secret" not in caplog.text


def test_what_no_viewer_waits_for_comes_after_what_one_follows_step_by_step(
    world: World, poller: Poller
) -> None:
    steps = world.steps()
    beside = in_spare_time(world.query(Route.DETAIL))
    for _ in range(30):
        poller.read(steps, float("inf"))
        poller.read(beside, 5.0)
        world.now += 1
    assert world.asked.count(Route.LOGS) > 20
    assert world.asked.count(Route.DETAIL) <= 2  # the first, and one that has waited long
    world.now += 15  # nobody follows the steps any more
    poller.read(beside, 5.0)
    assert world.asked[-1] == Route.DETAIL


def test_the_nice_to_have_leaves_searches_and_the_places_of_a_route_to_viewers(
    world: World,
) -> None:
    poller = world.waiting_poller()
    search = world.steps()
    poller.read(search, float("inf"))
    for number in range(20):
        poller.read(in_spare_time(world.query(Route.DETAIL, number)), 5.0)
    assert len(world.started) == 2  # one of them, however many are wanted
    for number in range(3):
        poller.read(world.query(Route.DETAIL, 100 + number), 5.0)
    assert len(world.started) == 5
    assert search in poller._entries
