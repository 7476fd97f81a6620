"""The summary as programs get it."""

import asyncio
import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from starlette.requests import Request

from tests.unit.watched_server import World
from tests.unit.web.asgi import Browser
from tests.unit.web.stand_in import StandIn, browser_of, open_layer, settings_with
from vpo_monitor.config import PollingConfig
from vpo_monitor.metrics.sources import Target
from vpo_monitor.web.layer import ServerOptions, WebLayer
from vpo_monitor.web.program_reader import ProgramReader
from vpo_monitor.web.shared_body import SharedBody

PATH = "/api/summary"


def browser_with(targets: Callable[[], tuple[Target, ...]]) -> Browser:
    return Browser(StandIn().app(WebLayer(settings_with(), ServerOptions(), targets=targets)))


def test_it_has_each_server_by_name() -> None:
    worlds = {name: World() for name in ("NAS", "<b>Attic</b>")}
    worlds["NAS"].put("a", "running")
    targets = tuple(
        Target(name, world.poller, world.tracker, PollingConfig()) for name, world in worlds.items()
    )
    answer = browser_with(lambda: targets).get(PATH)
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "private, max-age=1"
    told = {one["name"]: one["counts"]["running"] for one in json.loads(answer.body)["servers"]}
    assert told == {"NAS": 1, "<b>Attic</b>": 0}


def test_without_a_server_it_is_empty() -> None:
    assert json.loads(browser_of(open_layer()).get(PATH).body) == {"servers": []}


def test_who_has_it_already_gets_304() -> None:
    browser = browser_of(open_layer())
    etag = browser.get(PATH).headers["etag"]
    for sent in (etag, f"W/{etag}", f'"x", {etag}', "*"):
        answer = browser.get(PATH, if_none_match=sent)
        assert (answer.status, answer.body, answer.headers["etag"]) == (304, b"", etag)
    for sent in ('"x"', "", etag.strip('"')):
        assert browser.get(PATH, if_none_match=sent).status == 200


def test_only_reading_is_allowed() -> None:
    answer = browser_of(open_layer()).post(PATH)
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD")


def test_a_mistake_of_ours_is_one_line_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> tuple[()]:
        raise ValueError("a secret")

    browser = browser_with(fail)
    for _ in range(5):
        answer = browser.get(PATH)
        assert (answer.status, answer.text) == (500, "The summary couldn't be made.\n")
    assert caplog.messages == ["The summary couldn't be made: ValueError"]


def test_the_routes_of_programs_read_a_server_one_after_the_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world, at_once = World(), threading.Barrier(2)

    def read(*_args: object, **_options: object) -> None:
        with pytest.raises(threading.BrokenBarrierError):
            at_once.wait(0.05)

    monkeypatch.setattr("vpo_monitor.web.program_reader.read_for_programs", read)
    target = Target("NAS", world.poller, world.tracker, PollingConfig())
    reader = ProgramReader()
    with ThreadPoolExecutor(2) as routes:
        for asked in [routes.submit(reader.read, target) for _ in range(2)]:
            asked.result()


def test_one_answer_serves_all_who_ask_within_a_second() -> None:
    made, now, may_end = [0], [100.0], threading.Event()

    def make() -> bytes:
        made[0] += 1
        assert may_end.wait(20)
        return b"%d" % made[0]

    body = SharedBody(make, "text/plain", "text", max_age=1.0, now=lambda: now[0])

    async def ask(times: int) -> list[bytes]:
        request = Request({"type": "http", "headers": []})
        asked = [asyncio.ensure_future(body.respond(request)) for _ in range(times)]
        await asyncio.sleep(0)
        may_end.set()
        return [bytes(answer.body) for answer in await asyncio.gather(*asked)]

    async def ask_three_times() -> None:
        assert await ask(200) == [b"1"] * 200
        now[0] += 0.9
        assert await ask(1) == [b"1"]
        now[0] += 0.2
        assert await ask(200) == [b"2"] * 200

    asyncio.run(ask_three_times())
