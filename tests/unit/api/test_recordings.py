"""Every recorded answer of the real server, read through the client, field by field."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from vpo_monitor.api import errors
from vpo_monitor.api.client import VpoClient
from vpo_monitor.api.model_base import Answer as Model
from vpo_monitor.api.model_base import Rows
from vpo_monitor.api.models import LibraryDistribution, LibraryFileDetail

from .conftest import Answer

RECORDINGS = sorted((Path(__file__).parents[2] / "data" / "recordings").glob("*.json"))
# What the file detail's route sends beyond the size, which is all that it is asked for.
UNREAD = {"directory", "extension", "size_human", "video_tracks", "audio_tracks"}
UNREAD |= {"subtitle_tracks", "other_tracks", "total_tracks", "has_many_tracks", "container_tags"}
UNREAD |= {"has_container_tags", "plugin_metadata", "has_plugin_data", "plugin_count"}
NOT_READ = {
    "policies",
    "stats_detail_skipped",
    "stats_detail_transcoded",
    "stats_detail_unknown",
    "stats_file_runs",
    "stats_file_unknown",
}
"""Recordings of routes that the client has no method for yet: reports and policies."""
READ = [file for file in RECORDINGS if file.stem not in NOT_READ]
ERRORS = {
    400: errors.BadRequest,
    401: errors.Unauthorized,
    404: errors.NotFound,
    429: errors.RateLimited,
    500: errors.ServerBusy,
    503: errors.Unavailable,
}


def ask(client: VpoClient, request: str) -> Model:  # noqa: C901 - one case a route
    parts = urlsplit(request)
    query: dict[str, Any] = dict(parse_qsl(parts.query))
    query.pop("foo", None)  # a parameter that the client has no way to send
    query |= {name: int(query[name]) for name in ("limit", "offset", "lines") if name in query}
    if "type" in query:
        query["job_type"] = query.pop("type")
    segments = parts.path.removeprefix("/api").removeprefix("/v1").strip("/").split("/")
    match segments:
        case ["jobs"]:
            return client.jobs(**query)
        case ["jobs", job_id]:
            return client.job(job_id)
        case ["jobs", job_id, "logs"]:
            return client.logs(job_id, **query)
        case ["jobs", job_id, "errors"]:
            return client.scan_errors(job_id)
        case ["health"]:
            return client.health()
        case ["about"]:
            return client.about()
        case ["library"] if "status" in query:
            return client.library_files(**query)
        case ["library"]:
            return client.library(**query)
        case ["library", file_id]:
            return client.library_file(int(file_id))
        case ["plans"]:
            return client.plans(**query)
        case ["stats", kind]:
            method = kind.replace("-", "_") if kind.startswith("library-") else f"stats_{kind}"
            model: Model = getattr(client, method)(**query)
            return model
    raise AssertionError(f"no method asks for {request}")


def same(model: Model, recorded: Any) -> None:
    """Hold every recorded field against the model's."""
    if isinstance(model, Rows):
        values = recorded if model.list_key is None else recorded[model.list_key]
        assert len(model.rows) == len(values)
        assert model.skipped == 0
        for row, value in zip(model.rows, values, strict=True):
            same(row, value)
        recorded = {} if model.list_key is None else dict(recorded)
        recorded.pop(model.list_key, None)
    if isinstance(model, LibraryFileDetail):
        recorded = {k: v for k, v in recorded["file"].items() if k not in UNREAD}
    if isinstance(model, LibraryDistribution):
        for name, value in recorded.items():
            same(getattr(model, name), value)
        return
    for name, value in recorded.items():
        assert name in type(model).model_fields, f"{type(model).__name__} does not read {name}"
        read = getattr(model, name)
        if isinstance(read, datetime):
            assert read == datetime.fromisoformat(value)
        elif isinstance(read, tuple):
            assert list(read) == value
        else:
            assert read == value, name


@pytest.mark.parametrize("file", READ, ids=lambda file: file.stem)
def test_every_recording_is_read_field_by_field(
    file: Path, client: VpoClient, answer: Answer
) -> None:
    recording = json.loads(file.read_text("utf-8"))
    body = recording["body"]
    answer.status, answer.headers = recording["status"], recording["headers"]
    answer.body = (body if isinstance(body, str) else json.dumps(body)).encode()
    if recording["status"] == 200 or recording["request"] == "/health":
        same(ask(client, recording["request"]), body)
        return
    with pytest.raises(errors.VpoError) as caught:
        ask(client, recording["request"])
    assert type(caught.value) is ERRORS[recording["status"]]
    if isinstance(caught.value, errors.RateLimited):
        assert caught.value.retry_after == 50


def test_there_are_recordings() -> None:
    assert len(RECORDINGS) == 88
    assert len(READ) == len(RECORDINGS) - len(NOT_READ)


@pytest.mark.parametrize("name", sorted(NOT_READ))
def test_a_recording_that_is_not_read_is_of_a_route_without_a_method(
    name: str, client: VpoClient
) -> None:
    (file,) = (file for file in RECORDINGS if file.stem == name)
    with pytest.raises((AssertionError, AttributeError)):
        ask(client, json.loads(file.read_text("utf-8"))["request"])
