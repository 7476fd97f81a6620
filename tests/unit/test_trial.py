"""What the settings in file and environment are worth, tried beside the poller."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from vpo_monitor.api.server import Server
from vpo_monitor.config import Settings, load_settings
from vpo_monitor.demo import DemoServer, Fault, start
from vpo_monitor.trial import GAP, Finding, Trials, try_settings

TOKEN = "a token of more than 16 characters"
NOWHERE = "http://127.0.0.1:1"
Given = Callable[..., Settings]


@pytest.fixture
def server() -> Iterator[DemoServer]:
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


def test_what_works_is_to_be_started(server: DemoServer, given: Given) -> None:
    found = try_settings(given(api_url=server.url, api_token=TOKEN), None, NOWHERE)
    assert found.works
    assert f"VPO 0.2.0 answers at {server.url}." in found.sentence
    assert "from secrets.toml" in found.sentence
    assert "Start the app again" in found.sentence
    assert len(server.requests) == 3


def test_what_is_watched_already_needs_no_start(server: DemoServer, given: Given) -> None:
    settings = given(api_url=server.url, api_token=TOKEN)
    found = try_settings(settings, Server("VPO", server.url, SecretStr(TOKEN)), NOWHERE)
    assert "comes back by itself" in found.sentence
    changed = try_settings(settings, Server("VPO", server.url, SecretStr("other")), NOWHERE)
    assert "Start the app again" in changed.sentence


def test_the_environment_goes_before_the_file(
    server: DemoServer, given: Given, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VPO_MONITOR_API_URL", server.url)
    found = try_settings(given(api_url=NOWHERE, api_token=TOKEN), None, NOWHERE)
    assert found.works
    assert "from the environment" in found.sentence


def test_where_no_address_is_set_the_default_one_is_asked(server: DemoServer, given: Given) -> None:
    found = try_settings(given(api_token=TOKEN), None, server.url)
    assert found.works
    assert found.sentence.startswith("No address is set")


@pytest.mark.parametrize(
    ("token", "sentence"),
    [("another token that is wrong", "refused the token"), ("", "wants a token, and none is set")],
)
def test_a_token_that_is_not_right_is_named_and_not_told(
    token: str, sentence: str, server: DemoServer, given: Given
) -> None:
    found = try_settings(given(api_url=server.url, api_token=token), None, NOWHERE)
    assert found.works is False
    assert sentence in found.sentence
    assert not token or token not in repr(found)


@pytest.mark.parametrize(
    ("fault", "options", "sentence"),
    [
        (Fault.MALFORMED, {"kind": "html"}, "other than JSON"),
        (Fault.RATE_LIMITED, {}, "asked too often"),
        (Fault.SHUTTING_DOWN, {}, "shutting down"),
        (Fault.REFUSED, {}, "cannot be reached"),
        (Fault.SLOW, {"seconds": 30.0}, "no complete answer within 3 s"),
    ],
)
def test_what_is_in_the_way_is_a_sentence(
    fault: Fault, options: dict[str, Any], sentence: str, server: DemoServer, given: Given
) -> None:
    server.faults.set(fault, **options)
    found = try_settings(given(api_url=server.url, api_token=TOKEN), None, NOWHERE)
    assert found.works is False
    assert sentence in found.sentence


def test_a_database_that_is_held_is_in_nobodys_way(server: DemoServer, given: Given) -> None:
    server.faults.set(Fault.DATABASE_HELD, seconds=30.0)
    assert try_settings(given(api_url=server.url, api_token=TOKEN), None, NOWHERE).works


def test_an_address_that_cannot_be_used_is_not_asked(given: Given) -> None:
    found = try_settings(given(api_url="192.168.1.5:8321"), None, NOWHERE)
    assert found.works is False
    assert "must start with http://" in found.sentence


def test_what_would_be_in_the_way_after_a_start_is_said_too(
    server: DemoServer, given: Given
) -> None:
    settings = given(api_url=server.url, api_token=TOKEN, passwort="x")
    found = try_settings(settings, None, NOWHERE)
    assert found.works
    assert "passwort below [vpo_monitor]" in found.remarks[0]


def test_one_trial_runs_at_a_time_and_the_next_not_at_once() -> None:
    now = [100.0]
    trials = Trials(lambda: now[0])
    begun, may_end = threading.Event(), threading.Event()
    found = Finding(True, "it works")

    def trial() -> Finding:
        begun.set()
        assert may_end.wait(10)
        return found

    first = threading.Thread(target=trials.run, args=(trial,))
    first.start()
    assert begun.wait(10)
    assert trials.run(lambda: found).works is None  # another one runs
    may_end.set()
    first.join()
    assert "less than" in trials.run(lambda: found).sentence
    now[0] += GAP
    assert trials.run(lambda: found) is found


def test_a_trial_that_breaks_down_is_not_under_way_for_ever() -> None:
    now = [100.0]
    trials = Trials(lambda: now[0])
    with pytest.raises(ZeroDivisionError):
        trials.run(lambda: Finding(bool(1 / 0), ""))
    now[0] += GAP
    assert trials.run(lambda: Finding(True, "")).works
