"""The Server page says what prevents saving the history, and the app keeps running."""

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from tests.vpo_server import VpoServer
from vpo_monitor import services
from vpo_monitor.api.models import JobPage
from vpo_monitor.polling import queries

from .conftest import Open, until
from .test_pages import settle, words

SAID = "History isn't being saved"


@pytest.fixture
def path(server: VpoServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    path = tmp_path / "history.sqlite3"
    monkeypatch.setenv("VPO_MONITOR_HISTORY", str(path))
    return path


def test_a_file_of_another_program_is_said(path: Path, open_app: Open) -> None:
    path.write_text("notes: mine\n")
    app = settle(open_app("server"), "Idle")
    assert "another program's file" in words(app)
    assert path.read_text() == "notes: mine\n"


def test_a_locked_file_is_said_on_an_open_page_until_it_is_free(
    path: Path, open_app: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = settle(open_app("server"), "Idle")
    assert SAID not in words(app)
    monkeypatch.setattr("vpo_monitor.history.store._RETRY_EVERY", timedelta(0))
    tracker = services.current().servers[0].tracker
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    tracker.ingest(queries.jobs(), JobPage(rows=(), total=0), 0.0, 0.0)
    until(app, lambda app: "another program has locked the file" in words(app))
    other.execute("ROLLBACK")
    other.close()
    tracker.ingest(queries.jobs(), JobPage(rows=(), total=0), 0.0, 0.0)
    until(app, lambda app: SAID not in words(app))
    assert not app.exception
