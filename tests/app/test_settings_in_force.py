"""The Server page shows the settings in force, and says what a restart would change."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.vpo_server import VpoServer, start
from vpo_monitor import services
from vpo_monitor.config import SOURCES

from .conftest import Open, until
from .test_pages import settle, words


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "secrets.toml"
    file.write_text("[vpo_monitor]\npoll_interval = 7\nstalled_after = 60\n", "utf-8")
    monkeypatch.setattr(SOURCES, "files", lambda: (file,))
    monkeypatch.setattr("vpo_monitor.config._EDITS_MAX_AGE", 0.0)
    return file


def shown(app: AppTest) -> dict[str, tuple[str, str]]:
    rows = app.dataframe[0].value
    return {name: (value, source) for name, value, source in rows.itertuples(index=False)}


def test_after_an_edit_the_server_page_shows_what_is_in_force_and_what_a_restart_would_change(
    file: Path, server: VpoServer, open_app: Open
) -> None:
    app = settle(open_app("server"), "Idle")
    before = shown(app)
    assert before["VPO_MONITOR_STALLED_AFTER"] == ("60 s", "secrets.toml")
    assert "Restart to apply" not in words(app)
    file.write_text("[vpo_monitor]\npoll_interval = 7\nstalled_after = 90\n", "utf-8")
    until(app, lambda app: "Restart to apply" in words(app))
    assert "stalled_after" in words(app)
    assert "poll_interval" not in words(app)
    assert shown(app) == before
    assert services.current().servers[0].settings.stalled_after == 60
    file.write_text("[vpo_monitor", "utf-8")
    until(app, lambda app: "can no longer be read" in words(app))
    assert shown(app) == before


def test_hints_of_the_server_are_merged_with_the_file_as_it_was_read(
    file: Path, open_app: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    hints = {"enabled": True, "interval_ms": 9000, "log_interval_ms": 21000}
    file.write_text("[vpo_monitor]\nstalled_after = 60\n", "utf-8")
    with start(worker=False, history=0, polling=hints) as server:
        monkeypatch.setenv("VPO_MONITOR_API_URL", server.url)
        app = open_app("server")
        file.write_text("[vpo_monitor]\nstalled_after = 90\npoll_interval = 3\n", "utf-8")
        until(app, lambda app: services.current().servers[0].settings.poll_interval == 9)
        app.run()
    assert shown(app)["VPO_MONITOR_POLL_INTERVAL"] == ("9 s", "server")
    assert shown(app)["VPO_MONITOR_LOG_INTERVAL"] == ("21 s", "server")
    assert shown(app)["VPO_MONITOR_STALLED_AFTER"] == ("60 s", "secrets.toml")


def test_the_demo_keeps_no_history_and_the_server_page_says_so(
    file: Path, open_app: Open, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("VPO_MONITOR_HISTORY", str(tmp_path / "history.sqlite3"))
    monkeypatch.setenv("VPO_MONITOR_API_TOKEN", "a token of sixteen")
    app = open_app("server")
    assert shown(app)["VPO_MONITOR_HISTORY"] == ("off", "demo")
    assert shown(app)["VPO_MONITOR_API_TOKEN"] == ("not set", "demo")
    assert not (tmp_path / "history.sqlite3").exists()
