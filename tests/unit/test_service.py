"""The unit for systemd: it starts what wants a login, and may do no more than it has to."""

import shlex
import shutil
import subprocess
from pathlib import Path, PurePosixPath

import pytest

from vpo_monitor import share

_UNIT = Path(__file__).parents[2] / "packaging" / "vpo-monitor.service"
_DOCUMENT = _UNIT.parents[1] / "docs" / "how-to" / "install.md"
_ANALYZE = shutil.which("systemd-analyze")


def service() -> dict[str, str]:
    """What the unit says of the service, each thing once."""
    lines = _UNIT.read_text("utf-8").partition("[Service]\n")[2].partition("\n[")[0].splitlines()
    pairs = [line.split("=", 1) for line in lines if line and not line.startswith("#")]
    said = dict(pairs)
    assert len(said) == len(pairs)
    return said


def test_it_shares_the_app() -> None:
    program, command, *options = shlex.split(service()["ExecStart"])
    assert (PurePosixPath(program).name, command) == ("vpo-monitor", "share")
    assert not share._parser().parse_args(options).no_password


def test_it_is_not_started_again_where_it_refuses_to_open() -> None:
    with pytest.raises(SystemExit) as ended:
        share.main(["--address", "192.0.2.1"])
    assert service()["RestartPreventExitStatus"] == str(ended.value.code)


def test_it_may_write_its_state_and_nothing_else() -> None:
    said = service()
    assert (said["DynamicUser"], said["ProtectSystem"], said["ProtectHome"]) == (
        "yes",
        "strict",
        "yes",
    )
    assert "ReadWritePaths" not in said
    assert said["CapabilityBoundingSet"] == ""
    state = f"%S/{said['StateDirectory']}"
    variables = dict(word.split("=", 1) for word in shlex.split(said["Environment"]))
    assert PurePosixPath(variables["VPO_MONITOR_HISTORY"]).parent == PurePosixPath(state)


def test_the_document_says_the_places_that_the_unit_has() -> None:
    said, document = service(), _DOCUMENT.read_text("utf-8")
    program = shlex.split(said["ExecStart"])[0]
    for place in (program, said["EnvironmentFile"], f"{said['WorkingDirectory']}/secrets.toml"):
        assert place in document


@pytest.mark.skipif(_ANALYZE is None, reason="systemd is not here")
def test_systemd_knows_every_word_of_it(tmp_path: Path) -> None:
    assert _ANALYZE is not None
    unit = tmp_path / _UNIT.name
    program = shlex.split(service()["ExecStart"])[0]
    unit.write_text(_UNIT.read_text("utf-8").replace(f"={program} ", "=/bin/true "))
    told = subprocess.run(
        [_ANALYZE, "verify", unit], check=False, capture_output=True, text=True, timeout=30
    )
    assert [line for line in told.stderr.splitlines() if _UNIT.stem in line] == []
