"""`vpo-monitor` hands over to what its first word says, with the rest as it was typed."""

import pytest

from vpo_monitor import __version__, cli
from vpo_monitor.app_files import APP

_PROGRAM = "vpo-monitor run"


def test_the_version_is_that_of_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"vpo-monitor {__version__}\n"


def test_the_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["--help"])
    assert ended.value.code == 0
    told = capsys.readouterr().out
    for name in ("run", "share", "demo", "init", "check"):
        assert f"\n  {name} " in told


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["serve"],
        ["--loud"],
        ["check", "now"],
        ["init", "x"],
        ["share", "--port", "x"],
        ["demo", "x"],
    ],
)
def test_what_is_no_command_is_wrong_usage(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(words)
    assert ended.value.code == 2
    assert "usage: vpo-monitor" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["run", "share", "demo", "init", "check"])
def test_each_command_has_help_of_its_own(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main([name, "--help"])
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith(f"usage: vpo-monitor {name} ")


def test_the_rest_is_handed_on_as_it_was_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[list[str]] = []
    monkeypatch.setattr(cli, "become_streamlit", ran.append)
    cli.main(["run", "--port", "8600", "--", "--no-password"])
    assert ran == [cli.run_command(["--port", "8600", "--", "--no-password"], _PROGRAM)]


def test_the_app_is_run_for_this_machine_alone() -> None:
    own = ["--server.address=127.0.0.1"]
    assert cli.run_command([], _PROGRAM) == ["run", str(APP), *own]


def test_streamlits_own_options_and_the_apps_are_handed_on() -> None:
    words = ["--port", "8600", "--server.baseUrlPath", "vpo", "--", "--no-password"]
    assert cli.run_command(words, _PROGRAM) == [
        *("run", str(APP), "--server.baseUrlPath", "vpo", "--server.address=127.0.0.1"),
        *("--server.port=8600", "--", "--no-password"),
    ]


@pytest.mark.parametrize("words", [["--server.address", "192.168.1.5"], ["--server.address=::"]])
def test_another_address_is_refused_with_the_command_that_opens_it(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.run_command(words, _PROGRAM)
    assert ended.value.code == 2
    assert "'vpo-monitor share' opens it to others" in capsys.readouterr().err
