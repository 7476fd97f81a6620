"""The login of every page, without a browser."""

import json
import sys
import threading
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from tests.app.conftest import PAGES, TIMEOUT, Open, until
from vpo_monitor.demo import DemoServer
from vpo_monitor.views import login

PASSWORD = "open sesame"
# The same code guards every page, before anything of the page's own runs.
OFTEN = [
    *("overview", "job"),
    *(
        pytest.param(page, marks=pytest.mark.long)
        for page in PAGES
        if page not in ("overview", "job")
    ),
]


def log_in(app: AppTest, password: str = PASSWORD) -> AppTest:
    app.text_input(key="login-password").set_value(password)
    return app.button[0].click().run()


def is_login_alone(app: AppTest) -> bool:
    return [title.value for title in app.title] == ["VPO Monitor"] and not (
        app.dataframe or app.sidebar.children or app.selectbox or app.exception
    )


def cookie_data(app: AppTest) -> dict[str, Any]:
    """What is told to the script that keeps the cookie."""
    protos = [element.proto for element in app.get("bidi_component")]
    (cookie,) = [p for p in protos if p.component_name.endswith("login_cookie")]
    told: dict[str, Any] = json.loads(cookie.json)
    return told


def until_nothing_is_asked() -> None:
    """Wait for the requests that are on their way, and those that these lead to."""
    while fetching := [one for one in threading.enumerate() if one.name == "vpo-fetch"]:
        for thread in fetching:
            thread.join(TIMEOUT)
            assert not thread.is_alive()


@pytest.fixture
def guarded(server: DemoServer, monkeypatch: pytest.MonkeyPatch) -> DemoServer:
    monkeypatch.setenv("VPO_MONITOR_PASSWORD", PASSWORD)
    return server


@pytest.mark.parametrize("page", OFTEN)
def test_a_session_that_was_logged_out_elsewhere_draws_and_asks_for_nothing_more(
    page: str, open_app: Open, guarded: DemoServer
) -> None:
    job = guarded.store.add_job(job_type="move", status="running")
    app = log_in(open_app(page, id=job))
    until(app, lambda _app: bool(guarded.requests))
    login._TOKENS.put_out(app.session_state["login-token"])
    refresh = app.button(key="refresh")
    until(app, is_login_alone)
    until_nothing_is_asked()  # what was on its way arrives yet
    asked = len(guarded.requests)
    assert is_login_alone(refresh.click().run())
    assert is_login_alone(app.run())
    assert len(guarded.requests) == asked


def test_log_out_leaves_nothing_of_the_session(open_app: Open, guarded: DemoServer) -> None:
    app = log_in(open_app("jobs", search="matrix"))
    until(app, lambda app: bool(app.dataframe))
    token = app.session_state["login-token"]
    next(button for button in app.button if button.label == "Log out").click().run()
    assert is_login_alone(app)
    assert not login._TOKENS.is_in(token)
    assert "live-memory" not in app.session_state


def test_the_browser_is_told_of_a_log_out_also_by_a_run_after_the_one_that_made_it(
    open_app: Open, guarded: DemoServer
) -> None:
    def told() -> str | None:
        return cookie_data(app).get("left")

    app = log_in(open_app())
    assert told() is None
    token = app.session_state["login-token"]
    next(button for button in app.button if button.label == "Log out").click().run()
    assert told() == token
    app.run()  # as a tick does that comes before what was sent is on its way, and replaces it
    assert told() == token
    log_in(app)
    assert told() is None


def test_the_password_stays_neither_in_the_session_nor_on_the_page(
    open_app: Open, guarded: DemoServer
) -> None:
    app = log_in(open_app(), "open barley")
    assert "barley" not in str(app.session_state) + str(app.main)
    log_in(app)
    assert not is_login_alone(app)
    state = app.session_state._state._state
    assert PASSWORD not in str([state._new_session_state, state._old_state])
    assert PASSWORD not in str(state._new_widget_state.states)


def test_an_empty_password_is_no_try(open_app: Open, guarded: DemoServer) -> None:
    app = open_app()
    for _ in range(5):
        log_in(app, "")
    assert not is_login_alone(log_in(app))


def test_wrong_passwords_are_answered_with_the_time_of_the_next_try(
    open_app: Open, guarded: DemoServer
) -> None:
    app = open_app()
    said = [[text.value for text in log_in(app, "open barley").text] for _ in range(4)]
    assert said[0] == ["Wrong password. Try again, or ask your administrator."]
    assert said[2] == ["Wrong password. Try again in 1 s."]
    assert "Too many attempts" in said[3][0]


@pytest.mark.parametrize("page", OFTEN)
def test_what_others_can_reach_without_a_password_shows_nothing_unless_that_is_said_plainly(
    page: str, open_app: Open, server: DemoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = {"server.address": "192.168.1.5"}
    own = st.get_option
    monkeypatch.setattr(st, "get_option", lambda key: options.get(key, own(key)))
    app = open_app(page)
    assert is_login_alone(app)
    assert "VPO_MONITOR_PASSWORD" in app.text[0].value
    assert not server.requests
    monkeypatch.setattr(sys, "argv", ["app.py", "--no-password"])
    assert not is_login_alone(app.run())
