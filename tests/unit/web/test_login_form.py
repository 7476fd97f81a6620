"""The form: passwords, attempts, and what others may make a browser send."""

import logging
import time

import pytest

from tests.unit.web.asgi import Browser
from tests.unit.web.stand_in import PASSWORD, StandIn, browser_of, layer_with, log_in
from vpo_monitor.web.layer import ServerOptions

WRONG = "open barley"


@pytest.fixture
def browser() -> Browser:
    return browser_of(layer_with())


def test_it_works_without_scripts_and_with_password_managers(browser: Browser) -> None:
    text = browser.get("/login").text
    assert "<script" not in text
    assert 'autocomplete="current-password"' in text
    assert 'autocomplete="username"' in text
    assert '<label for="password">' in text


def test_it_is_drawn_in_the_colors_of_the_theme() -> None:
    theme = {"light": {"primaryColor": "#123456", "textColor": "red;}"}, "dark": {}}
    text = browser_of(layer_with(ServerOptions(theme=theme))).get("/login").text
    assert "--primary: #123456;" in text
    assert "red;}" not in text
    assert "prefers-color-scheme: dark" in text
    assert "$" not in text


def test_a_wrong_password_is_answered_on_the_form_and_not_kept(browser: Browser) -> None:
    answer = log_in(browser, WRONG, "/login?next=%2Fjobs")
    assert answer.status == 401
    assert "Wrong password. Try again, or ask your administrator." in answer.text
    assert "barley" not in answer.text
    assert 'action="/login?next=%2Fjobs"' in answer.text
    assert 'role="alert"' in answer.text
    assert not browser.cookies


def test_repeated_attempts_are_slowed_down_for_their_address_alone(browser: Browser) -> None:
    inside = Browser(browser.app, address="192.0.2.9")
    log_in(inside)
    answers = [log_in(browser, WRONG) for _ in range(4)]
    assert [answer.status for answer in answers] == [401, 401, 401, 429]
    assert "Wrong password. Try again in 1 s." in answers[2].text
    assert "Too many attempts. Try again in 1 s." in answers[3].text
    assert answers[3].headers["retry-after"] == "1"
    assert log_in(browser).status == 429  # not even looked at
    assert log_in(Browser(browser.app, address="192.0.2.8")).status == 303
    assert inside.get("/session").status == 204


def test_an_empty_password_is_no_attempt(browser: Browser) -> None:
    for form in ({"password": ""}, {}, {"pass": "x"}):
        for _ in range(4):
            assert browser.post("/login", form).status == 200
    assert log_in(browser).status == 303


@pytest.mark.parametrize("password", ["ö☃ x", " spaced ", "a+b&c=d%41", "x" * 1000])
def test_any_password_can_be_typed(password: str) -> None:
    browser = browser_of(layer_with(password=password))
    assert log_in(browser, password).status == 303
    assert log_in(Browser(browser.app), password.strip() + "!").status == 401


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 303),
        ({"origin": "http://localhost:8501"}, 303),
        ({"origin": "https://localhost:8501"}, 303),  # a proxy takes HTTPS off
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "http://localhost:9999"}, 403),
        ({"origin": "http://localhost:8501.evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://[bad"}, 403),
        ({"sec-fetch-site": "same-origin", "origin": "http://localhost:8501"}, 303),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "cross-site", "origin": "http://localhost:8501"}, 403),
    ],
)
def test_other_sites_cannot_log_anybody_in_or_out(
    headers: dict[str, str], status: int, browser: Browser
) -> None:
    assert browser.post("/login", {"password": PASSWORD}, **headers).status == status
    inside = Browser(browser.app)
    log_in(inside)
    assert inside.post("/logout", **headers).status == status
    assert (inside.get("/session").status == 401) is (status == 303)


@pytest.mark.parametrize("declared", [True, False])
def test_a_form_of_10_mb_is_refused_without_being_read(*, declared: bool, browser: Browser) -> None:
    body = b"password=" + b"x" * 10_000_000
    headers = {} if declared else {"content-length": "0"}
    answer = browser.post("/login", body, **headers)
    assert (answer.status, answer.text) == (413, "Too large.\n")
    assert answer.headers["connection"] == "close"
    assert browser.parts_read == (0 if declared else 1)


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"\xff\xfe", {}, 400),
        (b"password=%ff", {}, 400),
        (b"&".join(b"a=b" for _ in range(50)), {}, 400),
        (b"x", {"content-type": "multipart/form-data; boundary=x"}, 415),
        (b"{}", {"content-type": "application/json"}, 415),
        (b"x", {"content-length": "-1"}, 413),
        (b"x", {"content-length": "1e9"}, 413),
    ],
)
def test_what_is_no_form_is_refused_in_a_line(
    body: bytes, headers: dict[str, str], status: int, browser: Browser
) -> None:
    answer = browser.post("/login", body, **headers)
    assert answer.status == status
    assert len(answer.body) < 100


def test_a_browser_that_goes_away_while_it_sends_a_form_is_no_error(browser: Browser) -> None:
    assert browser.post_partly("/login", b"password=").status == 400


@pytest.mark.parametrize("next_page", ["//evil.example", "\\\\evil", "https://evil.example", "%00"])
def test_no_login_leads_elsewhere(next_page: str, browser: Browser) -> None:
    path = f"/login?next={next_page}"
    assert 'action="/login"' in browser.get(path).text
    assert log_in(browser, path=path).location == "/"
    assert browser.get(path).location == "/"


def test_a_thousand_wrong_logins_are_quick_quiet_and_lose_nobody(
    browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    inside = Browser(browser.app, address="192.0.2.9")
    log_in(inside)
    began = time.process_time()
    for number in range(1000):
        browser.address = f"192.0.2.{number % 250}"
        assert log_in(browser, WRONG).status in (401, 429)
    assert time.process_time() - began < 5
    assert len(caplog.messages) < 5
    assert inside.get("/session").status == 204


@pytest.mark.long
def test_a_thousand_right_logins_push_out_nobody_who_is_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("vpo_monitor.web.sessions.MAX_SESSIONS", 100)
    browser = browser_of(layer_with(), StandIn())
    inside = Browser(browser.app)
    log_in(inside)
    inside.get("/jobs")
    for _ in range(1000):
        browser.cookies = {}
        assert log_in(browser).status == 303
    assert inside.get("/session").status == 204


def test_pages_of_other_apps_may_not_frame_it_and_it_runs_no_scripts(browser: Browser) -> None:
    policy = browser.get("/login").headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self'" in policy
    assert "unsafe" not in policy
