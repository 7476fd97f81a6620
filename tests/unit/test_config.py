import os
import sys
from pathlib import Path
from typing import Any

import pytest

from vpo_monitor.config import PollingConfig, Settings, load_settings
from vpo_monitor.setting import SecretSetting, Setting


def settings_in(settings: Settings) -> list[tuple[str, Setting[Any] | SecretSetting]]:
    """Each setting by its name."""
    return [
        (name, value)
        for name, value in vars(settings).items()
        if isinstance(value, Setting | SecretSetting)
    ]


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


@pytest.mark.parametrize(
    ("setting", "low", "high"),
    [
        ("poll_interval", 2, 60),
        ("log_interval", 5, 3600),
        ("requests_per_minute", 1, 120),
        ("stalled_after", 30, 86_400),
        ("session_days", 0.01, 365),
        ("session_idle_days", 0.01, 30),
        ("history_days", 1, 365),
        ("history_jobs", 100, 100_000),
    ],
)
def test_a_number_is_kept_within_its_bounds(
    setting: str, low: float, high: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"VPO_MONITOR_{setting.upper()}"
    for within in (low, high):
        monkeypatch.setenv(name, str(within))
        settings = load_settings()
        assert getattr(settings, setting) == Setting(name, within, "environment")
        assert settings.warnings == ()
    for beyond, used in ((low - 1, low), (high + 1, high)):
        monkeypatch.setenv(name, str(beyond))
        settings = load_settings()
        said = f"{name} is {beyond:g}, so {used:g} is used. Valid values: {low:g} to {high:g}."
        assert getattr(settings, setting) == Setting(name, used, "environment", said)
        assert settings.warnings == (said,)
    monkeypatch.setenv(name, "many")
    default = getattr(load_settings(), setting)
    said = (
        f"{name} is not a number, so {default.value:g} is used. Valid values: {low:g} to {high:g}."
    )
    assert default == Setting(name, default.value, "environment", said)
    monkeypatch.delenv(name)
    assert getattr(load_settings(), setting).value == default.value


def test_what_is_not_set_has_its_default() -> None:
    settings = load_settings()
    assert {name: setting.value for name, setting in settings_in(settings)} == {
        "api_url": None,
        "api_token": None,
        "poll_interval": 5.0,
        "log_interval": 15.0,
        "polling_enabled": True,
        "requests_per_minute": 100,
        "password": None,
        "allowed_emails": (),
        "allow_unverified_emails": False,
        "session_days": 30.0,
        "session_idle_days": 7.0,
        "read_key": None,
        "stalled_after": 300.0,
        "history": settings.history.value,
        "history_days": 30.0,
        "history_jobs": 10_000,
        "shared_store": None,
    }
    for name, setting in settings_in(settings):
        assert (setting.name, setting.source) == (f"VPO_MONITOR_{name.upper()}", "default")
    assert (settings.oidc, settings.unread_file, settings.has_file) == (None, None, False)
    assert settings.polling == PollingConfig(interval=5.0, log_interval=15.0, enabled=True)


def test_a_session_may_not_be_unused_for_longer_than_it_lasts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("VPO_MONITOR_SESSION_DAYS", "2")
    settings = load_settings()
    assert (settings.session_idle_days.value, settings.warnings) == (2.0, ())
    monkeypatch.setenv("VPO_MONITOR_SESSION_IDLE_DAYS", "3")
    settings = load_settings()
    assert settings.session_idle_days.value == 2.0
    assert "SESSION_IDLE_DAYS is 3, so 2 is used" in settings.warnings[0]


def test_a_password_or_accounts_require_a_login(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not load_settings().requires_login
    monkeypatch.setenv("VPO_MONITOR_PASSWORD", "open sesame")
    assert load_settings().requires_login


def test_what_a_file_sets_is_used(tmp_path: Path) -> None:
    settings = settings_of(
        tmp_path,
        """
        [vpo_monitor]
        api_url = "http://nas:8321"
        api_token = "token"
        poll_interval = 7
        log_interval = 20
        polling_enabled = false
        requests_per_minute = 60
        password = "open sesame"
        allowed_emails = ["ann@house.example", "@other.example"]
        allow_unverified_emails = true
        session_days = 10
        session_idle_days = 2
        read_key = "for programs"
        stalled_after = 60
        history = "/srv/history.sqlite3"
        history_days = 7
        history_jobs = 500
        shared_store = "redis://store:6379"
        [auth]
        client_id = "x"
        """,
    )
    assert {name: setting.value for name, setting in settings_in(settings)} == {
        "api_url": "http://nas:8321",
        "api_token": "token",
        "poll_interval": 7.0,
        "log_interval": 20.0,
        "polling_enabled": False,
        "requests_per_minute": 60,
        "password": "open sesame",
        "allowed_emails": ("ann@house.example", "@other.example"),
        "allow_unverified_emails": True,
        "session_days": 10.0,
        "session_idle_days": 2.0,
        "read_key": "for programs",
        "stalled_after": 60.0,
        "history": Path("/srv/history.sqlite3"),
        "history_days": 7.0,
        "history_jobs": 500,
        "shared_store": "redis://store:6379",
    }
    assert {setting.source for _name, setting in settings_in(settings)} == {"secrets.toml"}
    assert settings.warnings == ()
    assert (settings.access_problem, settings.access_doubt) == (None, None)
    assert (settings.unread_file, settings.has_file) == (None, True)
    assert settings.oidc is not None
    assert settings.oidc.allowed == ("ann@house.example", "@other.example")
    assert settings.oidc.allow_unverified
    assert settings.polling == PollingConfig(interval=7, log_interval=20, enabled=False)


@pytest.mark.parametrize(
    ("written", "used", "warned"),
    [
        ("no", False, False),
        ("0", False, False),
        ("TRUE", True, False),
        ("sometimes", True, True),
    ],
)
def test_a_switch_that_is_neither_on_nor_off_is_said(
    written: str, *, used: bool, warned: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "VPO_MONITOR_POLLING_ENABLED"
    monkeypatch.setenv(name, written)
    said = f"{name} is neither true nor false, so true is used." if warned else None
    settings = load_settings()
    assert settings.polling_enabled == Setting(name, used, "environment", said)
    offered = load_settings(offer=PollingConfig(enabled=False)).polling_enabled
    assert offered.value is (False if warned else used)
    assert ("so false is used" in (offered.warning or "")) is warned


@pytest.mark.parametrize(
    ("written", "addresses"),
    [
        (
            "ann@x.example,@y.example  bob@x.example",
            ("ann@x.example", "@y.example", "bob@x.example"),
        ),
        (" ann@x.example, ", ("ann@x.example",)),
        (",", ()),
    ],
)
def test_addresses_stand_between_commas_or_spaces(
    written: str, addresses: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VPO_MONITOR_ALLOWED_EMAILS", written)
    assert load_settings().allowed_emails == Setting(
        "VPO_MONITOR_ALLOWED_EMAILS", addresses, "environment"
    )


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
    monkeypatch.delenv("VPO_MONITOR_POLL_INTERVAL")
    offered = load_settings(offer=PollingConfig(interval=30, log_interval=45, enabled=False))
    assert offered.polling == PollingConfig(interval=30, log_interval=45, enabled=False)
    assert {offered.poll_interval.source, offered.polling_enabled.source} == {"server"}
    assert offered.stalled_after.source == "default"


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
    assert (settings.unread_file, settings.has_file) == ("secrets.toml", True)
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
    assert settings.warnings == (f"secrets.toml cannot be read {why}, so it is ignored.",)


def test_a_secrets_file_that_is_none_is_said(tmp_path: Path) -> None:
    (tmp_path / "secrets.toml").mkdir()
    said = "secrets.toml cannot be read (is a directory), so it is ignored."
    assert load_settings([tmp_path / "secrets.toml"]).warnings == (said,)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ('password = "x"', "password"),
        ('passwort = "x"', "passwort"),
        ('pwd = "x"', "pwd"),
        ('VPO_PASSWORD = "x"', "VPO_PASSWORD"),
        ('[[vpo_monitor]]\npassword = "x"', "vpo_monitor that is not a table"),
        ('vpo_monitor = "x"', "vpo_monitor that is not a table"),
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
        f"secrets.toml has an unknown or misplaced entry, which is ignored: {name}.",
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
    assert settings.password.source == "top of secrets.toml"
    assert settings.warnings == ()
    assert settings.access_doubt is None


@pytest.mark.parametrize("written", ["false", "[]", "1.5", "{ value = 'x' }"])
def test_a_password_that_is_no_text_is_not_taken_for_one(written: str, tmp_path: Path) -> None:
    settings = settings_of(tmp_path, f"[vpo_monitor]\npassword = {written}")
    assert settings.access_problem == (
        "password is not text. Put it in quotes and restart the app."
    )


def test_a_number_without_quotes_is_the_password_that_it_looks_like(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, "[vpo_monitor]\npassword = 1234")
    assert (settings.password.value, settings.access_problem) == ("1234", None)


def test_an_empty_password_and_a_list_without_a_provider_leave_a_doubt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_of(tmp_path, "[vpo_monitor]\npassword = ''")
    assert "is empty" in (settings.access_doubt or "")
    monkeypatch.setenv("VPO_MONITOR_PASSWORD", "open sesame")
    settings = settings_of(tmp_path, "[vpo_monitor]\npassword = ''")
    assert (settings.password.value, settings.access_doubt) == ("open sesame", None)
    settings = settings_of(tmp_path, "[vpo_monitor]\nallowed_emails = ['@house.example']")
    assert "no [auth] section" in (settings.access_doubt or "")


def test_a_password_that_nobody_could_type_is_refused_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("VPO_MONITOR_PASSWORD", os.fsdecode(b"\xff\xfe"))
    assert "not valid UTF-8" in (load_settings().access_problem or "")
    monkeypatch.setenv("VPO_MONITOR_PASSWORD", "öffne dich")
    assert load_settings().access_problem is None


def test_what_a_server_offers_is_clamped() -> None:
    assert PollingConfig(interval=0.1, log_interval=0.1).interval == 2
    assert PollingConfig(interval=900).log_interval == 60
    assert PollingConfig(interval=20, log_interval=3).log_interval == 20
    assert PollingConfig(interval=20, log_interval=9999).log_interval == 3600
    assert PollingConfig(interval=9).log_interval == 15
    assert (PollingConfig().interval, PollingConfig().log_interval) == (5, 15)


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


@pytest.mark.parametrize("key", ["metrics_port", "metrics_address"])
def test_settings_of_earlier_versions_are_said_to_be_unused_and_not_quoted(
    key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = " is no longer used: metrics are at /metrics, on the app's own port."
    settings = settings_of(tmp_path, f'[vpo_monitor]\n{key} = "canary"')
    assert settings.warnings == (f"{key}{said}",)
    assert settings.access_doubt is None
    monkeypatch.setenv(f"VPO_MONITOR_{key.upper()}", "9105")
    assert load_settings().warnings == (f"VPO_MONITOR_{key.upper()}{said}",)
