"""Login with an account, against an identity provider of our own."""

import html
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from tests.oidc_provider import CLIENT, Provider, running_provider
from tests.unit.web.asgi import Answer, Browser
from tests.unit.web.stand_in import PASSWORD, browser_of, layer_with, log_in, settings_with
from vpo_monitor.oidc_settings import read_oidc
from vpo_monitor.web.layer import ServerOptions, WebLayer

ANN = {"email": "ann@example.org", "email_verified": True}
ALLOWED = ("ann@example.org", "house.example")


@pytest.fixture(scope="module")
def running() -> Iterator[Provider]:
    with running_provider() as provider:
        yield provider


@pytest.fixture
def provider(running: Provider) -> Provider:
    running.claims = dict(ANN)
    return running


def table(provider: Provider, **changes: Any) -> dict[str, Any]:
    return {
        "redirect_uri": "http://localhost:8501/oauth2callback",
        "cookie_secret": "a long random text",
        "client_id": CLIENT,
        "client_secret": "another",
        "server_metadata_url": f"{provider.url}/.well-known/openid-configuration",
        **changes,
    }


def layer_of(
    auth: dict[str, Any], base: str = "", *, allow_unverified: bool = False, **values: Any
) -> WebLayer:
    oidc = read_oidc(auth, values.pop("allowed", ALLOWED), allow_unverified=allow_unverified)
    assert oidc is not None
    assert oidc.problem is None
    return WebLayer(settings_with(oidc=oidc, **values), ServerOptions(base_path=base))


@pytest.fixture
def browser(provider: Provider) -> Browser:
    return browser_of(layer_of(table(provider)))


def visit_provider(url: str) -> str:
    """Log in there; returns where the provider sends the browser."""
    answer = requests.get(url, allow_redirects=False, timeout=20)
    assert answer.status_code == 307
    return answer.headers["location"]


def log_in_with_account(browser: Browser, start: str = "/login/1") -> Answer:
    away = browser.get(start)
    assert away.status == 302
    back = urlsplit(visit_provider(away.location))
    return browser.get(f"{back.path}?{back.query}")


def test_an_account_on_the_list_gets_in_and_back_to_its_page(browser: Browser) -> None:
    assert browser.get("/job?id=3").location == "/login?next=%2Fjob%3Fid%3D3"
    text = browser.get("/login?next=%2Fjob%3Fid%3D3").text
    assert "Log in with your account" in text
    assert 'type="password"' not in text
    assert 'href="/login/1?next=%2Fjob%3Fid%3D3"' in text
    answer = log_in_with_account(browser, "/login/1?next=%2Fjob%3Fid%3D3")
    assert (answer.status, answer.location) == (303, "/job?id=3")
    assert browser.get("/job?id=3").status == 200
    assert list(browser.cookies) == ["vpo-monitor-8501"]  # what was remembered is gone
    browser.post("/logout")
    assert browser.get("/job?id=3").status == 303


def test_the_session_has_the_address_of_the_account(provider: Provider) -> None:
    layer = layer_of(table(provider))
    browser = browser_of(layer)
    log_in_with_account(browser)
    session = layer.logins.sessions.find(browser.cookies["vpo-monitor-8501"])
    assert session is not None
    assert session.email == "ann@example.org"


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "eve@foreign.invalid", "email_verified": True},
        {"email": "ann@example.org", "email_verified": False},
        {"email": "ann@example.org"},
        {"email": None, "email_verified": True},
        {},
    ],
)
def test_other_accounts_and_unverified_addresses_do_not(
    claims: dict[str, Any], browser: Browser, provider: Provider
) -> None:
    provider.claims = claims
    answer = log_in_with_account(browser)
    assert answer.status == 403
    assert "does not have access" in answer.text
    assert "Ask your administrator, or use another account." in answer.text
    assert 'href="/login"' in answer.text
    assert browser.get("/session").status == 401


def test_a_setting_lets_unverified_addresses_in(provider: Provider) -> None:
    provider.claims = {"email": "ann@example.org"}
    browser = browser_of(layer_of(table(provider), allow_unverified=True))
    assert log_in_with_account(browser).status == 303


def test_an_address_is_text_on_the_page(browser: Browser, provider: Provider) -> None:
    provider.claims = {"email": "<script>x</script>\u202e@foreign.invalid"}
    text = log_in_with_account(browser).text
    assert "<script>" not in text
    assert "<script>x</script>@foreign.invalid" in html.unescape(text)


