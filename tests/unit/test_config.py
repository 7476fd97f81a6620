import os
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from tests.secret_leaks import PASSWORD, TOKEN, leaks
from tests.shared_app_test import running_services
from tests.vpo_server import start
from vpo_monitor import secrets_files
from vpo_monitor.app_files import APP_FOLDER
from vpo_monitor.config import (
    DECLARED,
    SOURCES,
    PollingConfig,
    Settings,
    SettingsEdits,
    SettingsSources,
    load_settings,
    reveal,
)


def values_in(settings: Settings) -> dict[str, Any]:
    """The value of each setting by its name, without the wrapping of secrets."""
    values = {name: getattr(settings, name) for name in DECLARED}
    return {
        name: reveal(value) if isinstance(value, SecretStr) else value
        for name, value in values.items()
    }


def origin_of(settings: Settings, name: str) -> tuple[str, str]:
    origin = settings.origins[name]
    return origin.name, origin.source


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
    assert settings.poll_interval == used
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
        assert getattr(settings, setting) == within
        assert origin_of(settings, setting) == (name, "environment")
        assert settings.warnings == ()
    for beyond, used in ((low - 1, low), (high + 1, high)):
        monkeypatch.setenv(name, str(beyond))
        settings = load_settings()
        said = f"{name} is {beyond:g}, so {used:g} is used. Valid values: {low:g} to {high:g}."
        assert getattr(settings, setting) == used
        assert settings.warnings == (said,)
    monkeypatch.setenv(name, "many")
    default = getattr(load_settings(), setting)
    said = f"{name} is not a number, so {default:g} is used. Valid values: {low:g} to {high:g}."
    assert load_settings().warnings == (said,)
    monkeypatch.delenv(name)
    assert getattr(load_settings(), setting) == default


