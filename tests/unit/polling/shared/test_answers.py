import threading
from typing import Any

import pytest
from pydantic import SecretStr

from tests.unit.polling.shared.conftest import SERVER, Process, World
from vpo_monitor.api import errors
from vpo_monitor.api.server import Server
from vpo_monitor.polling.shared import answers
from vpo_monitor.polling.shared.answers import LOCK_SECONDS, YOUNG
from vpo_monitor.polling.shared.keys import Keys
from vpo_monitor.polling.shared.record import FAILURE_SECONDS, MOST_SECONDS
from vpo_monitor.polling.shared.store import MOST_BYTES

PATH = "/api/jobs"
KEY = Keys(SERVER).of(PATH, {})


def failure_of(process: Process) -> errors.VpoError:
    with pytest.raises(errors.VpoError) as raised:
        process.get(PATH)
    return raised.value


def test_one_asks_for_all(world: World) -> None:
    told = [world.process().get(PATH) for _ in range(4)]
    assert told == [{"number": 1}] * 4
    assert len(world.vpo.asked) == 1


def test_one_asks_for_all_who_come_while_the_answer_is_on_its_way(world: World) -> None:
    asked, answered = threading.Event(), threading.Event()

    def slow(_params: Any) -> str:
        asked.set()
        assert answered.wait(20)
        return "the answer"

    waiting = threading.Semaphore(0)

    def pause(_seconds: float) -> None:
        waiting.release()
        answered.wait(0.01)

    world.vpo.answers[PATH] = slow
    processes = [world.process() for _ in range(4)]
    for process in processes:
        process.answers._pause = pause
    told = list[str]()
    threads = [
        threading.Thread(target=lambda p=process: told.append(p.get(PATH))) for process in processes
    ]
    threads[0].start()
    assert asked.wait(20)
    for thread in threads[1:]:
        thread.start()
    for _ in threads[1:]:
        assert waiting.acquire(timeout=20)
    answered.set()
    for thread in threads:
        thread.join(20)
    assert told == ["the answer"] * 4
    assert len(world.vpo.asked) == 1


def test_other_parameters_and_other_paths_are_other_answers(world: World) -> None:
    process = world.process()
    numbers = [
        process.get(PATH)["number"],
        process.get(PATH, limit=10)["number"],
        process.get(PATH, limit=10, offset=None)["number"],
        process.get("/api/plans")["number"],
    ]
    assert numbers == [1, 2, 2, 3]


def test_answers_to_other_tokens_and_of_other_servers_do_not_mix(world: World) -> None:
    servers = [
        SERVER,
        Server("test", SERVER.url, SecretStr("another token")),
        Server("test", SERVER.url),
        Server("test", "http://127.0.0.1:8322", SERVER.token),
    ]
    for server in servers:
        world.process(server).get(PATH)
    assert len(world.vpo.asked) == len(servers)
    assert len({key for key in world.store.values if key.startswith("answer:")}) == len(servers)
    assert len(world.store.buckets) == 2  # VPO limits an address, whatever its tokens
    assert "token" not in str(world.store)


def test_an_answer_is_as_old_as_it_is_by_the_stores_clock(world: World) -> None:
    first, second = world.process(), world.process()
    world.vpo.took = 0.5
    need = first.need()
    first.get(PATH, need)
    assert (need.asked_at, need.answered_at) == (first.now() - 0.5, first.now())
    world.now += 3
    need = second.need()
    second.get(PATH, need)
    assert need.answered_at == pytest.approx(second.now() - 3)
    assert need.asked_at == pytest.approx(second.now() - 3.5)


def test_an_answer_that_would_have_to_be_asked_for_at_once_is_too_old(world: World) -> None:
    world.process().get(PATH)
    world.now += 5 * YOUNG - 0.01
    assert world.process().get(PATH) == {"number": 1}
    world.now += 0.02
    assert world.process().get(PATH) == {"number": 2}


def test_who_wants_it_rarely_takes_what_others_have_asked(world: World) -> None:
    world.process().get(PATH)
    world.now += 50
    other = world.process()
    assert other.get(PATH, other.need(60)) == {"number": 1}


def test_nothing_stays_in_the_store_for_more_than_minutes(world: World) -> None:
    process = world.process()
    process.get(PATH, process.need(float("inf")))
    process.get("/api/about", process.need(300))
    world.vpo.answers["/health"] = errors.ServerBusy("busy")
    with pytest.raises(errors.ServerBusy):
        process.get("/health")
    left = sorted(until - world.now for _, until in world.store.values.values())
    assert left == pytest.approx([FAILURE_SECONDS, MOST_SECONDS, MOST_SECONDS])


def test_a_refresh_takes_only_what_was_asked_for_after_it(world: World) -> None:
    first, second = world.process(), world.process()
    first.get(PATH)
    world.now += 1
    refreshed_at = second.now()
    assert second.get(PATH, second.need(newer_than=refreshed_at - 1.5)) == {"number": 1}
    assert second.get(PATH, second.need(newer_than=refreshed_at)) == {"number": 2}


def test_an_answer_that_was_on_its_way_before_a_refresh_does_not_count(world: World) -> None:
    first, second = world.process(), world.process()
    world.vpo.took = 2
    first.get(PATH)
    need = second.need(newer_than=second.now() - 1)  # when the first had asked, but not heard
    assert second.get(PATH, need) == {"number": 2}


