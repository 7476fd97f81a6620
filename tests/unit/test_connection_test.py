"""What the settings in file and environment are worth, tried beside the poller."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from tests.vpo_server import Fault, VpoServer, start
from vpo_monitor.api.server import Server
from vpo_monitor.checks.check_result import CheckStatus, ok
from vpo_monitor.config import Settings, load_settings
from vpo_monitor.connection_test import (
    GAP,
    ConnectionTest,
    ConnectionTestResult,
    run_connection_test,
)

TOKEN = "a token of more than 16 characters"
NOWHERE = "http://127.0.0.1:1"
OF_NO_LIMIT = ("/health", "/api/about")
Given = Callable[..., Settings]


@pytest.fixture
def server() -> Iterator[VpoServer]:
    with start(worker=False, history=0, token=TOKEN) as running:
        yield running


@pytest.fixture
def given(tmp_path: Path) -> Given:
    """The settings of a file with these lines in it."""

    def write(**lines: str) -> Settings:
        file = tmp_path / "secrets.toml"
        file.write_text("\n".join(["[vpo_monitor]", *(f'{k} = "{v}"' for k, v in lines.items())]))
        return load_settings([file])

    return write


def said(found: ConnectionTestResult, verdict: CheckStatus = CheckStatus.OK) -> dict[str, str]:
    return {one.name: one.message for one in found.findings if one.status is verdict}


def test_what_works_is_to_be_started(server: VpoServer, given: Given) -> None:
    found = run_connection_test(given(api_url=server.url, api_token=TOKEN), None)
    assert not found.problem_count
    address = said(found)["address"]
    assert address.startswith(f"VPO answers at {server.url}.")
    assert address.endswith("Address from api_url (secrets.toml).")
    assert said(found)["token"] == "VPO accepts the token from api_token (secrets.toml)."
    assert found.applicable is not None
    assert len([one for one in server.requests if one.path not in OF_NO_LIMIT]) == 2


def test_what_is_watched_already_needs_no_start(server: VpoServer, given: Given) -> None:
    settings = given(api_url=server.url, api_token=TOKEN)
    found = run_connection_test(settings, Server("VPO", server.url, SecretStr(TOKEN)))
    assert "reconnects by itself" in said(found)["server"]
    assert found.applicable is None
    changed = run_connection_test(settings, Server("VPO", server.url, SecretStr("other")))
    assert changed.applicable is not None


def test_the_environment_goes_before_the_file(
    server: VpoServer, given: Given, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VPO_MONITOR_API_URL", server.url)
    found = run_connection_test(given(api_url=NOWHERE, api_token=TOKEN), None)
    assert (
        "VPO_MONITOR_API_URL (environment, which overrides secrets.toml)" in said(found)["address"]
    )


def test_where_no_address_is_set_the_default_one_is_asked(server: VpoServer, given: Given) -> None:
    settings = given(api_token=TOKEN).model_copy(update={"default_address": NOWHERE})
    found = said(run_connection_test(settings, None), CheckStatus.FAIL)["address"]
    assert f"VPO at {NOWHERE} cannot be reached" in found
    assert "No address is set, so VPO's default was tested" in found
    settings = settings.model_copy(update={"default_address": server.url})
    assert "its default" in said(run_connection_test(settings, None))["address"]


@pytest.mark.parametrize(
    ("token", "sentence"),
    [
        ("another token that is wrong", "VPO rejects the token from"),
        ("", "none is set. Set api_token to"),
    ],
)
def test_a_token_that_is_not_right_is_named_and_not_told(
    token: str, sentence: str, server: VpoServer, given: Given
) -> None:
    found = run_connection_test(given(api_url=server.url, api_token=token), None)
    assert sentence in said(found, CheckStatus.FAIL)["token"]
    assert found.applicable is None
    assert not token or token not in repr(found)


@pytest.mark.parametrize(
    ("fault", "options", "tried", "sentence"),
    [
        (Fault.MALFORMED, {"kind": "html"}, "address", "isn't JSON"),
        (Fault.RATE_LIMITED, {}, "token", "too many requests"),
        (Fault.SHUTTING_DOWN, {}, "address", "shutting down"),
        (Fault.REFUSED, {}, "address", "cannot be reached"),
        pytest.param(
            *(Fault.SLOW, {"seconds": 30.0}, "address", "no complete response within 3 s"),
            marks=pytest.mark.long,
        ),
    ],
)
def test_what_is_in_the_way_is_a_sentence(
    fault: Fault,
    options: dict[str, Any],
    tried: str,
    sentence: str,
    server: VpoServer,
    given: Given,
) -> None:
    server.faults.set(fault, **options)
    found = run_connection_test(given(api_url=server.url, api_token=TOKEN), None)
    assert sentence in said(found, CheckStatus.FAIL)[tried]


def test_a_database_that_is_held_is_in_nobodys_way(server: VpoServer, given: Given) -> None:
    server.faults.set(Fault.DATABASE_LOCKED, seconds=30.0)
    assert not run_connection_test(given(api_url=server.url, api_token=TOKEN), None).problem_count


def test_an_address_that_cannot_be_used_is_not_asked(given: Given) -> None:
    found = run_connection_test(given(api_url="192.168.1.5:8321"), None)
    assert "api_url must start with http://" in said(found, CheckStatus.FAIL)["address"]


def test_of_a_file_that_is_no_toml_nothing_else_is_said(tmp_path: Path) -> None:
    file = tmp_path / "secrets.toml"
    file.write_text(f'[vpo_monitor]\napi_url = "{NOWHERE}\n')
    (finding,) = run_connection_test(load_settings([file]), None).findings
    assert finding.status is CheckStatus.FAIL
    assert "secrets.toml cannot be read as TOML (line 2, column" in finding.message
    assert NOWHERE not in finding.message


def test_what_would_be_in_the_way_after_a_start_is_said_too(
    server: VpoServer, given: Given
) -> None:
    found = run_connection_test(given(api_url=server.url, api_token=TOKEN, passwort="x"), None)
    assert "passwort below [vpo_monitor]" in said(found, CheckStatus.FAIL)["settings"]
    assert found.applicable is not None


def test_of_a_list_the_server_in_view_is_asked_and_else_all(
    server: VpoServer, tmp_path: Path
) -> None:
    file = tmp_path / "secrets.toml"
    with start(worker=False, history=0) as other:
        file.write_text(
            f'[[vpo_monitor.servers]]\nname = "Attic"\naddress = "{server.url}"\n'
            f'token = "{TOKEN}"\n'
            f'[[vpo_monitor.servers]]\nname = "Barn"\naddress = "{other.url}"\n'
        )
        settings = load_settings([file])
        found = run_connection_test(settings, settings.server_list.servers[0])
        assert not found.problem_count
        assert said(found)["address"] == (
            f"Attic: VPO answers at {server.url}. Address from the list of servers (secrets.toml)."
        )
        assert said(found)["token"] == "Attic: VPO accepts the token of Attic (secrets.toml)."
        assert "reconnects by itself" in said(found)["server"]
        assert found.applicable is None
        assert not other.requests
        found = run_connection_test(settings, None)
        assert not found.problem_count
        assert other.requests
        assert found.applicable is settings
    assert TOKEN not in str(found)


def test_one_trial_runs_at_a_time_and_the_next_waits_for_its_turn() -> None:
    now = [100.0]
    slept: list[float] = []
    trials = ConnectionTest(lambda: now[0], slept.append, patience=0.01)
    begun, may_end = threading.Event(), threading.Event()
    found = ConnectionTestResult((ok("address", "it works"),))

    def one() -> ConnectionTestResult:
        begun.set()
        assert may_end.wait(10)
        return found

    first = threading.Thread(target=trials.run, args=(one,))
    first.start()
    assert begun.wait(10)
    assert trials.run(lambda: found).refusal  # another one runs
    may_end.set()
    first.join()
    now[0] += 1
    assert trials.run(lambda: found) is found
    now[0] += GAP
    assert trials.run(lambda: found) is found
    assert slept == [0, GAP - 1, 0]


def test_a_trial_that_breaks_down_is_not_under_way_for_ever() -> None:
    now = [100.0]
    trials = ConnectionTest(lambda: now[0])
    with pytest.raises(ZeroDivisionError):
        trials.run(lambda: ConnectionTestResult((), str(1 / 0)))
    now[0] += GAP
    assert trials.run(lambda: ConnectionTestResult(())).refusal is None
