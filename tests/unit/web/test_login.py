"""Nothing is served before login, and a login leads back to where it was asked for."""

import asyncio
import html
from typing import Any

import pytest

from tests.unit.web.asgi import Browser, Socket
from tests.unit.web.stand_in import (
    PASSWORD,
    StandIn,
    browser_of,
    layer_with,
    log_in,
    open_layer,
    settings_with,
)
from vpo_monitor.oidc_settings import Oidc
from vpo_monitor.web.layer import ServerOptions, WebLayer

_NOT_PAGES = [
    *("/_stcore/health", "/_stcore/host-config", "/_stcore/stream", "/_stcore/agent/interact"),
    *("/_stcore/upload_file/1/2", "/_stcore/metrics", "/media/secret.csv", "/static/js/x.js"),
    *("/component/timer/index.html", "/auth/login", "/app/static/x"),
]


@pytest.fixture
def stand_in() -> StandIn:
    return StandIn()


@pytest.fixture
def browser(stand_in: StandIn) -> Browser:
    return browser_of(layer_with(), stand_in)


@pytest.mark.parametrize("path", ["/", "/jobs", "/job?id=17", "/anything/else"])
def test_a_page_leads_to_the_login_and_from_there_back(
    path: str, browser: Browser, stand_in: StandIn
) -> None:
    answer = browser.get(path)
    assert answer.status == 303
    assert not stand_in.served
    form = browser.get(answer.location)
    assert form.status == 200
    action = form.text.partition('action="')[2].partition('"')[0]
    back = log_in(browser, path=action)
    assert (back.status, back.location) == (303, path)
    assert browser.get(back.location).status == 200
    assert stand_in.served


@pytest.mark.parametrize("path", _NOT_PAGES)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"])
def test_everything_else_is_refused_in_a_line(
    path: str, method: str, browser: Browser, stand_in: StandIn
) -> None:
    answer = browser.get(path, method)
    assert (answer.status, answer.text) == (401, "Log in first.\n")
    assert not stand_in.served


@pytest.mark.parametrize("accept", ["*/*", "application/json", ""])
def test_what_is_no_browser_asking_for_a_page_gets_no_form(accept: str, browser: Browser) -> None:
    assert browser.get("/jobs", accept=accept).status == 401
    assert browser.send("POST", "/jobs", b"", {"accept": "text/html"}).status == 401


@pytest.mark.parametrize(
    "path", ["/login/", "/login/1", "/login/x", "/login\n", "/LOGIN", "//login"]
)
def test_only_the_form_itself_is_open(path: str, browser: Browser, stand_in: StandIn) -> None:
    assert browser.get(path).status in (303, 401)
    assert not stand_in.served


@pytest.mark.parametrize(
    ("path", "methods"),
    [("/login", "PUT DELETE OPTIONS"), ("/logout", "GET HEAD PUT"), ("/session", "POST PUT")],
)
def test_other_methods_do_not_fall_through_to_the_page(
    path: str, methods: str, browser: Browser, stand_in: StandIn
) -> None:
    for method in methods.split():
        answer = browser.get(path, method)
        assert answer.status == 405
        assert "POST" in answer.headers["allow"] or path == "/session"
    assert not stand_in.served


def test_after_the_login_everything_is_served(browser: Browser) -> None:
    log_in(browser)
    for path in ("/", *_NOT_PAGES):
        assert browser.get(path).status == 200


def test_who_is_logged_in_needs_no_form(browser: Browser) -> None:
    log_in(browser)
    answer = browser.get("/login?next=%2Fjobs")
    assert (answer.status, answer.location) == (303, "/jobs")


def test_without_a_password_everything_is_open(stand_in: StandIn) -> None:
    browser = browser_of(open_layer(), stand_in)
    assert browser.get("/jobs").status == 200
    assert browser.get("/static/js/x.js").status == 200
    assert browser.get("/session").status == 204
    assert browser.get("/login?next=%2Fjobs").location == "/jobs"
    assert browser.post("/login", {"password": "x"}).location == "/"
    assert browser.post("/logout").location == "/"
    assert not browser.cookies


def test_all_of_it_works_below_a_base_path(stand_in: StandIn) -> None:
    layer = layer_with(ServerOptions(base_path="/video/vpo/"))
    browser = browser_of(layer, stand_in)
    answer = browser.get("/video/vpo/jobs?search=x")
    assert answer.location == "/video/vpo/login?next=%2Fjobs%3Fsearch%3Dx"
    assert browser.get("/video/vpo").location == "/video/vpo/login"
    assert (
        'action="/video/vpo/login?next=%2Fjobs"' in browser.get("/video/vpo/login?next=/jobs").text
    )
    for outside in ("/", "/jobs", "/login", "/video/vpox", "/video"):
        assert browser.get(outside).status == 404
    back = log_in(browser, path=answer.location)
    assert back.location == "/video/vpo/jobs?search=x"
    assert "Path=/video/vpo;" in back.headers["set-cookie"]
    assert browser.get("/video/vpo/_stcore/health").status == 200
    assert browser.get("/video/vpo/session").status == 204
    assert browser.post("/video/vpo/logout").location == "/video/vpo/login"
    assert browser.get("/video/vpo/session").status == 401


def test_logging_out_ends_the_session_for_every_copy_of_the_cookie(browser: Browser) -> None:
    log_in(browser)
    copy = Browser(browser.app, cookies=dict(browser.cookies))
    assert copy.get("/session").status == 204
    answer = browser.post("/logout")
    assert (answer.status, answer.location) == (303, "/login")
    assert not browser.cookies
    assert copy.get("/session").status == 401
    assert copy.get("/jobs").status == 303