def test_the_servers_clock_is_known_to_all(world: World) -> None:
    first, second = world.process(), world.process()
    world.vpo.clock_ahead = 3600.0
    first.get(PATH)
    world.now += 2
    assert second.answers.clock_ahead == 0
    second.get(PATH)
    assert second.answers.clock_ahead == pytest.approx(3600)
    world.vpo.clock_ahead = 0.0
    first.get("/health")
    second.get("/health")
    assert second.answers.clock_ahead == 0


def test_who_died_while_asking_is_waited_for_until_its_key_expires(world: World) -> None:
    world.store.lock(f"lock:{KEY}", "somebody who is gone", LOCK_SECONDS)
    assert world.process().get(PATH) == {"number": 1}
    assert LOCK_SECONDS <= world.paused < LOCK_SECONDS + answers._LONGEST_PAUSE


def test_who_died_after_its_answer_holds_nobody_up(world: World) -> None:
    world.process().get(PATH)
    world.store.lock(f"lock:{KEY}", "somebody who is gone", LOCK_SECONDS)
    assert world.process().get(PATH) == {"number": 1}
    assert world.paused == 0


def test_a_key_that_is_taken_again_and_again_is_not_waited_for_for_ever(world: World) -> None:
    lock = f"lock:{KEY}"
    world.store.lock(lock, "somebody", LOCK_SECONDS)

    def take_again() -> None:
        world.store.unlock(lock, "somebody")
        world.store.lock(lock, "somebody", LOCK_SECONDS)

    world.on_pause = take_again
    assert world.process().get(PATH) == {"number": 1}
    assert world.paused == pytest.approx(answers._PATIENCE, abs=answers._LONGEST_PAUSE)


def test_a_key_that_has_passed_to_another_is_not_given_back(world: World) -> None:
    lock = f"lock:{KEY}"

    def slow(_params: Any) -> str:
        world.now += LOCK_SECONDS + 1
        assert world.store.lock(lock, "another", LOCK_SECONDS)
        return "late"

    world.vpo.answers[PATH] = slow
    assert world.process().get(PATH) == "late"
    assert world.store.values[lock][0] == b"another"


@pytest.mark.parametrize(
    "error",
    [
        errors.Unreachable("a"),
        errors.TimedOut("b"),
        errors.Unauthorized("c"),
        errors.NotFound("d"),
        errors.BadRequest("e"),
        errors.ServerBusy("f"),
        errors.BadResponse("g"),
        errors.RateLimited("h", 30.0),
        errors.Unavailable("i"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_failure_is_shared(world: World, error: errors.VpoError) -> None:
    world.vpo.answers[PATH] = error
    told = failure_of(world.process())
    world.now += 2
    shared = failure_of(world.process())
    assert len(world.vpo.asked) == 1
    assert told is error
    assert (type(shared), str(shared)) == (type(error), str(error))
    wait = getattr(error, "retry_after", None)
    assert getattr(shared, "retry_after", None) == (None if wait is None else wait - 2)


def test_a_failure_of_another_kind_is_not_shared(world: World) -> None:
    class Other(errors.VpoError):
        pass

    world.vpo.answers[PATH] = Other("who knows")
    failure_of(world.process())
    failure_of(world.process())
    assert len(world.vpo.asked) == 2


def test_a_failure_is_forgotten_soon(world: World) -> None:
    world.vpo.answers[PATH] = errors.ServerBusy("busy")
    failure_of(world.process())
    world.now += FAILURE_SECONDS - 0.1
    failure_of(world.process())
    assert len(world.vpo.asked) == 1
    world.now += 0.2
    failure_of(world.process())
    assert len(world.vpo.asked) == 2


def test_what_is_too_large_each_asks_for_itself(world: World) -> None:
    world.vpo.answers[PATH] = "x" * MOST_BYTES
    for _ in range(2):
        assert len(world.process().get(PATH)) == MOST_BYTES
    assert len(world.vpo.asked) == 2


def test_what_is_too_deep_each_asks_for_itself(world: World) -> None:
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    world.vpo.answers[PATH] = deep
    assert world.process().get(PATH) is deep
    assert not [key for key in world.store.values if key.startswith("answer:")]


def test_a_store_that_fails_while_somebody_asks_costs_no_answer(world: World) -> None:
    def fail(_params: Any) -> str:
        world.store.down = "does not answer in time"
        return "the answer"

    world.vpo.answers[PATH] = fail
    process = world.process()
    assert process.get(PATH) == "the answer"
    assert "does not answer in time" in str(process.guard.problem)
    assert len(world.vpo.asked) == 1


def test_without_the_store_each_asks_for_itself_and_together_again_when_it_is_back(
    world: World,
) -> None:
    processes = [world.process() for _ in range(3)]
    for process in processes:
        process.get(PATH)
    world.store.down = "cannot be reached"
    world.now += 30
    for process in processes:
        process.get_patiently(PATH)
    assert len(world.vpo.asked) == 1 + 3
    world.store.down = None
    world.now += 30
    for process in processes:
        process.get_patiently(PATH)  # and has the store tried, beside this
    world.now += 30
    for process in processes:
        process.get(PATH)
    assert len(world.vpo.asked) == 4 + 3 + 1
