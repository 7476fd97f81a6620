"""Where settings come from if the app is started as usual, and that a caller can change it."""

from pathlib import Path

import pytest

from tests.shared_app_test import running_services
from tests.vpo_server import start
from vpo_monitor import secrets_files
from vpo_monitor.app_files import APP_FOLDER
from vpo_monitor.settings_sources import SOURCES, SettingsSources


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