def test_a_second_login_ends_the_first_of_the_same_browser(browser: Browser) -> None:
    log_in(browser)
    before = Browser(browser.app, cookies=dict(browser.cookies))
    log_in(browser)
    assert before.get("/session").status == 401
    assert browser.get("/session").status == 204


def test_a_cookie_left_at_another_path_does_not_hide_the_one_that_counts(browser: Browser) -> None:
    log_in(browser)
    (pair,) = (f"{name}={value}" for name, value in browser.cookies.items())
    name = pair.partition("=")[0]
    browser.cookies = {}
    for sent in (f"{pair}; {name}=old", f"{name}=old; {pair}", f"a=b; {name}=old;{pair}"):
        assert browser.get("/session", cookie=sent).status == 204
    assert browser.get("/session", cookie=f"x{pair}").status == 401
    flood = "; ".join([f"{name}=old"] * 1000)
    assert browser.get("/session", cookie=flood).status == 401


def test_a_session_is_not_prolonged_by_asking_whether_it_goes_on() -> None:
    layer = layer_with()
    browser = browser_of(layer)
    log_in(browser)
    token = next(iter(browser.cookies.values()))
    session = layer.logins.sessions.find(token)
    assert session is not None
    before = layer.logins.sessions.seconds_left(session.key)
    browser.get("/session")
    assert layer.logins.sessions.seconds_left(session.key) <= before
    browser.get("/jobs")
    assert layer.logins.sessions.seconds_left(session.key) > before - 1


def test_the_cookie_is_this_apps_own_and_out_of_reach_of_scripts(browser: Browser) -> None:
    cookie = log_in(browser).headers["set-cookie"]
    assert cookie.startswith("vpo-monitor-8501=")
    for part in ("HttpOnly", "Max-Age=2592000", "Path=/", "SameSite=lax"):
        assert part in cookie.split("; ")
    assert "Secure" not in cookie
    secure = Browser(browser.app, scheme="https")
    assert "Secure" in log_in(secure).headers["set-cookie"]
    assert "Secure" in secure.post("/logout").headers["set-cookie"]


def test_pages_and_downloads_are_kept_by_no_cache_but_scripts_are(browser: Browser) -> None:
    assert browser.get("/login").headers["cache-control"] == "no-store"
    assert browser.get("/jobs").headers["cache-control"] == "no-store"
    log_in(browser)
    assert browser.get("/jobs").headers["cache-control"] == "no-store"
    assert browser.get("/media/x.csv").headers["cache-control"] == "no-store"
    assert "immutable" in browser.get("/static/js/x.js").headers["cache-control"]
    assert browser.get("/component/timer/index.html").headers["cache-control"] == "no-cache"


def test_a_locked_app_shows_why_and_nothing_else(stand_in: StandIn) -> None:
    settings = settings_with(password=PASSWORD, access_problem="Set a <b>password</b>.")
    browser = browser_of(WebLayer(settings, ServerOptions()), stand_in)
    answer = browser.get("/jobs")
    assert answer.status == 503
    assert "Set a &lt;b&gt;password&lt;/b&gt;." in answer.text
    assert "VPO Monitor is locked" in answer.text
    for path in ("/_stcore/health", "/static/js/x.js", "/metrics", "/login", "/session"):
        assert browser.get(path).status == 503
    assert log_in(browser).status == 503
    assert browser.get("/healthz").status == 200
    assert not stand_in.served

    async def connect() -> None:
        socket = Socket(browser)
        assert (await socket.receive())["type"] == "websocket.close"

    asyncio.run(connect())


@pytest.mark.parametrize(
    "options",
    [{"address": "0.0.0.0"}, {"address": None}, {"allowed_hosts": ("vpo.house.example",)}],  # noqa: S104
)
def test_an_app_that_others_can_reach_is_locked_without_a_login_or_the_plain_word(
    options: dict[str, Any],
) -> None:
    browser = browser_of(open_layer(ServerOptions(**options)))
    browser.host = "vpo.house.example" if "allowed_hosts" in options else browser.host
    assert "VPO_MONITOR_PASSWORD" in browser.get("/").text
    for layer in (
        layer_with(ServerOptions(**options)),
        open_layer(ServerOptions(**options, allow_no_password=True)),
    ):
        browser.app = StandIn().app(layer)
        assert browser.get("/").status in (200, 303)


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"])
def test_without_a_login_only_this_machine_is_served_whatever_the_settings_say(
    address: str, stand_in: StandIn
) -> None:
    browser = browser_of(open_layer(), stand_in)
    browser.address = address
    assert browser.get("/").status == 200
    for other in ("192.0.2.7", "::ffff:192.0.2.7", "2001:db8::1", "unknown", ""):
        browser.address = other  # as with another server than Streamlit's own
        assert browser.get("/").status == 503
        assert "VPO_MONITOR_PASSWORD" in browser.get("/").text
        assert browser.get("/_stcore/health").status == 503
        assert browser.get("/healthz").status == 200
    browser.app = stand_in.app(open_layer(ServerOptions(allow_no_password=True)))
    assert browser.get("/").status == 200


def test_accounts_have_a_button_each_and_broken_ones_a_sentence() -> None:
    broken = Oidc(("default",), ("*",), "No provider.")
    text = html.unescape(browser_of(layer_with(oidc=broken)).get("/login").text)
    assert "Account login is not configured" in text
    assert 'type="password"' in text
    assert browser_of(layer_with(oidc=broken)).get("/login/1").status in (303, 401)
