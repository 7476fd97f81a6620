"""`vpo-monitor check --record` records all of VPO, and nothing of its owner."""

import contextlib
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from requests import PreparedRequest
from requests.adapters import HTTPAdapter

from bench.running_app import free_port
from tests.faults.faulty_server import FaultyServer
from tests.secret_leaks import TOKEN, leaks
from tests.vpo_server import Fault, VpoServer, start
from vpo_monitor import cli
from vpo_monitor.api import models
from vpo_monitor.api.model_base import Answer as Model
from vpo_monitor.config import load_settings
from vpo_monitor.recording import recorder
from vpo_monitor.recording.recorded_requests import DEPENDENT, FIXED
from vpo_monitor.recording.recorder import record
from vpo_monitor.recording.redaction import Redaction
from vpo_monitor.secrets_files import PREFIX

_RECORDINGS = Path(__file__).parents[2] / "data" / "recordings"
_A_TOKEN = "q5Zr7Yw2Kd9Lx4Bn-token"
_READ: dict[str, type[Model]] = {
    "about": models.About,
    "health_healthy": models.Health,
    "jobs_limit_100": models.JobPage,
    "job_process_completed": models.JobDetail,
    "logs_real_transcode": models.LogLines,
    "errors_scan": models.ScanErrors,
    "stats_summary": models.StatsSummary,
    "stats_recent": models.RecentFiles,
    "stats_detail_transcoded": models.JobReport,
    "stats_file_runs": models.FileRuns,
    "library_search": models.LibraryPage,
    "library_detail": models.LibraryFileDetail,
    "plans": models.PlanPage,
}
# Words that are in no vocabulary: whatever is of the owner is made of these.
FOLDER, STEM = "Annas Kammer [privat]", "Größe & Macht S01E02 – Пилот"
PATH = f"/mnt/Zwetschge/{FOLDER}/{STEM}.mkv"
_MARKS: tuple[str, ...] = (
    "Anna",
    "Kammer",
    "privat",
    "Größe",
    "Macht",
    "Пилот",
    "Zwetschge",
    "Regel",
    "Quitte",
)
_MARKS += ("ann@", "wohnzimmer", "192.168.77.5", "S01E02", "fe80::77", "Marille")


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.seconds = 1000.0
        self.slept: list[float] = []

    def now(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds


@dataclass
class Sent:
    """The requests as they leave: method, path and moment."""

    clock: Clock
    requests: list[tuple[str, str, float]] = field(default_factory=list)


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sent(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Sent:
    seen = Sent(clock)
    send = HTTPAdapter.send

    def noted(self: HTTPAdapter, request: PreparedRequest, **named: Any) -> Any:
        path = re.sub(r"https?://[^/]+", "", str(request.url))
        seen.requests.append((str(request.method), path, clock.now()))
        return send(self, request, **named)

    monkeypatch.setattr(HTTPAdapter, "send", noted)
    return seen


@pytest.fixture(scope="module")
def running() -> Iterator[VpoServer]:
    """A demo that asks for a token, with jobs whose every name is marked."""
    with start(worker=False, history=60, seed=1, token=_A_TOKEN, rate_limit=None) as demo:
        mark(demo)
        yield demo


@pytest.fixture
def server(running: VpoServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[VpoServer]:
    """The same, as the server that is set."""
    point_at(running, monkeypatch)
    yield running
    running.faults.clear()


def point_at(server: VpoServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("VPO_MONITOR_API_URL", server.url)
    monkeypatch.setenv("VPO_MONITOR_API_TOKEN", _A_TOKEN)


@dataclass(frozen=True)
class Made:
    """A recording of that demo, which took `asked` requests."""

    folder: Path
    files: dict[str, dict[str, Any]]
    asked: int


@pytest.fixture(scope="module")
def made(running: VpoServer, tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("recorded") / "there"
    folder.mkdir()
    before = len(running.requests)
    with pytest.MonkeyPatch.context() as patch:
        point_at(running, patch)
        assert recorded(folder, Clock()) == 0
    return Made(folder, read(folder), len(running.requests) - before)


def mark(server: VpoServer) -> None:
    """Give the demo a job of each kind that names the owner wherever a text can be."""
    store = server.store
    for job_type in ("scan", "transcode", "move", "process"):
        for status in ("running", "completed", "failed"):
            job_id = store.add_job(
                job_type=job_type,
                status=status,
                file_path=PATH,
                policy_name="Annas Regel",
                output_path=PATH.replace(".mkv", ".Quitte.mkv"),
                error_message=f"ffprobe failed for {PATH}: ann@wohnzimmer.local: Marille",
                summary=f"Moved {STEM}.mkv → /mnt/Zwetschge/ (3.9 GB)",
                summary_raw={"source_path": PATH, "Quitte": "Marille", "note": "Quitte"},
            )
            if job_type == "scan":
                store.add_scan_errors(job_id, [{"path": PATH, "error": f"{PATH}: Quitte"}])
            else:
                store.append_log(job_id, log_of(job_id))


def log_of(job_id: str) -> list[str]:
    return [
        "[2026-11-23T21:52:29.609764Z] \x1b[31mERROR\x1b[0m: Unexpected exception",
        f"[2026-11-23T21:52:29.609764Z] JOB START: {job_id}",
        f"[2026-11-23T21:52:29.609764Z] File: {PATH}",
        "[2026-11-23T21:52:29.609764Z] policy: Annas Regel",
        f"Input from 'http://ann:{_A_TOKEN}@wohnzimmer.local:8080/{STEM}?key=Quitte'",
        "host 192.168.77.5 at [fe80::77ab:1] said Marille to Anna",
        "/mnt/Zwetschge/Andere Kammer/tmp_Quitte.mkv: 12 frames at 23.9 fps, size 3.9 GB",
        *(f"frame={number} fps=48 q=28.0 size=14KiB speed=1.9x" for number in range(600)),
    ]


def recorded(folder: Path, clock: Clock) -> int:
    return record(load_settings(()), folder, say=lambda _: None, now=clock.now, sleep=clock.sleep)


def read(folder: Path) -> dict[str, dict[str, Any]]:
    return {file.stem: json.loads(file.read_text("utf-8")) for file in folder.iterdir()}


def route_of(request: str) -> tuple[str, set[str]]:
    """A request without what stands for one job, file or number."""
    path, _mark, query = request.partition("?")
    path = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d+(?=$)", "{id}", path)
    return path, set(re.findall(r"(\w+)=", query))


# What is recorded


def test_all_that_a_vpo_has_is_recorded_in_the_format_of_the_recordings(made: Made) -> None:
    files = made.files
    assert {request.name for request in FIXED} <= set(files)
    assert {"jobs_200_basic_auth", "jobs_search", "logs_long_first_500"} <= set(files)
    for name, recording in files.items():
        assert list(recording) == ["request", "status", "headers", "body"]
        text = (made.folder / f"{name}.json").read_text("utf-8")
        assert text == json.dumps(recording, indent=1, ensure_ascii=False) + "\n"
        known = _RECORDINGS / f"{name}.json"
        if not known.exists():
            assert name in DEPENDENT or name == "config_polling"
            continue
        of_vpo = json.loads(known.read_text("utf-8"))
        assert route_of(recording["request"]) == route_of(of_vpo["request"])
        is_of_the_demo = recording["status"] != 404
        assert recording["headers"].keys() == of_vpo["headers"].keys()
        if is_of_the_demo:
            assert recording["status"] == of_vpo["status"]
            assert recording["headers"] == of_vpo["headers"]
    for name, model in _READ.items():
        model.read(files[name]["body"])


def test_every_recording_of_a_good_answer_can_be_made_again() -> None:
    """All but those whose names tell of a fault or of one job that was looked at."""
    faults = re.compile(r"_(401|429|500|503)_|_while_|_no_auth_|^health|^job_of_|_200_")
    names = {file.stem for file in _RECORDINGS.glob("*.json") if not faults.search(file.stem)}
    assert names <= {request.name for request in FIXED} | set(DEPENDENT)


def test_only_get_is_sent_within_the_budget_of_the_settings(
    server: VpoServer,
    sent: Sent,
    clock: Clock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("VPO_MONITOR_REQUESTS_PER_MINUTE", "30")
    assert recorded(tmp_path / "new", clock) == 0
    assert {method for method, _path, _at in sent.requests} == {"GET"}
    at = [moment for _method, _path, moment in sent.requests]
    assert len(at) > 90
    for begin in at:
        assert sum(begin <= one < begin + 60 for one in at) <= 30


def test_little_is_asked_that_is_not_recorded(made: Made) -> None:
    assert made.asked < 2 * len(made.files)


def test_vpo_is_left_alone_for_as_long_as_it_asks(
    server: VpoServer, clock: Clock, tmp_path: Path
) -> None:
    server.faults.set(Fault.RATE_LIMITED, routes={"stats"}, retry_after="7")

    def sleep(seconds: float) -> None:
        clock.sleep(seconds)
        if seconds == 7.0:
            server.faults.clear()

    settings = load_settings(())
    said: list[str] = []
    assert record(settings, tmp_path / "new", say=said.append, now=clock.now, sleep=sleep) == 0
    assert clock.slept.count(7.0) == 1
    assert [line for line in said if "in 7 s" in line]


def test_a_long_log_is_recorded_from_its_beginning_its_end_and_beyond(
    monkeypatch: pytest.MonkeyPatch, clock: Clock, tmp_path: Path
) -> None:
    with FaultyServer() as vpo:
        monkeypatch.setenv("VPO_MONITOR_API_URL", vpo.url)
        assert recorded(tmp_path / "new", clock) == 0
    files = read(tmp_path / "new")
    parts = {name: files[f"logs_{name}"]["body"] for name in ("long_first_500", "long_tail")}
    total = parts["long_tail"]["total_lines"]
    assert total == 600
    assert len(parts["long_first_500"]["lines"]) == 500
    assert len(parts["long_tail"]["lines"]) == 100
    assert files["logs_past_end"]["body"]["lines"] == []
    assert files["logs_lines_clamped"]["body"]["offset"] == total - 20


def test_the_command_says_what_it_does_and_what_vpo_does_not_have(
    server: VpoServer,
    clock: Clock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(recorder, "record", partial(record, now=clock.now, sleep=clock.sleep))
    assert cli.check(["--record", str(tmp_path / "new")], "vpo-monitor check") == 0
    said = capsys.readouterr().out
    assert "at most 100 requests a minute" in said
    assert re.search(r"^jobs_limit_100 +/api/jobs\?limit=100$", said, re.MULTILINE)
    assert re.search(r"^Not recorded because .*\bjob_scan_queued\b", said, re.MULTILINE)
    assert not [mark for mark in _MARKS if mark in said]
    count = len(list((tmp_path / "new").iterdir()))
    assert said.splitlines()[-1].startswith(f"{count} responses are in {tmp_path / 'new'}.")


def test_an_empty_directory_that_is_there_is_filled(made: Made) -> None:
    assert "jobs_default" in made.files
    assert [path.name for path in made.folder.parent.iterdir()] == ["there"]


# What is not


def test_nothing_tells_of_the_owner(made: Made, running: VpoServer) -> None:
    ids = [job["id"] for job in running.store.jobs(limit=1000)[0]]
    for file in made.folder.iterdir():
        text = file.read_text("utf-8")
        assert [mark for mark in (*_MARKS, *ids, running.url) if mark in text] == [], file.name
        assert not leaks(text, _A_TOKEN)


def test_what_is_one_name_stays_one_name_in_all_files(made: Made) -> None:
    files = made.files
    job = files["job_move_failed"]["body"]
    path = job["file_path"]
    assert path.count("/") == PATH.count("/")
    assert path.endswith(".mkv")
    stem = path.rpartition("/")[2].removesuffix(".mkv")
    assert job["error_message"].startswith(f"ffprobe failed for {path}: ")
    assert job["summary"].startswith(f"Moved {stem}.mkv → ")
    assert job["summary_raw"]["source_path"] == path
    assert files["errors_scan"]["body"]["errors"][0]["filename"] == f"{stem}.mkv"
    listed = {one["id"]: one for one in files["jobs_limit_100"]["body"]["jobs"]}
    assert listed[job["id"]]["file_path"] == path
    assert job["id_short"] == job["id"][:8]
    assert files["job_move_failed"]["request"] == f"/api/jobs/{job['id']}"
    log = files["logs_long_first_500"]["body"]
    of_log = next(one for one in listed if one == log["job_id"])
    assert log["lines"][1].endswith(f"JOB START: {of_log}")
    assert log["lines"][2].endswith(f"File: {path}")
    assert log["lines"][3].endswith(f"policy: {job['policy_name']}")
    searched = files["jobs_search"]
    name = searched["request"].partition("search=")[2]
    assert all(name in one["file_path"] for one in searched["body"]["jobs"])


def test_a_name_that_is_left_is_written_nowhere(
    server: VpoServer,
    clock: Clock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(Redaction, "_text", lambda _self, _field, text: text)
    assert recorded(tmp_path / "new", clock) == 1
    said = capsys.readouterr().err
    assert "would still hold a name or a secret from VPO" in said
    assert not [mark for mark in _MARKS if mark in said]
    assert list(tmp_path.iterdir()) == []


# Bad input


def refused(folder: Path, clock: Clock, capsys: pytest.CaptureFixture[str], within: Path) -> str:
    """What is said when nothing is recorded: one line, while all files stay as they are."""
    before = {path: path.stat().st_mtime_ns for path in within.rglob("*") if path.is_file()}
    names = sorted(within.rglob("*"))
    assert recorded(folder, clock) == 1
    assert sorted(within.rglob("*")) == names
    assert {path: path.stat().st_mtime_ns for path in before} == before
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert said.startswith("Nothing was recorded. ")
    assert not leaks(said, _A_TOKEN, TOKEN)
    return said


def test_no_answer_at_the_address(
    clock: Clock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("VPO_MONITOR_API_URL", f"http://127.0.0.1:{free_port()}")
    assert "cannot be reached" in refused(tmp_path / "new", clock, capsys, tmp_path)
    monkeypatch.setenv("VPO_MONITOR_API_URL", "nas:8321")
    assert "must start with http://" in refused(tmp_path / "new", clock, capsys, tmp_path)


def test_a_directory_that_cannot_be_written(
    server: VpoServer, clock: Clock, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = len(server.requests)
    (tmp_path / "file").write_text("mine")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "about.json").write_text("mine")
    for folder, why in (
        (tmp_path / "file", "already exists"),
        (tmp_path / "full", "already exists"),
        (tmp_path / "file" / "new", "cannot be written"),
        (tmp_path / "none" / "new", "cannot be written"),
        (Path("/proc/vpo"), "cannot be written"),
    ):
        said = refused(folder, clock, capsys, tmp_path)
        assert f"{folder} {why}" in said
    assert len(server.requests) == asked


def test_the_address_that_was_found_by_itself_is_recorded(
    server: VpoServer, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VPO_MONITOR_API_URL")
    settings = load_settings((), server.url)
    folder = tmp_path / "new"
    assert record(settings, folder, say=lambda _: None, now=clock.now, sleep=clock.sleep) == 0
    assert (folder / "about.json").exists()


@pytest.mark.parametrize(
    ("kind", "routes"),
    [
        *((kind, {"health"}) for kind in ("html", "wrong_shape", "redirect", "cut_short")),
        *((kind, {"stats"}) for kind in ("html", "redirect", "cut_short")),
        ("wrong_shape", {"jobs"}),
    ],
)
def test_a_server_that_is_not_vpo(
    kind: str,
    routes: set[str],
    server: VpoServer,
    clock: Clock,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    server.faults.set(Fault.MALFORMED, routes=routes, kind=kind)
    refused(tmp_path / "new", clock, capsys, tmp_path)


@pytest.mark.parametrize(
    ("fault", "options", "said"),
    [
        (Fault.UNAUTHORIZED, {"routes": {"stats"}}, "requires a valid token"),
        (Fault.DATABASE_LOCKED, {"seconds": 0, "routes": {"stats"}}, "locks its database"),
        (Fault.DATABASE_LOCKED, {"seconds": 0}, "locks its database"),
        (Fault.SHUTTING_DOWN, {}, "is shutting down"),
        (Fault.RATE_LIMITED, {"routes": {"stats"}}, "received too many requests"),
        (Fault.RATE_LIMITED, {}, "received too many requests"),
    ],
)
def test_what_goes_wrong_on_the_way_leaves_nothing(
    fault: Fault,
    options: dict[str, Any],
    said: str,
    server: VpoServer,
    clock: Clock,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    server.faults.set(fault, **options)
    assert said in refused(tmp_path / "new", clock, capsys, tmp_path)


def test_a_stopped_recording_leaves_nothing(
    server: VpoServer, clock: Clock, tmp_path: Path
) -> None:
    def stop(line: str) -> None:
        if line.startswith("plans"):
            raise KeyboardInterrupt

    with contextlib.suppress(KeyboardInterrupt):
        record(load_settings(()), tmp_path / "new", say=stop, now=clock.now, sleep=clock.sleep)
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_token(
    server: VpoServer,
    clock: Clock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("VPO_MONITOR_API_TOKEN", TOKEN)
    assert "VPO rejects the token" in refused(tmp_path / "new", clock, capsys, tmp_path)


def test_one_of_several_servers_is_to_be_named(
    server: VpoServer, clock: Clock, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    secrets = tmp_path / "secrets.toml"
    listed = "".join(
        f"[[vpo_monitor.servers]]\nname = '{name}'\naddress = 'http://{name}:8321'\n"
        for name in ("cellar", "attic")
    )
    secrets.write_text(listed)
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("VPO_MONITOR_API_URL")
        patch.delenv("VPO_MONITOR_API_TOKEN")
        settings = load_settings((secrets,))
    folder = tmp_path / "new"
    assert record(settings, folder, now=clock.now, sleep=clock.sleep) == 1
    assert "Several servers are configured. Set VPO_MONITOR_API_URL" in capsys.readouterr().err
    assert not folder.exists()
