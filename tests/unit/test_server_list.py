"""The list of servers in secrets.toml: what is used, what is said, and what nobody is told."""

import json
import os
from pathlib import Path

import pytest
from pydantic import SecretStr

from tests.secret_leaks import PASSWORD, TOKEN, leaks
from vpo_monitor.api.server import Server
from vpo_monitor.config import Settings, load_settings

TWO = """
[vpo_monitor]
poll_interval = 7

[[vpo_monitor.servers]]
name = "NAS"
address = "http://192.168.1.5:8321/"
token = {token}

[[vpo_monitor.servers]]
name = "Büro & Co"
address = "https://vpo.house.example/vpo"
"""
GOOD = '[[vpo_monitor.servers]]\nname = "NAS"\naddress = "http://nas:8321"\n'
THIS = "[[vpo_monitor.servers]]\n"


def settings_of(folder: Path, written: str) -> Settings:
    secrets = folder / "secrets.toml"
    secrets.write_text(written, "utf-8")
    return load_settings([secrets])


def names(settings: Settings) -> list[str]:
    return [server.name for server in settings.server_list.servers]


def test_the_servers_stand_in_their_order_with_address_and_token(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, TWO.format(token=json.dumps(TOKEN)))
    nas, office = settings.server_list.servers
    assert nas == Server(
        "NAS",
        "http://192.168.1.5:8321",
        SecretStr(TOKEN),
        "the address of NAS in secrets.toml",
        "the token of NAS in secrets.toml",
    )
    assert (office.name, office.url) == ("Büro & Co", "https://vpo.house.example/vpo")
    assert office.token is None
    assert settings.warnings == ()
    assert settings.access_doubt is None
    assert settings.poll_interval == 7


def test_without_a_list_there_is_none(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, "[vpo_monitor]\npoll_interval = 7")
    assert not settings.server_list.is_given
    assert settings.server_list.problem is None


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ('address = "http://b:1"', "Server 2 in secrets.toml has no name."),
        ('name = ""\naddress = "http://b:1"', "Server 2 in secrets.toml has no name."),
        ('name = 3\naddress = "http://b:1"', "Server 2 in secrets.toml has no name."),
        (f'name = "{"x" * 41}"\naddress = "http://b:1"', "of more than 40 characters"),
        (
            'name = "nas"\naddress = "http://b:1"',
            "The server nas in secrets.toml has the same name as",
        ),
        ('name = "B"', "The server B in secrets.toml has no address."),
        ('name = "B"\naddress = 8321', "The server B in secrets.toml has no address."),
        ('name = "B"\naddress = "nas:8321"', "The address of B in secrets.toml must start with"),
        ('name = "B"\naddress = "http://u:p@b:1"', "Put VPO's token into the token of B in"),
        ('name = "B"\naddress = "http://nas:8321/"', "has the same address as another one"),
        ('name = "B"\naddress = "http://b:1"\ntoken = 5', "a token that is not text"),
    ],
)
def test_a_server_that_cannot_be_used_is_left_out_and_said(
    entry: str, said: str, tmp_path: Path
) -> None:
    settings = settings_of(tmp_path, f"{GOOD}{THIS}{entry}")
    assert names(settings) == ["NAS"]
    (warning,) = settings.warnings
    assert said in warning
    assert warning.endswith("The server is ignored.")
    assert settings.server_list.problem is None
    assert settings.access_doubt is None


def test_a_name_may_have_forty_characters(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, f'{THIS}name = "{"x" * 40}"\naddress = "http://b:1"')
    assert names(settings) == ["x" * 40]


@pytest.mark.parametrize("written", ["servers = [3]", 'servers = "NAS"', "servers = []"])
def test_a_list_without_a_server_is_a_problem_and_never_the_demo(
    written: str, tmp_path: Path
) -> None:
    settings = settings_of(tmp_path, f"[vpo_monitor]\n{written}")
    problem = settings.server_list.problem or ""
    assert problem.startswith("No server below [[vpo_monitor.servers]] can be used.")
    assert all(warning in problem for warning in settings.warnings)
    assert ("Server 1 in secrets.toml is not a table" in problem) is ("[3]" in written)


def test_a_table_in_place_of_a_list_is_said(tmp_path: Path) -> None:
    written = '[vpo_monitor.servers]\nname = "NAS"\naddress = "http://nas:8321"'
    assert "servers is not a list" in (settings_of(tmp_path, written).server_list.problem or "")


