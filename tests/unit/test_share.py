"""One command opens the app to the network, or says why not."""

import argparse
import os
import socket
from pathlib import Path

import pytest

from bench.running_app import free_port
from vpo_monitor import exposure, share
from vpo_monitor.config import load_settings
from vpo_monitor.secrets_files import PREFIX
from vpo_monitor.share import CannotShare
from vpo_monitor.web.hosts import AllowedHosts

EVERYWHERE = "0.0.0.0"  # noqa: S104 - what is tested
_IS_THIS_MACHINE = exposure.is_this_machine


@pytest.fixture(autouse=True)
def at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(share, "own_address", lambda: "127.0.0.1")  # one that can be opened
    monkeypatch.setattr(exposure, "is_this_machine", lambda address: False)


def options(*said: str) -> argparse.Namespace:
    return share._parser().parse_args(said)


def command(*said: str, files: tuple[Path, ...] = ()) -> list[str]:
    return share.share(options("--port", str(free_port()), *said), load_settings(files))


def test_without_a_password_nothing_is_opened() -> None:
    with pytest.raises(CannotShare, match="Set VPO_MONITOR_PASSWORD"):
        command()


def test_nor_is_this_machines_own_address_under_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exposure, "is_this_machine", _IS_THIS_MACHINE)
    monkeypatch.setattr(socket, "gethostname", lambda: "nas")
    with pytest.raises(CannotShare, match="Set VPO_MONITOR_PASSWORD"):
        command("--address", "127.0.0.1")


def test_an_empty_password_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VPO_MONITOR_PASSWORD", "")
    with pytest.raises(CannotShare):
        command()


def test_it_is_opened_with_every_protection_for_the_address_in_use(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("VPO_MONITOR_PASSWORD", "open sesame")
    monkeypatch.setattr(socket, "gethostname", lambda: "NAS")
    said = command("--name", "vpo.house.example")
    for flag in (
        "--server.address=127.0.0.1",
        "--browser.serverAddress=127.0.0.1",
        "--server.enableCORS=true",
        "--server.enableXsrfProtection=true",
    ):
        assert flag in said
    names = [flag for flag in said if flag.startswith("--server.allowedHosts")]
    assert names == [
        f"--server.allowedHosts={name}"
        for name in ("127.0.0.1", "nas", "nas.local", "vpo.house.example")
    ]
    assert "--no-password" not in said
    printed = capsys.readouterr().out
    assert "at http://127.0.0.1:" in printed
    assert "sesame" not in printed + str(said)


def test_no_password_has_to_be_said_and_is_handed_on(
    capsys: pytest.CaptureFixture[str],
) -> None:
    said = command("--no-password", "--address", EVERYWHERE, "--name", "nas")
    assert said[-2:] == ["--", "--no-password"]
    assert "everyone on the network can see it" in capsys.readouterr().out


def test_an_address_of_this_machine_alone_is_not_given_to_others(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("VPO_MONITOR_PASSWORD", "open sesame")
    command("--address", "127.0.0.1")
    printed = capsys.readouterr().out
    assert "Only this machine reaches it" in printed
    assert "others" not in printed


def test_a_short_password_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("VPO_MONITOR_PASSWORD", "sesame")
    command()
    assert "short" in capsys.readouterr().out


def test_secrets_that_cannot_be_read_are_not_taken_for_none(tmp_path: Path) -> None:
    file = tmp_path / "secrets.toml"
    file.write_text("[vpo_monitor]\npassword = open sesame\n")
    with pytest.raises(CannotShare, match=r"secrets\.toml cannot be read") as refused:
        command("--no-password", files=(file,))
    assert "sesame" not in str(refused.value)


def test_an_auth_block_without_anybody_on_the_list_opens_nothing(tmp_path: Path) -> None:
    file = tmp_path / "secrets.toml"
    file.write_text(
        '[auth]\nredirect_uri = "http://x/oauth2callback"\ncookie_secret = "y"\nclient_id = "z"\n'
    )
    with pytest.raises(CannotShare, match="VPO_MONITOR_ALLOWED_EMAILS"):
        command(files=(file,))


def test_an_auth_block_with_somebody_on_the_list_is_a_login(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VPO_MONITOR_ALLOWED_EMAILS", "ann@example.org")
    file = tmp_path / "secrets.toml"
    file.write_text(
        '[auth]\nredirect_uri = "http://x/oauth2callback"\ncookie_secret = "y"\nclient_id = "z"\n'
    )
    assert command(files=(file,))


def test_an_address_on_the_internet_is_opened_only_when_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("VPO_MONITOR_PASSWORD", "open sesame")
    monkeypatch.setattr(share, "own_address", lambda: "8.8.8.8")
    with pytest.raises(CannotShare, match=r"add --address 8\.8\.8\.8"):
        command()


@pytest.mark.parametrize("address", ["192.168.1.5", "10.0.0.1", "100.64.0.7", "fd00::5", "nas"])
def test_addresses_of_local_networks_are_not_on_the_internet(address: str) -> None:
    assert not share._is_public(address)


def test_every_address_at_once_wants_a_password_too() -> None:
    with pytest.raises(CannotShare, match="Set VPO_MONITOR_PASSWORD"):
        command("--address", EVERYWHERE, "--name", "nas.local")


def test_every_address_at_once_wants_a_name_that_browsers_can_ask_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("VPO_MONITOR_PASSWORD", "open sesame")
    with pytest.raises(CannotShare, match="Add --name for each host name"):
        command("--address", EVERYWHERE)


def test_every_address_at_once_is_opened_to_its_names_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("VPO_MONITOR_PASSWORD", "open sesame")
    monkeypatch.setattr(socket, "gethostname", lambda: "a1b2c3")
    said = command("--address", EVERYWHERE, "--name", "nas", "--name", "192.168.1.5")
    assert f"--server.address={EVERYWHERE}" in said
    assert "--browser.serverAddress=nas" in said  # else Streamlit asks elsewhere for this machine's
    names = [flag for flag in said if flag.startswith("--server.allowedHosts")]
    assert names == [
        f"--server.allowedHosts={name}" for name in ("a1b2c3", "a1b2c3.local", "nas", "192.168.1.5")
    ]
    said_to_user = capsys.readouterr().out
    assert "shared at http://nas:" in said_to_user
    assert "localhost doesn't reach the app" in said_to_user  # it isn't among the names


def test_localhost_is_refused_where_the_app_is_shared_at_another_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: "attic")
    hosts = AllowedHosts(share.host_names("192.168.1.5"))
    assert all(map(hosts.allow, ("192.168.1.5:8501", "attic.local")))
    assert not any(map(hosts.allow, ("localhost:8501", "127.0.0.1:8501", "[::1]:8501")))


def test_every_address_at_once_is_known_by_each_of_its_spellings() -> None:
    assert all(map(share._is_everywhere, (EVERYWHERE, "::", "0::0")))
    assert not any(map(share._is_everywhere, ("192.168.1.5", "::1", "nas")))


def test_a_port_in_use_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VPO_MONITOR_PASSWORD", "open sesame")
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(CannotShare, match="choose another with --port"):
            share.share(options("--port", str(port)), load_settings())


def test_the_reason_goes_to_the_error_output_with_its_own_status(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as ended:
        share.main(["--port", "0"])
    assert ended.value.code == 2
    assert "VPO Monitor is not shared." in capsys.readouterr().err


def test_this_machines_address_is_one_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    try:
        address = share.own_address()
    except CannotShare:
        pytest.skip("this machine is on no network")
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as probe:
        probe.bind((address, 0))
