"""The demo answers as the recorded VPO does: same status, same fields, same types."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from tests.vpo_server import Fault, VpoServer, start

_RECORDINGS = sorted((Path(__file__).parents[2] / "data" / "recordings").glob("*.json"))
NOT_SERVED = {
    "policies": "the demo has no files of policies yet",
}
"""Recordings of routes that the demo lacks, with the reason."""
_UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_FAULTS: dict[int, tuple[Fault, dict[str, Any]]] = {
    401: (Fault.UNAUTHORIZED, {}),
    429: (Fault.RATE_LIMITED, {"retry_after": "50"}),
    500: (Fault.DATABASE_LOCKED, {"seconds": 0}),
    503: (Fault.SHUTTING_DOWN, {}),
}
_OF_A_PAGE = ("limit", "offset", "has_filters", "max_page_size")
_LONG_LOG = 12_000
"""Lines; as many as the log of the recordings has."""


@dataclass
class Shape:
    """What the values in one place are: names of types, fields of objects, elements of lists."""

    types: set[str] = field(default_factory=set)
    fields: dict[str, "Shape"] = field(default_factory=dict)
    always: set[str] | None = None
    """The fields that every object here has; None if there was no object."""
    element: "Shape | None" = None

    def add(self, value: Any) -> None:
        self.types.add(type(value).__name__)
        if isinstance(value, dict):
            own = named(value)
            self.always = set(own) if self.always is None else self.always & set(own)
            for name, one in own.items():
                self.fields.setdefault(name, Shape()).add(one)
        elif isinstance(value, list):
            for one in value:
                self.element = self.element or Shape()
                self.element.add(one)

    def differences(self, value: Any, at: str = "") -> Iterator[str]:
        """What an answer has that no recording has there, and what it lacks."""
        if type(value).__name__ not in self.types:
            yield f"{at} is {type(value).__name__}, recorded as {sorted(self.types)}"
        elif isinstance(value, dict):
            own = named(value)
            for name in sorted((self.always or set()) - set(own)):
                yield f"{at}.{name} is missing"
            for name, one in own.items():
                if name in self.fields:
                    yield from self.fields[name].differences(one, f"{at}.{name}")
                else:
                    yield f"{at}.{name} is in no recording"
        elif isinstance(value, list) and self.element is not None:
            for one in value:
                yield from self.element.differences(one, f"{at}[]")


def named(value: dict[str, Any]) -> dict[str, Any]:
    """The fields of an object; a job's raw summary has other ones for each type of job."""
    own = f"summary_raw of {value.get('job_type')}"
    return {own if name == "summary_raw" else name: one for name, one in value.items()}


