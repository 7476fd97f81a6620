"""The key with which programs read metrics, summary and feed, and nothing else."""

import pytest

from tests.unit.web.asgi import Browser
from tests.unit.web.stand_in import (
    PASSWORD,
    READ_KEY,
    StandIn,
    browser_of,
    layer_with,
    log_in,
    open_layer,
)

PATHS = ("/metrics", "/api/summary", "/feed.atom")
for_programs = pytest.mark.parametrize("path", PATHS)


def bearer(key: str) -> str:
    return f"Bearer {key}"


@pytest.fixture
def browser() -> Browser:
    return browser_of(layer_with(read_key=READ_KEY))


@for_programs
def test_without_a_login_everybody_reads(path: str) -> None:
    assert browser_of(open_layer()).get(path).status == 200


@for_programs
def test_with_a_login_a_key_of_their_own_reads(path: str, browser: Browser) -> None:
    assert browser.get(path, authorization=bearer(READ_KEY)).status == 200
    assert browser.get(path, authorization=f"bearer  {READ_KEY} ").status == 200
    assert browser.get(f"{path}?key=for+programs").status == 200


@for_programs
def test_neither_nothing_nor_the_login_nor_the_password_does(path: str, browser: Browser) -> None:
    log_in(browser)
    for headers in ({}, {"authorization": "Basic Zm9y"}, {"authorization": bearer("")}):
        answer = browser.get(path, **headers)
        assert answer.status == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")
    assert browser.get(path, authorization=bearer(PASSWORD)).status == 401
    assert browser.get(f"{path}?key=").status == 401


@for_programs
@pytest.mark.parametrize(
    "key", ["wrong", f"{READ_KEY} ", READ_KEY.upper(), "x" * 60_000, "schlüssel", "\xff\xfe", "%00"]
)
def test_a_wrong_key_reads_nothing(key: str, path: str, browser: Browser) -> None:
    sent = browser.get(f"{path}?key={key.encode().decode('latin-1')}")
    assert (sent.status, sent.text) == (401, "The read key is wrong.\n")
    if key.strip() != READ_KEY:
        sent = browser.get(path, authorization=bearer(key))
        assert (sent.status, sent.text) == (401, "The read key is wrong.\n")


@for_programs
def test_a_key_may_have_any_letters(path: str) -> None:
    browser = browser_of(layer_with(read_key="schlüssel €"))
    utf8 = "schlüssel €".encode().decode("latin-1")
    assert browser.get(path, authorization=bearer(utf8)).status == 200
    assert browser.get(f"{path}?key=schl%C3%BCssel+%E2%82%AC").status == 200


def test_the_key_opens_nothing_else() -> None:
    stand_in = StandIn()
    browser = browser_of(layer_with(read_key=READ_KEY), stand_in)
    for path in ("/", "/jobs", "/api", "/api/jobs", "/api/summary/x", "/feed.atom/x"):
        assert browser.get(path, authorization=bearer(READ_KEY)).status in (303, 401)
        assert browser.get(f"{path}?key=for+programs").status in (303, 401)
    assert browser.get(f"/session?key={READ_KEY}").status == 401
    assert stand_in.served == []


@for_programs
def test_without_a_key_nobody_reads_past_the_login(path: str) -> None:
    browser = browser_of(layer_with())
    for key in ("", "None", PASSWORD):
        answer = browser.get(path, authorization=bearer(key))
        assert answer.status == 401
        assert "VPO_MONITOR_READ_KEY" in answer.text


@for_programs
def test_a_key_that_is_set_is_needed_even_without_a_login(path: str) -> None:
    browser = browser_of(open_layer(read_key=READ_KEY))
    assert browser.get(path).status == 401
    assert browser.get(path, authorization=bearer(READ_KEY)).status == 200


@for_programs
def test_wrong_keys_are_slowed_down_and_the_login_is_not(path: str, browser: Browser) -> None:
    statuses = [browser.get(path, authorization=bearer("x")).status for _ in range(5)]
    assert statuses == [401, 401, 401, 429, 429]
    for other_path in PATHS:  # they count together
        answer = browser.get(other_path, authorization=bearer(READ_KEY))
        assert (answer.status, answer.headers["retry-after"]) == (429, "1")
    assert log_in(browser).status == 303
    other = Browser(browser.app, address="192.0.2.8")
    assert other.get(path, authorization=bearer(READ_KEY)).status == 200