def test_several_providers_have_a_button_each(provider: Provider) -> None:
    own = table(provider)
    common = {name: own.pop(name) for name in ("redirect_uri", "cookie_secret")}
    layer = layer_of({**common, "google": dict(own), "house": dict(own)}, password=PASSWORD)
    browser = browser_of(layer)
    text = browser.get("/login").text
    assert "Log in with Google" in text
    assert "Log in with House" in text
    assert 'type="password"' in text
    assert log_in_with_account(browser, "/login/2").status == 303
    assert browser.get("/login/3").status == 200  # the page, as for any unknown path
    assert log_in(Browser(browser.app)).status == 303


def test_it_works_below_a_base_path(provider: Provider) -> None:
    auth = table(provider, redirect_uri="http://localhost:8501/vpo/oauth2callback")
    browser = browser_of(layer_of(auth, "vpo"))
    assert 'href="/vpo/login/1"' in browser.get("/vpo/login").text
    assert log_in_with_account(browser, "/vpo/login/1?next=%2Fjobs").location == "/vpo/jobs"


def test_the_port_is_filled_in(provider: Provider) -> None:
    auth = table(provider, redirect_uri="http://localhost:{port}/oauth2callback")
    away = browser_of(layer_of(auth)).get("/login/1").location
    assert parse_qs(urlsplit(away).query)["redirect_uri"] == [
        "http://localhost:8501/oauth2callback"
    ]


def test_the_provider_is_asked_with_state_nonce_and_pkce(browser: Browser) -> None:
    asked = parse_qs(urlsplit(browser.get("/login/1").location).query)
    assert asked["response_type"] == ["code"]
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["scope"] == ["openid email profile"]
    assert asked["prompt"] == ["select_account"]
    assert len(asked["state"][0]) > 20
    assert len(asked["nonce"][0]) >= 20


def test_an_answer_that_nobody_asked_for_lets_nobody_in(browser: Browser) -> None:
    back = urlsplit(visit_provider(browser.get("/login/1").location))
    stranger = Browser(browser.app)
    for query in (back.query, "", "state=x&code=y", "error=denied"):
        answer = stranger.get(f"/oauth2callback?{query}")
        assert answer.status == 400
        assert "This login has expired" in answer.text
        assert stranger.get("/session").status == 401
    answer = browser.get(f"/oauth2callback?{back.query}")
    assert answer.status == 303
    assert Browser(browser.app).get(f"/oauth2callback?{back.query}").status == 400  # once only


def test_a_forged_memory_is_none(browser: Browser) -> None:
    back = urlsplit(visit_provider(browser.get("/login/1").location))
    (name,) = browser.cookies
    browser.cookies[name] = browser.cookies[name][:-3] + "xyz"
    assert browser.get(f"/oauth2callback?{back.query}").status == 400


def test_what_the_provider_refuses_is_said_and_logged_once(
    browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(20):
        away = urlsplit(browser.get("/login/1").location)
        state = parse_qs(away.query)["state"][0]
        answer = browser.get(f"/oauth2callback?state={state}&error=access_denied")
        assert answer.status == 403
        assert "The identity provider refused the login." in answer.text
    ours = [record.message for record in caplog.records if record.name.startswith("vpo_monitor")]
    assert len(ours) == 1
    assert "access_denied" in ours[0]
    assert "another" not in caplog.text


def test_a_provider_that_is_away_is_said_and_logged_once(
    provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    auth = table(provider, server_metadata_url="http://127.0.0.1:1/x")
    browser = browser_of(layer_of(auth))
    for _ in range(5):
        answer = browser.get("/login/1")
        assert answer.status == 502
        assert "can't be reached" in html.unescape(answer.text)
    ours = [record for record in caplog.records if record.name.startswith("vpo_monitor")]
    assert len(ours) == 1


def test_a_star_lets_in_everybody_whom_the_provider_knows(provider: Provider) -> None:
    provider.claims = {}
    browser = browser_of(layer_of(table(provider), allowed=("*",)))
    assert log_in_with_account(browser).status == 303


def test_without_accounts_their_library_is_not_imported() -> None:
    code = (
        "import sys; from tests.unit.web.stand_in import open_layer; open_layer().routes();"
        "print([name for name in sys.modules if name.startswith(('authlib', 'prometheus'))])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        capture_output=True,
        cwd=Path(__file__).parents[3],
        text=True,
    )
    assert done.stdout.strip() == "[]"


def test_the_password_form_stays_beside_the_accounts(provider: Provider) -> None:
    browser = browser_of(layer_of(table(provider), password=PASSWORD))
    assert log_in(browser).status == 303


def test_a_layer_without_accounts_has_no_such_routes() -> None:
    browser = browser_of(layer_with())
    assert browser.get("/oauth2callback?state=x").status == 401
