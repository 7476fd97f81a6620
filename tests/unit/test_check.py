"""`vpo-monitor check` says what is wrong and what to do, and tells no secret."""

import contextlib
import json
import os
import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bench.running_app import free_port
from tests.secret_leaks import PASSWORD, TOKEN, leaks
from tests.vpo_server import Fault, VpoServer, demo_server, start, utc_now
from vpo_monitor import cli
from vpo_monitor.api.json_http import JsonHttp
from vpo_monitor.checks import local_checks, vpo_checks
from vpo_monitor.checks.check_result import CheckResult, CheckStatus
from vpo_monitor.config import SOURCES, load_settings
from vpo_monitor.history.store import Store
from vpo_monitor.secrets_files import PREFIX

_WORDS = ("settings", "history", "address", "health", "token", "version", "clock", "jobs")
_ASKED = ("health", "token", "version", "clock", "jobs")
_A_TOKEN = "sixteen characters and more"


@pytest.fixture(autouse=True)
def secrets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The only file of secrets; nothing is set but what the test sets."""
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("VPO_MONITOR_HISTORY", str(tmp_path / "state" / "history.sqlite3"))
    file = tmp_path / "secrets.toml"
    monkeypatch.setattr(SOURCES, "files", lambda: (file,))
    return file


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[VpoServer]:
    with start(worker=False, history=3, seed=1) as running:
        monkeypatch.setenv("VPO_MONITOR_API_URL", running.url)
        yield running


@pytest.fixture
def guarded(monkeypatch: pytest.MonkeyPatch) -> Iterator[VpoServer]:
    """A server that asks for a token."""
    with start(worker=False, history=3, seed=1, token=_A_TOKEN) as running:
        monkeypatch.setenv("VPO_MONITOR_API_URL", running.url)
        yield running


def found(*files: Path) -> dict[str, CheckResult]:
    """Each finding by what was tried; none is told twice."""
    all_of_them = list(vpo_checks.all_checks(load_settings(files, SOURCES.default_address)))
    by_word = {finding.name: finding for finding in all_of_them}
    assert len(by_word) == len(all_of_them)
    return by_word


def to_mend(*files: Path) -> dict[str, str]:
    """What is to be mended, and how."""
    return {
        word: one.message for word, one in found(*files).items() if one.status is CheckStatus.FAIL
    }


def test_all_is_well(server: VpoServer, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.check([], "vpo-monitor check") == 0
    *lines, last = capsys.readouterr().out.splitlines()
    assert last == "All checks passed"
    assert [line.split()[:2] for line in lines] == [["ok", word] for word in _WORDS]
    assert f"VPO answers at {server.url}." in lines[2]
    assert "VPO is 0.2.0; the app needs 0.2 or newer." in lines[5]


def test_something_to_mend_has_its_own_status(
    guarded: VpoServer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.check([], "vpo-monitor check") == 1
    *lines, last = capsys.readouterr().out.splitlines()
    assert last == "1 problem found"
    assert len(lines) == len(_WORDS)


def test_wrong_usage_has_its_own_status(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.check(["--token", "x"], "vpo-monitor check")
    assert ended.value.code == 2
    assert "usage: vpo-monitor check" in capsys.readouterr().err


def test_it_asks_little_and_changes_nothing(server: VpoServer, tmp_path: Path) -> None:
    assert not to_mend()
    assert len(server.requests) == 4
    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("http://vpo.invalid:8321", "host name in http://vpo.invalid:8321 is not known"),
        ("http://127.0.0.1:{free}", "cannot be reached. Check that 'vpo serve' is running"),
        ("192.168.1.5:8321", "VPO_MONITOR_API_URL must start with http:// or https://"),
        ("http://127.0.0.1:port", "VPO_MONITOR_API_URL is not a valid address"),
    ],
)
def test_an_address_that_leads_nowhere(
    address: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VPO_MONITOR_API_URL", address.format(free=free_port()))
    findings = found()
    assert findings["address"].status is CheckStatus.FAIL
    assert said in findings["address"].message
    assert all(findings[word].status is CheckStatus.SKIPPED for word in _ASKED)


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("html", "a response that isn't JSON. Check that the address is VPO's"),
        ("wrong_shape", "sent an unexpected response"),
        ("redirect", "redirects to another address"),
        ("cut_short", "cut off or damaged"),
    ],
)
def test_what_answers_is_no_vpo(kind: str, said: str, server: VpoServer) -> None:
    server.faults.set(Fault.MALFORMED, kind=kind)
    problems = to_mend()
    assert list(problems) == ["address"]
    assert said in problems["address"]


def test_what_does_not_speak_http_is_no_vpo(
    server: VpoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VPO_MONITOR_API_URL", server.url.replace("http:", "https:"))
    assert "could not be reached securely" in to_mend()["address"]


def test_a_login_before_the_health_is_not_vpos(server: VpoServer) -> None:
    server.faults.set(Fault.UNAUTHORIZED, routes={"health"})
    assert "A proxy may answer instead" in to_mend()["address"]


def test_without_an_address_its_default_is_tried(
    server: VpoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VPO_MONITOR_API_URL")
    monkeypatch.setattr(SOURCES, "default_address", server.url)
    assert found()["address"].message == f"VPO answers at {server.url}, its default."
    server.faults.set(Fault.REFUSED)
    said = to_mend()["address"]
    assert (
        "The app would show the demo. Set api_url in secrets.toml, or VPO_MONITOR_API_URL" in said
    )


def test_a_token_that_is_missing(guarded: VpoServer) -> None:
    findings = found()
    assert findings["token"].status is CheckStatus.FAIL
    assert "none is set. Set VPO_MONITOR_API_TOKEN" in findings["token"].message
    assert findings["jobs"].status is CheckStatus.SKIPPED
    assert findings["version"].status is CheckStatus.OK


def test_a_token_that_is_wrong(guarded: VpoServer, secrets: Path) -> None:
    secrets.write_text("[vpo_monitor]\napi_token = 'another one altogether'\n")
    said = to_mend(secrets)["token"]
    assert "VPO rejects the token from api_token (secrets.toml)" in said
    assert "another" not in said


def test_a_token_that_is_right(guarded: VpoServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VPO_MONITOR_API_TOKEN", _A_TOKEN)
    assert not to_mend()
    said = "VPO accepts the token from VPO_MONITOR_API_TOKEN (environment)."
    assert found()["token"].message == said


def test_a_token_that_is_not_needed(server: VpoServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VPO_MONITOR_API_TOKEN", _A_TOKEN)
    problems = to_mend()
    assert list(problems) == ["token"]
    assert "VPO requires none" in problems["token"]
    assert "or remove it here" in problems["token"]


def test_too_many_questions_are_no_wrong_token(server: VpoServer) -> None:
    server.faults.set(Fault.RATE_LIMITED)
    problems = to_mend()
    assert "Not tested." in problems["token"]
    assert "Check again in a minute" in problems["token"]


def test_a_vpo_that_stops(server: VpoServer) -> None:
    server.faults.set(Fault.SHUTTING_DOWN)
    assert "is shutting down or not running yet. Start it" in to_mend()["address"]


@pytest.mark.parametrize(
    ("version", "said"),
    [
        ("0.1.9", "The app needs 0.2 or newer: upgrade VPO."),
        ("", "VPO reports none."),
        ("of \x1b[31mtoday", "VPO reports 'of today'."),
    ],
)
def test_another_version(
    version: str, said: str, server: VpoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    _answer_with(monkeypatch, version=version)
    problems = to_mend()
    assert list(problems) == ["version"]
    assert said in problems["version"]


@pytest.mark.parametrize("version", ["0.2", "0.10.1", "v1.0.0-rc1"])
def test_a_newer_version(version: str, server: VpoServer, monkeypatch: pytest.MonkeyPatch) -> None:
    _answer_with(monkeypatch, version=version)
    assert not to_mend()


def test_a_vpo_that_is_not_well(server: VpoServer, monkeypatch: pytest.MonkeyPatch) -> None:
    _answer_with(monkeypatch, status="degraded", database="disconnected")
    problems = to_mend()
    assert list(problems) == ["health"]
    assert "VPO reports degraded, and its database disconnected." in problems["health"]


def _answer_with(monkeypatch: pytest.MonkeyPatch, **fields: str) -> None:
    """Have what VPO says of itself changed on its way."""
    get = JsonHttp.get

    def changed(self: JsonHttp, path: str, *args: object, **named: object) -> object:
        body = get(self, path, *args, **named)  # type: ignore[arg-type]
        return {**body, **fields} if path in ("/health", "/api/about") else body

    monkeypatch.setattr(JsonHttp, "get", changed)


@pytest.mark.parametrize(("seconds", "said"), [(185.5, "ahead of"), (-185.5, "behind")])
def test_another_time(
    seconds: float, said: str, server: VpoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo_server, "utc_now", lambda: utc_now() + timedelta(seconds=seconds))
    problems = to_mend()
    assert list(problems) == ["clock"]
    assert "VPO's is 3 min 0" in problems["clock"]
    assert f"s {said} this machine's. Synchronize both" in problems["clock"]


def test_a_database_that_is_held(server: VpoServer) -> None:
    server.faults.set(Fault.DATABASE_LOCKED, seconds=0)
    problems = to_mend()
    assert list(problems) == ["jobs"]
    assert "while a running job locks its database" in problems["jobs"]
    assert "If no job is running, read VPO's log" in problems["jobs"]


def test_a_list_that_comes_late(server: VpoServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vpo_checks, "_SLOW", 0.0)
    assert "VPO's database or disk is busy" in to_mend()["jobs"]


def test_a_history_that_is_there_is_left_as_it_is(tmp_path: Path, server: VpoServer) -> None:
    file = tmp_path / "state" / "history.sqlite3"
    store = Store(file)
    before = {path.name: path.read_bytes() for path in file.parent.iterdir()}
    assert not to_mend()
    assert {path.name: path.read_bytes() for path in file.parent.iterdir()} == before
    store.close()


def test_what_is_set_is_told_by_name_and_place(secrets: Path) -> None:
    secrets.write_text("VPO_MONITOR_HISTORY_JOBS = 700\n[vpo_monitor]\nhistory_days = 7\n")
    places = (
        "VPO_MONITOR_HISTORY (environment)",
        "history_days (secrets.toml)",
        "VPO_MONITOR_HISTORY_JOBS (top of secrets.toml)",
    )
    findings = list(local_checks.check_settings(load_settings([secrets])))
    assert [finding.message for finding in findings] == [f"Read: {', '.join(places)}."]


def test_what_is_to_be_mended_in_the_file_is_called_as_it_stands_there(secrets: Path) -> None:
    secrets.write_text(
        "VPO_MONITOR_HISTORY_JOBS = 7\n[vpo_monitor]\napi_url = 'nas:8321'\npoll_interval = 1\n"
        "metrics_port = 9105\npolling_enabled = 'x'\nallowed_emails = 'ann@example.org'\n"
    )
    said = [one.message for one in vpo_checks.all_checks(load_settings([secrets]))]
    for begin in (
        "poll_interval is 1, so 2 is used",
        "metrics_port is no longer used",
        "polling_enabled is neither true nor false",
        "VPO_MONITOR_HISTORY_JOBS is 7, so 100 is used",
        "allowed_emails is set, but",
        "api_url must start with http://",
    ):
        assert [one for one in said if one.startswith(begin)], begin


def test_nothing_is_set(secrets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VPO_MONITOR_HISTORY")
    (none,) = local_checks.check_settings(load_settings([secrets]))
    assert f"{SOURCES.own_file} does not exist." in none.message
    secrets.write_text("[vpo_monitor]\n")
    (none,) = local_checks.check_settings(load_settings([secrets]))
    assert none.message == f"None is set in {secrets}. Using the defaults."


def test_a_file_that_cannot_be_read_is_one_thing_to_mend(
    secrets: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    secrets.write_text(f"[vpo_monitor]\napi_token = {TOKEN}\n")
    findings = found(secrets)
    assert list(to_mend(secrets)) == ["settings"]
    assert "cannot be read as TOML (line 2, column" in findings["settings"].message
    for word in ("login", "address", *_ASKED):
        assert findings[word].status is CheckStatus.SKIPPED
        assert findings[word].message == "Not tested: secrets.toml cannot be read."
    cli.check([], "vpo-monitor check")
    said = capsys.readouterr().out
    assert said.endswith("1 problem found\n")
    assert not leaks(said)


def test_beside_a_file_that_cannot_be_read_what_the_environment_has_is_tried(
    guarded: VpoServer, secrets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets.write_text("[vpo_monitor\n")
    findings = found(secrets)
    assert list(to_mend(secrets)) == ["settings"]
    assert findings["address"].status is CheckStatus.OK
    assert findings["token"].status is findings["jobs"].status is CheckStatus.SKIPPED
    monkeypatch.setenv("VPO_MONITOR_API_TOKEN", _A_TOKEN)
    monkeypatch.setenv("VPO_MONITOR_PASSWORD", PASSWORD)
    assert list(to_mend(secrets)) == ["settings"]
    assert "login" not in found(secrets)
    assert found(secrets)["jobs"].status is CheckStatus.OK


def test_a_history_that_is_off(server: VpoServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VPO_MONITOR_HISTORY", "off")
    assert found()["history"].message == "Off, as set in VPO_MONITOR_HISTORY."


def test_a_history_that_cannot_be_written(
    tmp_path: Path, server: VpoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    for path in (tmp_path, tmp_path / "file" / "history.sqlite3", Path("/proc/vpo/history")):
        monkeypatch.setenv("VPO_MONITOR_HISTORY", str(path))
        problems = to_mend()
        assert list(problems) == ["history"]
        assert f"{path} cannot be written: " in problems["history"]
        assert "or set VPO_MONITOR_HISTORY to another file" in problems["history"]


def test_a_history_that_is_another_programs(
    tmp_path: Path, server: VpoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    text, database = tmp_path / "notes.txt", tmp_path / "library.db"
    text.write_text("my notes, which are long enough")
    connection = sqlite3.connect(database)
    connection.execute("CREATE TABLE files (path TEXT)")
    connection.close()
    for path in (text, database):
        monkeypatch.setenv("VPO_MONITOR_HISTORY", str(path))
        assert f"{path} is another program's file. Set" in to_mend()["history"]


def test_a_history_of_a_newer_version(
    tmp_path: Path, server: VpoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "newer.sqlite3"
    Store(path).close()
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA user_version = 99")
    monkeypatch.setenv("VPO_MONITOR_HISTORY", str(path))
    assert f"A newer version of this app wrote {path}. Upgrade" in to_mend()["history"]


def test_settings_that_were_corrected_and_a_password_that_is_misplaced(
    server: VpoServer, secrets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VPO_MONITOR_POLL_INTERVAL", "1")
    secrets.write_text(f"password = '''{PASSWORD}'''\n")
    said = list(vpo_checks.all_checks(load_settings([secrets])))
    problems = [(one.name, one.message) for one in said if one.status is CheckStatus.FAIL]
    assert [tried for tried, _said in problems] == ["settings", "settings", "login"]
    assert not leaks(str(problems))


def test_no_secret_is_printed(
    guarded: VpoServer,
    secrets: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    secrets.write_text(f"[vpo_monitor]\napi_token = '''{TOKEN}'''\npassword = '''{PASSWORD}'''\n")
    cli.check([], "vpo-monitor check")
    for address in (f"http://me:{PASSWORD[:8]}@127.0.0.1", f"http://127.0.0.1:{PASSWORD[:8]}"):
        monkeypatch.setenv("VPO_MONITOR_API_URL", address)
        cli.check([], "vpo-monitor check")
    said = capsys.readouterr()
    assert "api_token (secrets.toml)" in said.out
    assert not leaks(said.out + said.err)
    assert PASSWORD[:8] not in said.out + said.err


def test_each_server_of_a_list_is_tried(
    server: VpoServer,
    secrets: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("VPO_MONITOR_API_URL")
    with start(worker=False, history=0, token=_A_TOKEN) as guarded:
        secrets.write_text(
            f'[[vpo_monitor.servers]]\nname = "Attic"\naddress = "{server.url}"\n'
            f'[[vpo_monitor.servers]]\nname = "Barn"\naddress = "{guarded.url}"\n'
            f"token = {json.dumps(PASSWORD)}\n"
            f'[[vpo_monitor.servers]]\nname = "Cellar"\naddress = "http://127.0.0.1:{free_port()}"'
        )
        assert cli.check([], "check") == 1
    said = capsys.readouterr().out
    assert "Read: VPO_MONITOR_HISTORY (environment), the servers Attic, Barn, Cellar" in said
    assert f"ok         address   Attic: VPO answers at {server.url}." in said
    assert "ok         jobs      Attic: The list took" in said
    assert "fail       token     Barn: VPO rejects the token of Barn (secrets.toml)." in said
    assert "fail       address   Cellar: VPO at" in said
    assert "skipped    jobs      Cellar: Not tested" in said
    assert not leaks(said)


def test_a_list_without_a_server_that_can_be_used_is_to_be_mended(
    secrets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VPO_MONITOR_API_URL", raising=False)
    secrets.write_text("[vpo_monitor]\nservers = []")
    assert "No server below" in to_mend(secrets)["address"]
