"""What other programs are told of a server."""

import json
from datetime import timedelta
from typing import Any

import jsonschema
import pytest

from scripts import summary_schema
from tests.unit.watched_server import World
from vpo_monitor.analysis.program_reader import read_for_programs
from vpo_monitor.analysis.reader import ReaderMemory
from vpo_monitor.analysis.summary import Summary, summarize
from vpo_monitor.api.errors import ServerBusy, Unauthorized, Unreachable

SCHEMA = jsonschema.Draft202012Validator(json.loads(summary_schema.schema()))
MINUTE = timedelta(minutes=1)


class Program:
    """A program that asks now and then."""

    def __init__(self, *, is_polling: bool = True) -> None:
        self.world = World()
        self.memory = ReaderMemory()
        self.is_polling = is_polling

    def ask(self) -> dict[str, Any]:
        """Return what it is told of the server."""
        world = self.world
        known = read_for_programs(
            world.poller,
            world.tracker,
            self.memory,
            300.0,
            is_polling=self.is_polling,
            utcnow=world.utcnow,
        )
        text = Summary(servers=[summarize("NAS", known)]).model_dump_json()
        told = json.loads(text)
        SCHEMA.validate(told)
        server: dict[str, Any] = told["servers"][0]
        return server

    def run_jobs(self, seconds: list[float]) -> None:
        """Have jobs run one after the other for so long, and be seen."""
        world = self.world
        for number, each in enumerate(seconds):
            began = world.utcnow().isoformat()
            world.put(f"done{number}", "running", started_at=began)
            world.poll()
            world.vpo.now += each - world.interval
            world.finish(f"done{number}")
            world.poll(6)


@pytest.fixture
def program() -> Program:
    return Program()


def test_a_server_without_jobs_is_idle(program: Program) -> None:
    told = program.ask()
    assert (told["name"], told["state"], told["data_age_seconds"]) == ("NAS", "idle", 0)
    counts = {"running": 0, "queued": 0, "failed_24h": 0, "completed_24h": 0, "workers": 0}
    assert told["counts"] == counts
    assert (told["running"], told["queue_eta"], told["last_failure"]) == ([], None, None)


def test_running_jobs_have_their_progress_and_an_eta(program: Program) -> None:
    world = program.world
    program.run_jobs([600.0] * 4)
    began = world.utcnow()
    world.put("a", "running", started_at=began.isoformat(), progress_percent=0.0)
    world.put("b", "queued")
    world.vpo.now += 60
    told = program.ask()
    (job,) = told["running"]
    assert (job["id"], job["file"], job["progress_percent"]) == ("a", "a.mkv", None)
    assert job["started_at"] == began.isoformat().replace("+00:00", "Z")
    assert job["eta"]["earliest"] < job["eta"]["likely"] < job["eta"]["latest"]
    assert (began + 8 * MINUTE).isoformat() < job["eta"]["likely"]
    assert job["eta"]["likely"] < (began + 12 * MINUTE).isoformat()
    assert told["queue_eta"]["likely"] > job["eta"]["likely"]
    assert told["counts"]["completed_24h"] == 4


def test_the_last_failure_has_its_reason(program: Program) -> None:
    world = program.world
    world.put("old", "failed", completed_at="2026-11-20T10:00:00Z", error_message="Old")
    world.put("new", "failed", completed_at="2026-11-23T10:00:00Z", error_message="No\nspace")
    assert program.ask()["last_failure"] == {
        "id": "new",
        "file": "new.mkv",
        "at": "2026-11-23T10:00:00Z",
        "error": "No",
    }


def test_nothing_is_requested_that_is_newer_than_a_minute(program: Program) -> None:
    world = program.world
    program.ask()
    asked = len(world.vpo.requests)
    for _ in range(60):
        world.vpo.now += 0.9
        program.ask()
    assert len(world.vpo.requests) == asked
    world.vpo.now += 10
    program.ask()
    assert [path for _at, path in world.vpo.requests[asked:]] == ["/health", "/api/jobs"]


def test_a_program_that_asks_all_the_time_costs_four_requests_a_minute_at_most(
    program: Program,
) -> None:
    world = program.world
    for second in range(600):
        if second % 300 == 0:
            world.put(str(second), "queued")
        program.ask()
        world.vpo.now += 1
    after_the_first = [at for at, _path in world.vpo.requests if at > 60]
    assert max(sum(b <= at < b + 60 for at in after_the_first) for b in after_the_first) <= 4


@pytest.mark.parametrize(
    ("failure", "state"),
    [
        (Unreachable("gone"), "reconnecting"),
        (ServerBusy("busy"), "reconnecting"),
        (Unauthorized("wrong"), "token_rejected"),
    ],
)
def test_a_server_that_fails_keeps_what_was_known_with_its_age(
    program: Program, failure: Exception, state: str
) -> None:
    world = program.world
    world.put("a", "running")
    assert program.ask()["state"] == "live"
    world.failure = failure  # type: ignore[assignment]
    world.vpo.now += 90
    told = program.ask()
    assert (told["state"], told["data_age_seconds"]) == (state, 90)
    assert [job["id"] for job in told["running"]] == ["a"]
    assert told["counts"]["running"] == 1


def test_a_server_that_was_never_reached_has_nothing_but_its_name(program: Program) -> None:
    program.world.failure = Unreachable("gone")
    told = program.ask()
    assert (told["state"], told["data_age_seconds"]) == ("reconnecting", None)
    assert told["counts"]["running"] is None
    assert (told["running"], told["queue_eta"]) == ([], None)


def test_with_polling_off_the_first_request_is_the_last() -> None:
    program = Program(is_polling=False)
    assert program.ask()["state"] == "paused"
    asked = len(program.world.vpo.requests)
    program.world.vpo.now += 3600
    told = program.ask()
    assert (told["state"], told["data_age_seconds"]) == ("paused", 3600)
    assert len(program.world.vpo.requests) == asked


HOSTILE = "\x1b[31m\u202e?<b>&\x00" + "x" * 5000


def test_text_of_vpo_is_plain_and_short(program: Program) -> None:
    world = program.world
    for job_id, status in (("a", "running"), ("b", "failed")):
        world.put(job_id, status, file_path=f"/srv/{HOSTILE}", policy_name=HOSTILE)
        world.put(job_id, status, error_message=HOSTILE, progress_percent=250.0)
    told = program.ask()
    assert told["running"][0]["file"].startswith("?<b>&xxx")
    assert len(told["running"][0]["file"]) <= 255
    assert told["running"][0]["progress_percent"] == 100
    assert told["last_failure"]["error"].startswith("?<b>&xxx")
    assert len(told["last_failure"]["error"]) <= 500


@pytest.mark.parametrize("absurd", [None, -1, 1e300, "many", "9999-12-31T23:59:59Z", [], {}])
def test_absurd_values_are_left_out(program: Program, absurd: object) -> None:
    world = program.world
    fields = ("created_at", "started_at", "completed_at", "progress_percent", "policy_name")
    for job_id, status in (("a", "running"), ("b", "failed"), ("c", "queued"), ("d", "completed")):
        world.put(job_id, status, **dict.fromkeys(fields, absurd))
    assert [job["id"] for job in program.ask()["running"]] == ["a"]


def test_the_schema_is_the_one_in_the_docs() -> None:
    """`python -m scripts.summary_schema` writes it."""
    assert summary_schema.FILE.read_text("utf-8") == summary_schema.schema()
