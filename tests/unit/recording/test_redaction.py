"""What is taken out of a recording, and what stays."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vpo_monitor.recording.allowed_words import is_allowed_word
from vpo_monitor.recording.recorded_requests import Answer, Recorded, Request
from vpo_monitor.recording.redaction import Redaction

_RECORDINGS = sorted((Path(__file__).parents[2] / "data" / "recordings").glob("*.json"))
_JSON = "application/json; charset=utf-8"
_ID = "ca9ab3a3-651f-4677-8444-1281c29c09a4"


def recorded(body: Any, content_type: str = _JSON, **request: Any) -> Recorded:
    asked = Request("any", "/api/any", **request)
    return Recorded(asked, Answer(200, content_type, body))


def redacted(body: Any, *, token: str | None = None, host: str | None = None) -> Any:
    """The body as it would be written, which is held to leak nothing."""
    one = recorded(body)
    redaction = Redaction([one], token=token, host=host)
    recording = redaction.recording(one)
    assert not redaction.is_leaking(recording)
    return recording["body"]


def skeleton(value: Any) -> Any:
    """A body without its texts."""
    if isinstance(value, dict):
        return {name: skeleton(one) for name, one in value.items()}
    if isinstance(value, list):
        return [skeleton(one) for one in value]
    return "a text" if isinstance(value, str) else value


def loaded() -> dict[str, Recorded]:
    """The recordings, as if each had just been made."""
    found = {}
    for file in _RECORDINGS:
        recording = json.loads(file.read_text("utf-8"))
        content_type = recording["headers"]["Content-Type"]
        answer = Answer(recording["status"], content_type, recording["body"])
        found[file.stem] = Recorded(Request(file.stem, recording["request"]), answer)
    return found


def test_the_recordings_keep_their_form_and_lose_their_names() -> None:
    recordings = loaded()
    redaction = Redaction(list(recordings.values()), token=None, host=None)
    written = {name: redaction.recording(one) for name, one in recordings.items()}
    for name, recording in written.items():
        assert skeleton(recording["body"]) == skeleton(recordings[name].answer.body), name
        assert redaction.is_leaking({**recording, "request": ""}) is False, name
        text = json.dumps(recording["body"], ensure_ascii=False)
        for mark in ("Movie", "映画", "Шоу", "Buck", "🎬", "Simple", "sonarr", "/srv", "broken"):
            assert mark not in text, name
    kept = written["job_scan_completed"]["body"]
    raw = recordings["job_scan_completed"].answer.body
    for field in ("job_type", "status", "created_at", "duration_seconds", "summary_raw"):
        assert kept[field] == raw[field]
    log = written["logs_process_phases"]["body"]["lines"]
    assert log[0].startswith("[2026-11-28T23:24:03.210741Z] Workflow phases: tracks, ")
    assert "Size: 19.9 MB -> 3.6 MB (-82.0%)" in log[12]
    assert "Speed: 111.2 fps" in log[14]


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("Phase tracks: OK (2 changes, 0.1s)", "Phase tracks: OK (2 changes, 0.1s)"),
        ("[2026-11-28T23:24:03.210741Z] JOB START", "[2026-11-28T23:24:03.210741Z] JOB START"),
        (f"JOB START: {_ID}", "JOB START: 00000001-0000-4000-8000-000000000001"),
        ("\x1b[31mERROR\x1b[0m: 1280x720", "\x1b[31mERROR\x1b[0m: 1280x720"),
        ("File: /mnt/Quitte/Birne.mkv", "File: /file-1/file-2/file-3.mkv"),
        (r"File: D:\Quitte\Birne.mkv", r"File: D:\file-1\file-2.mkv"),
        ("Quitte and Birne, and Quitte", "word-1 and word-2, and word-1"),
        ("at https://ann:pw@nas.local:8443/Quitte?key=1", "at http://host-1/file-1"),
        ("at http://127.0.0.1:8321", "at http://127.0.0.1"),
        ("by 192.168.7.5 and fe80::1ff:fe23", "by host-1 and host-2"),
        ("ann@quitte.example", "word-1@word-2.word-3"),
        ("d41d8cd98f00b204e9800998ecf8427e", "0" * 31 + "1"),
    ],
)
def test_a_sentence_keeps_the_words_that_are_known(said: str, written: str) -> None:
    assert redacted({"lines": [said]}) == {"lines": [written]}


def test_a_known_name_is_found_in_sentences_as_a_whole() -> None:
    body = {
        "file_path": "/mnt/My Films/The First (2001).mkv",
        "policy_name": "normalize",
        "summary": "Moved The First (2001).mkv by policy 'normalize', video normalize",
        "error_message": "/mnt/My Films/The First (2001).mkv: Invalid data",
    }
    assert redacted(body) == {
        "file_path": "/folder-1/folder-2/file-1.mkv",
        "policy_name": "policy-1",
        "summary": "Moved file-1.mkv by policy 'policy-1', video normalize",
        "error_message": "/folder-1/folder-2/file-1.mkv: Invalid data",
    }


def test_a_file_whose_name_is_a_number_or_a_harmless_word_is_found_by_its_extension() -> None:
    body = {
        "file_path": "/mnt/films/1917.mkv",
        "filename": "empty.mp4",
        "summary": "Moved 1917.mkv of 1917 MB and empty.mp4 is empty",
    }
    assert redacted(body) == {
        "file_path": "/folder-1/folder-2/file-1.mkv",
        "filename": "file-2.mp4",
        "summary": "Moved file-1.mkv of 1917 MB and file-2.mp4 is empty",
    }


def test_what_is_not_known_is_replaced_as_a_whole() -> None:
    body = {
        "type": "Quitte",
        "of_a_new_version": "a sentence of known words, a file",
        "format": "video",
        "status": "at Ann's",
        "codec": "hevc",
        "container_tags": {"encoder": "Ann", "Ann's note": "video", "codec": "Quitte"},
        "By Ann": [1, {"path": "Quitte/x.mkv"}],
        "names": {"alice": 3},
        "extension": "AliceSmith",
        "label": "Alice",
        "version": "0.2-alice",
        "seconds": 1.5,
        "empty": "",
    }
    assert redacted(body) == {
        "type": "folder-1",
        "of_a_new_version": "text-1",
        "format": "video",
        "status": "text-2",
        "codec": "hevc",
        "container_tags": {"encoder": "text-3", "key-1": "video", "codec": "folder-1"},
        "key-2": [1, {"path": "folder-1/file-1.mkv"}],
        "names": {"key-3": 3},
        "extension": "text-4",
        "label": "text-5",
        "version": "text-6",
        "seconds": 1.5,
        "empty": "",
    }


def test_a_kept_field_that_holds_a_name_does_not_keep_it() -> None:
    body = {"path": "/mnt/prores/x.mkv", "codec": "prores", "status": "completed"}
    assert redacted(body) == {
        "path": "/folder-1/folder-2/file-1.mkv",
        "codec": "folder-2",
        "status": "completed",
    }


def test_a_replacement_is_no_name_of_the_server() -> None:
    body = [{"path": "/folder-1/file-1.mkv"}, {"path": "/folder-2/file-2.mkv"}]
    assert redacted(body) == [{"path": "/folder-3/file-3.mkv"}, {"path": "/folder-4/file-4.mkv"}]


def test_folders_that_are_called_as_vpo_calls_things_are_no_leak() -> None:
    paths = ["/video/audio/job.mkv", "/2024/720p/subtitle_tracks.mkv", "/2024-11-28/hevc/h264.mkv"]
    body = {"paths": paths, "label": "hevc", "subtitle_tracks": [], "at": "2024-11-28"}
    assert redacted(body)["label"] == "hevc"


def test_folders_that_are_called_as_routes_are_no_leak() -> None:
    docs = "https://github.com/randomparity/vpo/tree/main/docs"
    paths = ["/library", "/docs/about/polling.mkv", "/distribution/v1/main/docs.mkv"]
    one = Recorded(
        Request("about", "/api/about"), Answer(200, _JSON, {"paths": paths, "docs_url": docs})
    )
    redaction = Redaction([one], token=None, host=None)
    recording = redaction.recording(one)
    assert recording["request"] == "/api/about"
    assert not redaction.is_leaking(recording)


def test_token_and_host_go_wherever_they_are() -> None:
    said = "nas.quitte.example has abcdef0123456789token, xabcdef0123456789tokenx"
    body = redacted({"lines": [said]}, token="abcdef0123456789token", host="nas.quitte.example")
    assert body == {"lines": ["host-1 has token, word-1"]}


def test_a_page_keeps_its_tags_alone() -> None:
    page = "<!DOCTYPE html><html><body class='Ann'><!-- Ann --><p>Ann</p><x-ann></body></html>"
    one = recorded(page, "text/html; charset=utf-8")
    body = Redaction([one], token=None, host=None).recording(one)["body"]
    assert body.split("\n") == [
        *("<!DOCTYPE html>", "<html>", "<body>", "<p>", "</p>", "</body>", "</html>")
    ]


def test_a_search_is_for_what_the_name_became() -> None:
    one = recorded({"jobs": [{"file_path": "/a/Quitte (1).mkv"}]}, search="Quitte (1)")
    recording = Redaction([one], token=None, host=None).recording(one)
    path = recording["body"]["jobs"][0]["file_path"]
    assert recording["request"] == f"/api/any?search={path.removesuffix('.mkv').split('/')[-1]}"


_NAME = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="/\\"),
    min_size=4,
    max_size=30,
).filter(
    lambda name: any(map(str.isalpha, name)) and not is_allowed_word(name) and name == name.strip()
)
# Before a known extension, the two letters that the test adds are too short for a name.
_FOLDER = _NAME.filter(lambda name: not name.startswith("."))


@settings(max_examples=40)
@given(name=_NAME, folder=_FOLDER, policy=_NAME)
def test_no_name_is_left_wherever_it_stands(name: str, folder: str, policy: str) -> None:
    name, folder, policy = f"Zq{name}", f"Zq{folder}", f"Zq{policy}"
    path = f"/mnt/{folder}/{name}.mkv"
    body = {
        "file_path": path,
        "policy_name": policy,
        "title": name,
        "status": name,
        "new_field": f"in {folder}",
        name: folder,
        "summary": f"Moved {name}.mkv → {folder} by policy '{policy}'",
        "lines": [f"[2026-11-28T23:24:03Z] {path}: {name}", f"{policy} {folder}/{name}.srt"],
        "container_tags": {name: policy},
    }
    written = redacted(body)
    assert "Zq" not in json.dumps(written, ensure_ascii=False)
    assert len(written) == len(body)
    folder, _slash, file = written["file_path"].removeprefix("/folder-1/").partition("/")
    assert file == f"{written['title']}.mkv"
    assert folder in written.values()
