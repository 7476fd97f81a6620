import os
import sys
from pathlib import Path

import pytest

from vpo_monitor.config import PollingConfig, Settings, load_settings


def settings_of(folder: Path, written: str) -> Settings:
    """The settings with this as the file of secrets."""
    secrets = folder / "secrets.toml"
    secrets.write_text(written, "utf-8")
    return load_settings([secrets])


@pytest.mark.parametrize(
    ("written", "used", "warned"),
    [
        ("5", 5, False),
        ("2.5", 2.5, False),
        ("1", 2, True),
        ("61", 60, True),
        ("inf", 60, True),
        ("nan", 5, True),
        ("soon", 5, True),
        ("", 5, False),
    ],
)
def test_an_interval_is_corrected_and_said(
    written: str, used: float, *, warned: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VPO_MONITOR_POLL_INTERVAL", written)
    settings = load_settings()
    assert settings.poll_interval.value == used
    assert bool(settings.warnings) is warned


def test_the_environment_goes_before_secrets_before_the_server_before_defaults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets = tmp_path / "secrets.toml"
    secrets.write_text("[vpo_monitor]\npoll_interval = 7\npolling_enabled = false\n", "utf-8")
    monkeypatch.setenv("VPO_MONITOR_POLL_INTERVAL", "9")
    offer = PollingConfig(interval=30, log_interval=45, enabled=True)
    settings = load_settings([tmp_path / "none.toml", secrets], offer)
    assert (settings.poll_interval.value, settings.poll_interval.source) == (9, "environment")
    assert (settings.polling_enabled.value, settings.polling_enabled.source) == (
        False,
        "secrets.toml",
    )
    assert (settings.log_interval.value, settings.log_interval.source) == (45, "server")
    assert settings.requests_per_minute.source == "default"


def test_the_log_is_never_polled_faster_than_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VPO_MONITOR_POLL_INTERVAL", "30")
    assert load_settings().log_interval.value == 30
    monkeypatch.setenv("VPO_MONITOR_LOG_INTERVAL", "3")
    assert load_settings().log_interval.value == 30
    assert "VPO_MONITOR_LOG_INTERVAL is 3" in load_settings().warnings[0]


def test_a_damaged_secrets_file_is_said_without_quoting_it(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, '[vpo_monitor]\napi_token = "canary')
    assert settings.warnings[0].startswith("secrets.toml cannot be read as TOML (")
    assert "cannot be read" in (settings.access_problem or "")
    assert "canary" not in f"{settings.warnings}{settings!r}{settings.access_problem}"


@pytest.mark.parametrize(
    ("written", "why"),
    [
        (b'[vpo_monitor]\napi_token = "canary\n', "as TOML (line 2, column 20)"),
        (b"[vpo_monitor]\ncanary\n", "as TOML (line 2, column 7)"),
        (b"[vpo_monitor]\n[vpo_monitor]\n", "as TOML (line 2, column 13)"),
        (b'[vpo_monitor]\napi_token = """canary', "as TOML (at its end)"),
        (b'[vpo_monitor]\napi_token = "canary\xff"', "as UTF-8"),
    ],
)
def test_where_a_secrets_file_is_damaged_is_said_by_its_place_alone(
    written: bytes, why: str, tmp_path: Path
) -> None:
    (tmp_path / "secrets.toml").write_bytes(written)
    settings = load_settings([tmp_path / "secrets.toml"])
    assert settings.warnings == (f"secrets.toml cannot be read {why}, so nothing in it is used.",)


def test_a_secrets_file_that_is_none_is_said(tmp_path: Path) -> None:
    (tmp_path / "secrets.toml").mkdir()
    said = "secrets.toml cannot be read (is a directory), so nothing in it is used."
    assert load_settings([tmp_path / "secrets.toml"]).warnings == (said,)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ('password = "x"', "password"),
        ('passwort = "x"', "passwort"),
        ('pwd = "x"', "pwd"),
        ('VPO_PASSWORD = "x"', "VPO_PASSWORD"),
        ('[[vpo_monitor]]\npassword = "x"', "vpo_monitor that is no table"),
        ('vpo_monitor = "x"', "vpo_monitor that is no table"),
        ('[VPO_MONITOR]\npassword = "x"', "[VPO_MONITOR]"),
        ('[vpo-monitor]\npassword = "x"', "[vpo-monitor]"),
        ('["VPO Monitor"]\npassword = "x"', "[VPO Monitor]"),
        ('[vpo_moniter]\npassword = "x"', "[vpo_moniter]"),
        ('vpo.monitor.password = "x"', "[vpo]"),
        ('[general.more]\nVPO_MONITOR_PASSWORD = "x"', "VPO_MONITOR_PASSWORD below [general]"),
        ('[vpo_monitor]\nPassword = "x"', "Password below [vpo_monitor]"),
        ('[vpo_monitor]\npasswd = "x"', "passwd below [vpo_monitor]"),
        ('[vpo_monitor]\nkennwort = "x"', "kennwort below [vpo_monitor]"),
        ('[vpo_monitor]\nVPO_MONITOR_PASSWORD = "x"', "VPO_MONITOR_PASSWORD below [vpo_monitor]"),
        ('[vpo_monitor.access]\npassword = "x"', "access below [vpo_monitor]"),
        ('[Auth]\nclient_id = "x"', "[Auth]"),
        ('[oidc]\nclient_id = "x"', "[oidc]"),
    ],
)
def test_a_password_written_where_it_is_not_looked_for_is_said_and_leaves_a_doubt(
    written: str, name: str, tmp_path: Path
) -> None:
    settings = settings_of(tmp_path, written)
    assert settings.warnings == (
        f"secrets.toml has {name} where it is not looked for, so it is not used.",
    )
    assert (settings.access_doubt or "").startswith(settings.warnings[0])