def load(file: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return loaded


def route_of(request: str) -> str:
    path = urlsplit(request).path.replace("/api/v1/", "/api/")
    return re.sub(r"/\d+\b", "/{id}", _UUID.sub("{id}", path))


def shapes() -> dict[str, Shape]:
    """The shape of the good answers of each route, over all recordings."""
    found: dict[str, Shape] = {}
    for file in _RECORDINGS:
        recording = load(file)
        if recording["status"] == 200 or "health" in file.stem:
            found.setdefault(route_of(recording["request"]), Shape()).add(recording["body"])
    return found


SHAPES = shapes()
# Recorded are successful runs alone; why one failed can only be a text, as in a job.
for _list in ("/api/stats/recent", "/api/stats/files/{id}"):
    SHAPES[_list].element.fields["error_message"].types.add("str")  # type: ignore[union-attr]
SHAPES["/api/library"].fields["files"].element.fields["scan_error"].types.add("str")  # type: ignore[union-attr]
SHAPES["/api/library/{id}"].fields["file"].fields["scan_error"].types.add("str")
SERVED = [file for file in _RECORDINGS if file.stem not in NOT_SERVED]


@pytest.fixture(scope="module")
def server() -> Iterator[VpoServer]:
    """A demo with a past, jobs of every type and status, and one long log."""
    with start(worker=False, history=300, seed=1, rate_limit=None, polling=None) as running:
        for status in ("queued", "running", "cancelled"):
            for job_type in ("scan", "apply", "transcode", "move", "process", "prune"):
                running.store.add_job(job_type=job_type, status=status)
        running.store.append_log(_long_log_of(running), [f"line {n}" for n in range(_LONG_LOG)])
        yield running


@pytest.fixture(autouse=True)
def no_faults(server: VpoServer) -> Iterator[None]:
    yield
    server.faults.clear()


def get(server: VpoServer, path: str) -> requests.Response:
    return requests.get(server.url + path, timeout=20, allow_redirects=False)


def jobs(server: VpoServer, **params: Any) -> list[dict[str, Any]]:
    answer = requests.get(f"{server.url}/api/jobs", params=params, timeout=20)
    found: list[dict[str, Any]] = answer.json()["jobs"]
    return found


def _long_log_of(server: VpoServer) -> str:
    (job,) = jobs(server, type="transcode", status="running")
    return str(job["id"])


def stats_ids(server: VpoServer) -> list[str]:
    return [run["stats_id"] for run in get(server, "/api/stats/recent?limit=100").json()]


def ids_like(recording: dict[str, Any], server: VpoServer) -> list[str]:
    """Jobs of the demo that are as the recorded one is, whatever was asked of it."""
    body, request = recording["body"], recording["request"]
    if request.endswith("/errors"):
        found = [job["id"] for job in jobs(server, type="scan", status="completed", limit=100)]
        return [one for one in found if get(server, f"/api/jobs/{one}").json()["has_scan_errors"]]
    if "/logs" in request:
        if body["total_lines"] == _LONG_LOG:
            return [_long_log_of(server)]
        return [job["id"] for job in jobs(server, status="completed", limit=3)]
    if request.startswith("/api/stats/"):
        wanted = {name: body[name] for name in ("video_transcode_skipped", "success")}
        reports = (get(server, f"/api/stats/{one}").json() for one in stats_ids(server))
        return [one["stats_id"] for one in reports if wanted.items() <= one.items()][:5]
    kind = {"type": body["job_type"], "status": body["status"]}
    return [job["id"] for job in jobs(server, limit=5, **kind)]


def equivalents(recording: dict[str, Any], server: VpoServer) -> list[str]:
    """The request of a recording, about what the demo has."""
    request: str = recording["request"]
    found = _UUID.search(request)
    if found is not None and found[0] != _UNKNOWN_ID:
        return [request.replace(found[0], one) for one in ids_like(recording, server)]
    if re.fullmatch(r"/api/stats/files/\d+", request) and recording["body"]:
        files = get(server, "/api/library?limit=20").json()["files"]
        return [f"/api/stats/files/{file['id']}" for file in files]
    if re.fullmatch(r"/api/library/\d+", request):
        files = get(server, "/api/library?limit=20").json()["files"]
        return [f"/api/library/{file['id']}" for file in files]
    if "search=" in request and recording["body"]["total"]:
        return [re.sub(r"search=[^&]+", "search=o", request)]
    return [request]


@pytest.mark.parametrize("file", SERVED, ids=lambda file: file.stem)
def test_the_demo_answers_as_recorded(file: Path, server: VpoServer) -> None:
    recording = load(file)
    status, body = recording["status"], recording["body"]
    paths = equivalents(recording, server)
    assert paths, "the demo has nothing like it"
    if status in _FAULTS:
        fault, options = _FAULTS[status]
        server.faults.set(fault, **options)
    for path in paths:
        answer = get(server, path)
        assert answer.status_code == status
        for name, value in recording["headers"].items():
            assert answer.headers[name] == value
        if isinstance(body, str):
            assert answer.text == body or answer.headers["Content-Type"].startswith("text/html")
            continue
        if status != 200 and "health" not in file.stem:
            assert answer.json() == body
            continue
        assert list(SHAPES[route_of(path)].differences(answer.json())) == []
        same: tuple[str, ...] = _OF_A_PAGE
        if "/logs" in path:
            same = ("offset", "has_more", "total_lines") if _LONG_LOG in body.values() else ()
            assert len(answer.json()["lines"]) == len(body["lines"]) or not same
        if isinstance(body, dict):
            of_page = {name: body[name] for name in same if name in body}
            assert {name: answer.json()[name] for name in of_page} == of_page


@pytest.mark.parametrize("name", NOT_SERVED)
def test_a_recording_that_the_demo_is_not_held_to_is_of_a_route_that_it_lacks(
    name: str, server: VpoServer
) -> None:
    (file,) = (file for file in _RECORDINGS if file.stem == name)
    assert get(server, load(file)["request"]).status_code == 404


@pytest.mark.parametrize(
    ("wrong", "difference"),
    [
        ({"a": 1, "b": [{"c": 0.5}]}, ".b[].c is float, recorded as ['NoneType', 'int']"),
        ({"b": []}, ".a is missing"),
        ({"a": "1", "b": []}, ".a is str, recorded as ['int']"),
        ({"a": 1, "b": [], "d": 1}, ".d is in no recording"),
        ({"a": True, "b": []}, ".a is bool, recorded as ['int']"),
    ],
)
def test_a_difference_would_be_found(wrong: dict[str, Any], difference: str) -> None:
    shape = Shape()
    shape.add({"a": 1, "b": [{"c": 1}, {"c": None}]})
    assert list(shape.differences(wrong)) == [difference]