@pytest.mark.parametrize(
    ("written", "used", "said"),
    [
        ("", None, None),
        ("30", 30.0, None),
        ("3600", 3600.0, None),
        ("0", 30.0, "is 0, so 30 is used."),
        ("-5", 30.0, "is -5, so 30 is used."),
        ("1e9", 3600.0, "is 1e+09, so 3600 is used."),
        ("often", None, "is not a number, so it is ignored."),
        ("nan", None, "is not a number, so it is ignored."),
    ],
)
def test_a_watch_interval_is_off_unless_set_and_kept_within_its_bounds(
    written: str, used: float | None, said: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VPO_MONITOR_WATCH_INTERVAL", written)
    settings = load_settings()
    assert (settings.watch_interval, settings.seconds_between_watches) == (used, used)
    warning = f"VPO_MONITOR_WATCH_INTERVAL {said} Valid values: 30 to 3600."
    assert settings.warnings == (() if said is None else (warning,))


def test_what_is_not_set_has_its_default() -> None:
    settings = load_settings()
    assert values_in(settings) == {
        "api_url": None,
        "api_token": None,
        "public_url": None,
        "poll_interval": 5.0,
        "log_interval": 15.0,
        "polling_enabled": True,
        "requests_per_minute": 100,
        "watch_interval": None,
        "password": None,
        "allowed_emails": (),
        "allow_unverified_emails": False,
        "session_days": 30.0,
        "session_idle_days": 7.0,
        "read_key": None,
        "stalled_after": 300.0,
        "history": settings.history,
        "history_days": 30.0,
        "history_jobs": 10_000,
        "shared_store": None,
    }
    for name in DECLARED:
        assert origin_of(settings, name) == (f"VPO_MONITOR_{name.upper()}", "default")
    assert (settings.oidc, settings.unread_file, settings.has_file) == (None, None, False)
    assert settings.polling == PollingConfig(interval=5.0, log_interval=15.0, enabled=True)


@pytest.mark.parametrize(
    "written", ["vpo.example.org", "javascript:alert(1)", "http://a b", "ftp://x"]
)
def test_a_public_url_that_is_none_is_said_and_not_used(
    written: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VPO_MONITOR_PUBLIC_URL", written)
    settings = load_settings()
    assert settings.public_url is None
    (warning,) = settings.warnings
    assert warning.startswith("VPO_MONITOR_PUBLIC_URL ")
    assert warning.endswith("Links to VPO lead to its own address.")
    assert written not in warning


def test_a_session_may_not_be_unused_for_longer_than_it_lasts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("VPO_MONITOR_SESSION_DAYS", "2")
    settings = load_settings()
    assert (settings.session_idle_days, settings.warnings) == (2.0, ())
    monkeypatch.setenv("VPO_MONITOR_SESSION_IDLE_DAYS", "3")
    settings = load_settings()
    assert settings.session_idle_days == 2.0
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
        public_url = "https://vpo.example.org/"
        poll_interval = 7
        log_interval = 20
        polling_enabled = false
        requests_per_minute = 60
        watch_interval = 90
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
    assert values_in(settings) == {
        "api_url": "http://nas:8321",
        "api_token": "token",
        "public_url": "https://vpo.example.org",
        "poll_interval": 7.0,
        "log_interval": 20.0,
        "polling_enabled": False,
        "requests_per_minute": 60,
        "watch_interval": 90.0,
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
    assert {origin.source for origin in settings.origins.values()} == {"secrets.toml"}
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
    settings = load_settings()
    assert settings.polling_enabled is used
    assert origin_of(settings, "polling_enabled") == (name, "environment")
    said = f"{name} is neither true nor false, so true is used."
    assert settings.warnings == ((said,) if warned else ())
    hinted = settings.with_hints(PollingConfig(enabled=False))
    assert hinted.polling_enabled is (False if warned else used)
    assert ("so false is used" in "".join(hinted.warnings)) is warned


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
    assert load_settings().allowed_emails == addresses


def test_the_environment_goes_before_secrets_before_the_server_before_defaults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets = tmp_path / "secrets.toml"
    secrets.write_text("[vpo_monitor]\npoll_interval = 7\npolling_enabled = false\n", "utf-8")
    monkeypatch.setenv("VPO_MONITOR_POLL_INTERVAL", "9")
    hints = PollingConfig(interval=30, log_interval=45, enabled=True)
    loaded = load_settings([tmp_path / "none.toml", secrets])
    settings = loaded.with_hints(hints)
    assert settings.poll_interval == 9
    assert origin_of(settings, "poll_interval")[1] == "environment"
    assert settings.polling_enabled is False
    assert origin_of(settings, "polling_enabled")[1] == "secrets.toml"
    assert settings.log_interval == 45
    assert origin_of(settings, "log_interval")[1] == "server"
    assert origin_of(settings, "requests_per_minute")[1] == "default"
    assert (loaded.log_interval, origin_of(loaded, "log_interval")[1]) == (15, "default")
    monkeypatch.delenv("VPO_MONITOR_POLL_INTERVAL")
    hints = PollingConfig(interval=30, log_interval=45, enabled=False)
    hinted = load_settings().with_hints(hints)
    assert hinted.polling == hints
    assert origin_of(hinted, "poll_interval")[1] == "server"
    assert origin_of(hinted, "polling_enabled")[1] == "server"
    assert origin_of(hinted, "stalled_after")[1] == "default"


def test_a_log_interval_below_the_interval_that_the_server_hints_at_is_corrected_and_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("VPO_MONITOR_LOG_INTERVAL", "20")
    settings = load_settings()
    assert (settings.log_interval, settings.warnings) == (20, ())
    settings = settings.with_hints(PollingConfig(interval=30))
    assert settings.log_interval == 30
    assert "VPO_MONITOR_LOG_INTERVAL is 20, so 30 is used" in settings.warnings[0]


def test_the_log_is_never_polled_faster_than_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VPO_MONITOR_POLL_INTERVAL", "30")
    assert load_settings().log_interval == 30
    monkeypatch.setenv("VPO_MONITOR_LOG_INTERVAL", "3")
    assert load_settings().log_interval == 30
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
    assert reveal(settings.password) == "open sesame"
    assert origin_of(settings, "password")[1] == "top of secrets.toml"
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
    assert (reveal(settings.password), settings.access_problem) == ("1234", None)


def test_an_empty_password_and_a_list_without_a_provider_leave_a_doubt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_of(tmp_path, "[vpo_monitor]\npassword = ''")
    assert "is empty" in (settings.access_doubt or "")
    monkeypatch.setenv("VPO_MONITOR_PASSWORD", "open sesame")
    settings = settings_of(tmp_path, "[vpo_monitor]\npassword = ''")
    assert (reveal(settings.password), settings.access_doubt) == ("open sesame", None)
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
        assert load_settings().history == tmp_path / "vpo-monitor" / "history.sqlite3"
    monkeypatch.setenv("VPO_MONITOR_HISTORY", "/srv/history.sqlite3")
    assert load_settings().history == Path("/srv/history.sqlite3")
    monkeypatch.setenv("VPO_MONITOR_HISTORY", "~/history.sqlite3")
    assert load_settings().history == Path.home() / "history.sqlite3"
    monkeypatch.setenv("VPO_MONITOR_HISTORY", "Off")
    assert load_settings().history is None


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


# Where settings come from, and what is in force


def test_the_usual_sources_are_vpos_own_address_and_the_files_that_streamlit_reads(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    home, current = tmp_path / "home", tmp_path / "current"
    current.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    monkeypatch.chdir(current)
    usual = SettingsSources()
    assert usual.default_address == "http://127.0.0.1:8321"
    folders = (home, current, APP_FOLDER)
    assert usual.files() == tuple(one / ".streamlit" / "secrets.toml" for one in folders)


def test_an_installed_app_keeps_its_settings_in_the_users_configuration_directory(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(secrets_files, "IS_INSTALLED", True)
    monkeypatch.setattr(secrets_files, "user_config_path", lambda name, appauthor: tmp_path / name)
    usual = SettingsSources()
    assert usual.own_file == tmp_path / "vpo-monitor" / "secrets.toml"
    assert len(usual.files()) == 3
    assert not [file for file in usual.files() if APP_FOLDER in file.parents]


def test_a_vpo_at_the_default_address_is_watched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VPO_MONITOR_HISTORY", "off")
    with start(worker=False, history=0) as vpo:
        monkeypatch.setattr(SOURCES, "default_address", vpo.url)
        with running_services() as services:
            (only,) = services.servers
        assert (only.server.url, only.is_demo) == (vpo.url, False)


class Edited:
    """A settings file, the settings that were read from it, and a clock."""

    def __init__(self, file: Path, written: str) -> None:
        self.file, self.now = file, 100.0
        file.write_text(written, "utf-8")
        self.edits = SettingsEdits(load_settings([file]), now=lambda: self.now)

    def write(self, text: str) -> None:
        self.file.write_text(text, "utf-8")
        self.now += 5

    def said(self) -> tuple[str, ...]:
        return self.edits.names()


@pytest.fixture
def edited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Edited:
    file = tmp_path / "secrets.toml"
    monkeypatch.setattr(SOURCES, "files", lambda: (tmp_path / "none.toml", file))
    return Edited(file, "[vpo_monitor]\npoll_interval = 7\npassword = 'open sesame'\n")


def test_an_edit_of_the_file_is_told_by_what_a_restart_would_change(edited: Edited) -> None:
    assert edited.said() == ()
    edited.write("[vpo_monitor]\npoll_interval = 9\npassword = 'another one'\nhistory_days = 1\n")
    assert edited.said() == ("poll_interval", "password", "history_days")
    edited.write("[vpo_monitor]\npassword = 'open sesame'\n\npoll_interval = 7.0  # the same\n")
    assert edited.said() == ()
    edited.write("[vpo_monitor]\npoll_interval = 7\npassword = 'open sesame'\n[auth]\nx = 1\n")
    assert edited.said() == ("[auth]",)
    edited.file.unlink()
    edited.now += 5
    assert edited.said() == ("poll_interval", "password")


def test_a_list_of_servers_that_was_edited_is_told(tmp_path: Path) -> None:
    one = '[[vpo_monitor.servers]]\nname = "NAS"\naddress = "http://nas:8321"\n'
    settings = settings_of(tmp_path, one)
    (tmp_path / "secrets.toml").write_text(f'{one}token = "x"\n', "utf-8")
    assert settings.changes([tmp_path / "secrets.toml"]) == ("servers",)


def test_what_streamlit_exports_from_the_file_is_taken_for_the_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VPO_MONITOR_STALLED_AFTER", "60")
    settings = settings_of(tmp_path, "VPO_MONITOR_STALLED_AFTER = 60\n")
    assert origin_of(settings, "stalled_after")[1] == "top of secrets.toml"
    (tmp_path / "secrets.toml").write_text("VPO_MONITOR_STALLED_AFTER = 90\n", "utf-8")
    assert settings.changes([tmp_path / "secrets.toml"]) == ("stalled_after",)


def test_a_number_beyond_all_floats_is_corrected(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, f"[vpo_monitor]\npoll_interval = 1{'0' * 400}")
    assert settings.poll_interval == 5
    assert "poll_interval is not a number" in settings.warnings[0]


def test_a_file_that_cannot_be_read_any_more_is_told_alone(edited: Edited) -> None:
    edited.write("[vpo_monitor")
    assert edited.said() == ("secrets.toml",)


def test_a_variable_goes_before_an_edit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VPO_MONITOR_POLL_INTERVAL", "9")
    settings = settings_of(tmp_path, "[vpo_monitor]\npoll_interval = 7")
    (tmp_path / "secrets.toml").write_text("[vpo_monitor]\npoll_interval = 8", "utf-8")
    # Streamlit exports what is above all tables of the file.
    monkeypatch.setenv("VPO_MONITOR_STALLED_AFTER", "60")
    assert settings.changes([tmp_path / "secrets.toml"]) == ()


def test_the_file_is_read_only_after_a_change_and_looked_at_once_in_five_seconds(
    edited: Edited, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert edited.said() == ()
    looked: list[str] = []
    own, stat = Settings.changes, Path.stat

    def changes(self: Settings, files: Any) -> tuple[str, ...]:
        looked.append("read")
        return own(self, files)

    def stat_of(self: Path, **named: Any) -> os.stat_result:
        looked.append("stat")
        return stat(self, **named)

    monkeypatch.setattr(Settings, "changes", changes)
    monkeypatch.setattr(Path, "stat", stat_of)
    edited.now += 4.9
    assert (edited.said(), looked) == ((), [])
    edited.now += 0.2
    assert (edited.said(), looked) == ((), ["stat", "stat"])
    edited.write("[vpo_monitor]\n")
    assert edited.said() == ("poll_interval", "password")
    assert looked.count("read") == 1


def test_hints_of_the_server_change_nothing_else_and_read_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_of(tmp_path, "[vpo_monitor]\npassword = 'open sesame'\nhistory_days = 7\n")
    (tmp_path / "secrets.toml").write_text("[vpo_monitor]\nhistory_days = 9\n", "utf-8")
    monkeypatch.setenv("VPO_MONITOR_STALLED_AFTER", "60")
    hinted = settings.with_hints(PollingConfig(interval=11, log_interval=22, enabled=False))
    changed = {"poll_interval": 11, "log_interval": 22, "polling_enabled": False}
    assert values_in(hinted) == values_in(settings) | changed


def test_the_demo_shows_what_it_does_not_use_as_unused(tmp_path: Path) -> None:
    settings = settings_of(
        tmp_path, "[vpo_monitor]\napi_token = 'x'\nshared_store = 'redis://store'\n"
    ).for_demo()
    for name in ("api_token", "history", "shared_store"):
        assert getattr(settings, name) is None
        assert origin_of(settings, name)[1] == "demo"
    assert origin_of(settings, "history_days")[1] == "default"


def test_settings_print_no_value(tmp_path: Path) -> None:
    settings = settings_of(
        tmp_path, f"[vpo_monitor]\napi_token = {TOKEN!r}\npassword = {PASSWORD!r}\n"
    )
    assert not leaks(f"{settings!r} {settings} {vars(settings)} {settings.model_dump()}")


def test_a_secrets_file_that_is_no_file_is_never_taken_for_a_missing_one(tmp_path: Path) -> None:
    pipe = tmp_path / "secrets.toml"
    if not hasattr(os, "mkfifo"):
        pytest.skip("Only some systems have named pipes.")
    os.mkfifo(pipe)
    settings = load_settings([pipe])
    assert "cannot be read" in settings.warnings[0]
    assert settings.access_problem is not None


def test_the_login_stays_that_of_the_running_app_and_everything_else_is_new(
    tmp_path: Path,
) -> None:
    file = tmp_path / "secrets.toml"
    file.write_text('[vpo_monitor]\npassword = "old"\npoll_interval = 10\n')
    running = load_settings([file], environment={})
    file.write_text(
        '[vpo_monitor]\npassword = "new"\nread_key = "key"\npoll_interval = 20\n'
        'api_url = "http://nas:8321"\nallowed_emails = ["a@example.org"]\n'
        '[auth]\nclient_id = "x"\n'
    )
    switched = load_settings([file], environment={}).with_access_of(running)
    assert (reveal(switched.password), switched.read_key, switched.oidc) == ("old", None, None)
    assert (switched.poll_interval, reveal(switched.api_url)) == (20, "http://nas:8321")
    assert set(switched.changes([file])) == {"password", "read_key", "allowed_emails", "[auth]"}