@pytest.mark.parametrize(
    ("written", "warnings"),
    [
        ("[vpo_monitor]\npoll_intervall = 7", 1),
        ('api_token = "x"', 1),
        ('vpo_token = "x"', 1),
        ('[connections.db]\npassword = "x"\n[auth]\nclient_id = "y"', 0),
        ('db_password = "x"', 0),
    ],
)
def test_what_is_misplaced_or_of_another_app_and_no_password_leaves_no_doubt(
    written: str, warnings: int, tmp_path: Path
) -> None:
    settings = settings_of(tmp_path, written)
    assert len(settings.warnings) == warnings
    assert settings.access_doubt is None


def test_a_variable_above_all_tables_is_what_streamlit_makes_of_it(tmp_path: Path) -> None:
    written = 'VPO_MONITOR_PASSWORD = "open sesame"\n[vpo_monitor]\npassword = "x"'
    settings = settings_of(tmp_path, written)
    assert settings.password.value == "open sesame"
    assert settings.warnings == ()
    assert settings.access_doubt is None


@pytest.mark.parametrize("written", ["false", "[]", "1.5", "{ value = 'x' }"])
def test_a_password_that_is_no_text_is_not_taken_for_one(written: str, tmp_path: Path) -> None:
    settings = settings_of(tmp_path, f"[vpo_monitor]\npassword = {written}")
    assert "is no text" in (settings.access_problem or "")


def test_an_empty_password_and_a_list_without_a_provider_leave_a_doubt(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, "[vpo_monitor]\npassword = ''")
    assert "is empty" in (settings.access_doubt or "")
    settings = settings_of(tmp_path, "[vpo_monitor]\nallowed_emails = ['@house.example']")
    assert "no [auth] block" in (settings.access_doubt or "")


def test_a_password_that_nobody_could_type_is_refused_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("VPO_MONITOR_PASSWORD", os.fsdecode(b"\xff\xfe"))
    assert "not UTF-8" in (load_settings().access_problem or "")
    monkeypatch.setenv("VPO_MONITOR_PASSWORD", "öffne dich")
    assert load_settings().access_problem is None


def test_what_a_server_offers_is_clamped() -> None:
    assert PollingConfig(interval=0.1, log_interval=0.1).interval == 2
    assert PollingConfig(interval=900).log_interval == 60
    assert PollingConfig(interval=20, log_interval=3).log_interval == 20


def test_the_history_has_a_place_of_its_own_and_can_be_off(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    if sys.platform == "linux":
        assert load_settings().history.value == tmp_path / "vpo-monitor" / "history.sqlite3"
    monkeypatch.setenv("VPO_MONITOR_HISTORY", "/srv/history.sqlite3")
    assert load_settings().history.value == Path("/srv/history.sqlite3")
    monkeypatch.setenv("VPO_MONITOR_HISTORY", "~/history.sqlite3")
    assert load_settings().history.value == Path.home() / "history.sqlite3"
    monkeypatch.setenv("VPO_MONITOR_HISTORY", "Off")
    assert load_settings().history.value is None


@pytest.mark.parametrize(
    ("written", "port"),
    [("9105", 9105), (" 1 ", 1), ("65535", 65535), ("", None), ("off", None), ("0", None)],
)
def test_metrics_are_off_unless_they_have_a_port(
    written: str, port: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert load_settings().metrics_port.value is None
    monkeypatch.setenv("VPO_MONITOR_METRICS_PORT", written)
    settings = load_settings()
    assert settings.metrics_port.value == port
    assert settings.warnings == ()


@pytest.mark.parametrize(
    "written", ["-1", "65536", "9105.5", "nan", "inf", "9e9", "²", "true", "port", "9" * 5000]
)
def test_what_is_no_port_serves_nothing_and_is_said_without_quoting_it(
    written: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VPO_MONITOR_METRICS_PORT", written)
    settings = load_settings()
    assert settings.metrics_port.value is None
    assert settings.warnings == (
        "VPO_MONITOR_METRICS_PORT is not a port, so no metrics are served. Set 1 to 65535.",
    )


def test_the_metrics_of_a_file_of_secrets_are_off_by_false_and_no_port_by_true(
    tmp_path: Path,
) -> None:
    settings = settings_of(tmp_path, "[vpo_monitor]\nmetrics_port = false")
    assert (settings.metrics_port.value, settings.warnings) == (None, ())
    settings = settings_of(tmp_path, "[vpo_monitor]\nmetrics_port = true")
    assert settings.metrics_port.value is None
    assert len(settings.warnings) == 1
    settings = settings_of(tmp_path, "[vpo_monitor]\nmetrics_port = 9105")
    assert (settings.metrics_port.value, settings.metrics_port.source) == (9105, "secrets.toml")


@pytest.mark.parametrize(
    ("written", "address", "warned"),
    [
        ("", "127.0.0.1", False),
        ("localhost", "127.0.0.1", False),
        ("0.0.0.0", "0.0.0.0", False),  # noqa: S104 - what the setting may hold
        ("::1", "::1", False),
        ("nas.local", "127.0.0.1", True),
        ("127.0.0.1:9105", "127.0.0.1", True),
        ("canary", "127.0.0.1", True),
    ],
)
def test_metrics_are_served_to_this_machine_unless_another_address_is_meant(
    written: str, address: str, *, warned: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VPO_MONITOR_METRICS_ADDRESS", written)
    settings = load_settings()
    assert settings.metrics_address.value == address
    assert bool(settings.warnings) is warned
    assert "canary" not in "".join(settings.warnings)