@pytest.mark.parametrize("place", ["environment", "file"])
def test_an_address_goes_before_the_list_which_is_said(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = ""
    if place == "environment":
        monkeypatch.setenv("VPO_MONITOR_API_URL", "http://one:8321")
    else:
        own = '[vpo_monitor]\napi_url = "http://one:8321"\n'
    settings = settings_of(tmp_path, own + GOOD)
    assert names(settings) == []
    assert settings.server_list.problem is None
    name = "VPO_MONITOR_API_URL" if place == "environment" else "api_url"
    assert settings.warnings[0].startswith(f"{name} is set, so the app monitors that server only")


def test_a_token_beside_the_list_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VPO_MONITOR_API_TOKEN", TOKEN)
    settings = settings_of(tmp_path, GOOD)
    assert names(settings) == ["NAS"]
    assert "VPO_MONITOR_API_TOKEN is ignored" in settings.warnings[0]
    assert settings.server_list.servers[0].token is None


@pytest.mark.parametrize(
    ("below", "is_doubted"),
    [('password = "x"', True), ("poll_interval = 7", False), ('tokn = "x"', False)],
)
def test_what_stands_below_the_list_by_mistake_is_said(
    below: str, *, is_doubted: bool, tmp_path: Path
) -> None:
    settings = settings_of(tmp_path, GOOD + below)
    assert names(settings) == ["NAS"]
    (warning,) = settings.warnings
    name = below.partition(" ")[0]
    assert f"{name} below [[vpo_monitor.servers]]" in warning
    assert (settings.access_doubt is not None) is is_doubted


@pytest.mark.parametrize(
    "written", [GOOD.replace("servers", "server"), GOOD.replace("vpo_monitor.", "")]
)
def test_a_list_of_another_name_is_said(written: str, tmp_path: Path) -> None:
    settings = settings_of(tmp_path, written)
    assert names(settings) == []
    assert "an unknown or misplaced entry" in settings.warnings[0]


@pytest.mark.parametrize(
    "address",
    [
        f"http://ann:{PASSWORD}@nas:8321",
        f"http://nas:8321?token={TOKEN}",
        f"http://nas:{TOKEN}",
        TOKEN,
    ],
)
def test_neither_token_nor_address_is_told(address: str, tmp_path: Path) -> None:
    bad = f'{THIS}name = "B"\naddress = {json.dumps(address)}\ntoken = {json.dumps(TOKEN)}\n'
    settings = settings_of(tmp_path, TWO.format(token=json.dumps(TOKEN)) + bad)
    assert names(settings) == ["NAS", "Büro & Co"]
    everything = [settings, settings.server_list, *settings.server_list.servers]
    assert not leaks(f"{everything!r} {[vars(one) for one in everything]} {settings.warnings}")
    assert "house.example" not in repr(settings)


def test_a_name_is_plain_text(tmp_path: Path) -> None:
    name = "N\\u202eA\\u0007S"
    settings = settings_of(tmp_path, f'{THIS}name = "{name}"\naddress = "http://nas:8321"')
    assert names(settings) == ["NAS"]


def test_the_environment_has_no_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "VPO_MONITOR_SERVERS", "http://other:8321")
    assert names(settings_of(tmp_path, GOOD)) == ["NAS"]


def test_each_server_may_have_an_address_for_viewers(tmp_path: Path) -> None:
    written = GOOD + 'public_url = "https://vpo.house.example/"\n'
    written += GOOD.replace("NAS", "Attic").replace("nas:", "attic:")
    nas, attic = settings_of(tmp_path, written).server_list.servers
    assert nas.pages_url == "https://vpo.house.example"
    assert attic.pages_url == "http://attic:8321"


@pytest.mark.parametrize("address", ['"javascript:alert(1)"', '"http://user:pw@vpo"', "7", "[1]"])
def test_a_wrong_address_for_viewers_is_said_and_the_server_stays(
    address: str, tmp_path: Path
) -> None:
    settings = settings_of(tmp_path, f"{GOOD}public_url = {address}\n")
    (nas,) = settings.server_list.servers
    assert nas.pages_url == "http://nas:8321"
    (warning,) = settings.warnings
    assert warning.startswith("The public_url of NAS in secrets.toml ")
    assert warning.endswith("Links to VPO lead to its own address.")
