"""`vpo-monitor` hands over to what its first word says, with the rest as it was typed."""

from collections.abc import Sequence

import pytest

from vpo_monitor import __version__, share
from vpo_monitor.app_files import APP
from vpo_monitor.command import __main__ as command
from vpo_monitor.command import check, init, run
from vpo_monitor.demo import __main__ as demo

_PROGRAM = "vpo-monitor run"


def test_the_version_is_that_of_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        command.main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"vpo-monitor {__version__}\n"


def test_the_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        command.main(["--help"])
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
        command.main(words)
    assert ended.value.code == 2
    assert "usage: vpo-monitor" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "module"),
    [("run", run), ("share", share), ("demo", demo), ("init", init), ("check", check)],
)
def test_each_command_gets_the_rest_and_its_own_name(
    name: str, module: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[tuple[list[str], str]] = []

    def main(arguments: Sequence[str], program: str) -> int:
        heard.append((list(arguments), program))
        return 0

    monkeypatch.setattr(module, "main", main)
    command.main([name, "--help", "--", "--no-password"])
    assert heard == [(["--help", "--", "--no-password"], f"vpo-monitor {name}")]


def test_the_app_is_run_for_this_machine_alone() -> None:
    own = ["--server.address=127.0.0.1"]
    assert run.command([], _PROGRAM) == ["run", str(APP), *own]


def test_streamlits_own_options_and_the_apps_are_handed_on() -> None:
    words = ["--port", "8600", "--server.baseUrlPath", "vpo", "--", "--no-password"]
    assert run.command(words, _PROGRAM) == [
        *("run", str(APP), "--server.baseUrlPath", "vpo", "--server.address=127.0.0.1"),
        *("--server.port=8600", "--", "--no-password"),
    ]


@pytest.mark.parametrize("words", [["--server.address", "192.168.1.5"], ["--server.address=::"]])
def test_another_address_is_refused_with_the_command_that_opens_it(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        run.command(words, _PROGRAM)
    assert ended.value.code == 2
    assert "'vpo-monitor share' opens it to others" in capsys.readouterr().err
