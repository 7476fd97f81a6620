"""What somebody meets who has just started the app: the demo, the way out of it, an empty queue."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.secret_leaks import TOKEN, leaks
from tests.vpo_server import VpoServer, start
from vpo_monitor import services
from vpo_monitor.analysis.estimates.problems import NO_JOBS
from vpo_monitor.app_files import INIT_COMMAND
from vpo_monitor.config import SOURCES
from vpo_monitor.connection_test import ConnectionTest
from vpo_monitor.views import connection_guide

from .conftest import Open, shown, until
from .test_pages import button, settle, words
from .test_secrets import everything

SECTION = "Connect your server"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The file of settings of an app that finds no server and so watches the demo."""
    file = tmp_path / "secrets.toml"
    monkeypatch.setattr(SOURCES, "files", lambda: (file,))
    monkeypatch.setattr(connection_guide, "_CONNECTION_TEST", ConnectionTest(sleep=float))
    monkeypatch.delenv("VPO_MONITOR_API_URL", raising=False)
    with start(worker=False, history=3, seed=1) as demo:
        monkeypatch.setattr("vpo_monitor.demo.start", lambda: demo)
        yield file


def headings(app: AppTest) -> list[str]:
    return [heading.value for heading in app.subheader]


@pytest.mark.parametrize("page", ["overview", "server"])
def test_a_page_of_the_demo_says_so(page: str, file: Path, open_app: Open) -> None:
    app = open_app(page)
    assert "sample data" in words(app)
    links = [one.proto.label for one in app.main.get("page_link")]
    assert links == ([f":blue[{SECTION}]"] if page != "server" else [])  # which tells how


def test_no_page_of_a_server_speaks_of_a_demo(server: VpoServer, open_app: Open) -> None:
    app = settle(open_app(), "Idle")
    assert "sample data" not in words(app)


def test_the_server_page_of_the_demo_names_the_file_and_tests_what_it_says_now(
    file: Path, open_app: Open
) -> None:
    app = open_app("server")
    assert SECTION in headings(app)
    create = f"does not exist yet. Create it with `{INIT_COMMAND}`."
    assert str(file) in [code.value for code in app.code]
    assert create in words(app)
    assert not app.text_input  # nobody can type an address
    with start(worker=False, history=0, token=TOKEN) as vpo:
        token = json.dumps(TOKEN)  # TOML spells it so too
        file.write_text(f'[vpo_monitor]\napi_url = "{vpo.url}"\napi_token = {token}\n')
        assert create not in words(open_app("server"))
        button(app, "Test settings").click()
        app = app.run()
        assert [one.value for one in app.success] == ["All checks passed"]
        assert f"✓ Address: VPO answers at {vpo.url}." in words(app)
        assert not leaks(everything(app))
        asked = len(vpo.requests)
        button(app, "Test settings").click()  # another one waits for its turn
        app = app.run()
        assert [one.value for one in app.success] == ["All checks passed"]
        assert len(vpo.requests) > asked


def test_a_tested_server_is_used_without_a_restart_and_open_pages_follow(
    file: Path, open_app: Open
) -> None:
    other = settle(open_app("jobs"), "Idle")
    app = open_app("server")
    with start(worker=False, history=0, token=TOKEN) as vpo:
        vpo.store.add_job(job_type="prune", status="running", file_path="/srv/wanted.mkv")
        token = json.dumps(TOKEN)
        file.write_text(
            f'[vpo_monitor]\napi_url = "{vpo.url}"\napi_token = {token}\n'
            'password = "of the next start"\npoll_interval = 30\n'
        )
        button(app, "Test settings").click()
        app = app.run()
        button(app, "Use this server").click()
        app = until(app.run(), lambda app: vpo.url in str(shown(app, "cards")))
        assert "sample data" not in words(app)
        assert "were edited after the app started: password." in words(app)
        assert not services.current().settings.requires_login
        assert services.current().settings.poll_interval == 30
        until(other, lambda app: "wanted.mkv" in str(app.dataframe[0].value))
        assert not other.exception
        assert "sample data" not in words(other)
        assert not leaks(everything(app))


def test_settings_that_fail_the_test_cannot_be_used(file: Path, open_app: Open) -> None:
    app = open_app("server")
    file.write_text('[vpo_monitor]\napi_url = "http://127.0.0.1:1"\n')
    button(app, "Test settings").click()
    assert "Use this server" not in [one.label for one in app.run().button]


def test_a_test_that_fails_says_what_to_fix(file: Path, open_app: Open) -> None:
    app = open_app("server")
    file.write_text('[vpo_monitor]\napi_url = "http://127.0.0.1:1"\n')
    button(app, "Test settings").click()
    app = app.run()
    assert [one.value for one in app.error] == ["1 problem found"]
    assert "Check that 'vpo serve' is running there" in words(app)


def test_a_test_before_there_is_a_file_says_so(file: Path, open_app: Open) -> None:
    app = open_app("server")
    button(app, "Test settings").click()
    app = app.run()
    assert f"{file} does not exist. Create it with '{INIT_COMMAND}'." in words(app)


def test_a_file_that_is_no_toml_is_the_one_thing_to_fix(file: Path, open_app: Open) -> None:
    app = open_app("server")
    file.write_text(f"[vpo_monitor]\napi_token = {TOKEN}\n")
    button(app, "Test settings").click()
    app = app.run()
    assert [one.value for one in app.error] == ["1 problem found"]
    assert words(app).count("✗") == 1
    assert "secrets.toml cannot be read as TOML (line 2, column" in words(app)
    assert not leaks(everything(app))


def test_where_the_address_cannot_be_used_the_server_page_tells_how_to_set_one(
    open_app: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VPO_MONITOR_API_URL", "192.168.1.5:8321")
    assert SECTION in headings(open_app("server"))
    assert SECTION in headings(open_app("jobs"))


@pytest.mark.parametrize("page", ["overview", "jobs"])
def test_a_server_without_any_job_tells_how_to_make_one(
    page: str, server: VpoServer, open_app: Open
) -> None:
    app = until(open_app(page), lambda app: NO_JOBS in words(app))
    server.store.add_job(job_type="prune", status="cancelled", file_path="/srv/a")
    button(app, "Refresh").click()
    until(app.run(), lambda app: NO_JOBS not in words(app))


def test_a_filter_that_no_job_matches_tells_of_no_empty_server(
    server: VpoServer, open_app: Open
) -> None:
    app = until(
        open_app("jobs", status="failed"),
        lambda app: "No jobs match these filters." in words(app),
    )
    assert NO_JOBS not in words(app)
