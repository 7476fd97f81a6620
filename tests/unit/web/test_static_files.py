"""Streamlit's scripts are compressed once, and otherwise as they were."""

import gzip

import pytest
from starlette.types import Receive, Scope, Send

from tests.unit.web.asgi import Answer, Browser
from tests.unit.web.stand_in import IMMUTABLE, SCRIPT, StandIn, open_layer
from vpo_monitor.web.layer import ServerOptions
from vpo_monitor.web.paths import Paths
from vpo_monitor.web.static_files import CompressedStaticFiles

PATH = "/static/js/index.C1JORDN2.js"


@pytest.fixture
def stand_in() -> StandIn:
    return StandIn()


@pytest.fixture
def browser(stand_in: StandIn) -> Browser:
    return Browser(stand_in.app(open_layer()))


def get(browser: Browser, path: str = PATH, **headers: str) -> Answer:
    return browser.get(path, **{"accept": "*/*", "accept_encoding": "gzip, deflate, br", **headers})


def test_a_script_is_read_and_compressed_once(browser: Browser, stand_in: StandIn) -> None:
    answers = [get(browser), get(browser), get(browser, f"{PATH}?x=y")]
    assert stand_in.served == [PATH]
    for answer in answers:
        assert answer.status == 200
        assert gzip.decompress(answer.body).decode() == SCRIPT
        assert answer.headers["content-encoding"] == "gzip"
        assert int(answer.headers["content-length"]) == len(answer.body) < len(SCRIPT) / 10
        assert answer.headers["cache-control"] == "public, immutable, max-age=31536000"
        assert answer.headers["content-type"].startswith("text/javascript")
        assert answer.headers["vary"] == "Accept-Encoding"
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_script_that_a_browser_has_left_in_the_middle_is_read_again() -> None:
    half = len(SCRIPT) // 2
    parts = iter([[SCRIPT[:half]], [SCRIPT[:half], SCRIPT[half:]]])

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        """Stop without an error, as Starlette does for a browser that is gone."""
        headers = [(name.lower().encode(), value.encode()) for name, value in IMMUTABLE.items()]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        for number, part in enumerate(next(parts)):
            body = part.encode()
            await send({"type": "http.response.body", "body": body, "more_body": not number})

    browser = Browser(CompressedStaticFiles(app, paths=Paths("")))
    with pytest.raises(ValueError, match="unpack"):  # nobody is there to send anything to
        get(browser)
    assert gzip.decompress(get(browser).body).decode() == SCRIPT


def test_a_browser_that_has_it_gets_it_no_second_time(browser: Browser) -> None:
    tag = get(browser).headers["etag"]
    assert tag == '"17-gzip"'
    answer = get(browser, if_none_match=tag)
    assert (answer.status, answer.body) == (304, b"")
    assert answer.headers["etag"] == tag
    assert get(browser, if_none_match='"17"').status == 200


@pytest.mark.parametrize(
    "headers", [{"accept_encoding": ""}, {"accept_encoding": "br"}, {"range": "bytes=0-9"}]
)
def test_who_does_not_accept_it_gets_the_file_as_it_is(
    headers: dict[str, str], browser: Browser
) -> None:
    get(browser)
    answer = get(browser, **headers)
    assert answer.text == SCRIPT
    assert "content-encoding" not in answer.headers


@pytest.mark.parametrize(
    "path",
    [
        *("/static/js/missing.js", "/static/js/../js/x.js", "/static/js/x.js/", "/static//js/x.js"),
        *("/static/media/font.woff2", "/static/js/x.map", "/jobs", "/static/js/a/b.js"),
    ],
)
def test_everything_else_passes_through(path: str, browser: Browser, stand_in: StandIn) -> None:
    for _ in range(2):
        assert "content-encoding" not in get(browser, path).headers
    assert len(stand_in.served) == 2


def test_it_works_below_a_base_path(stand_in: StandIn) -> None:
    browser = Browser(stand_in.app(open_layer(ServerOptions(base_path="vpo"))))
    assert get(browser, f"/vpo{PATH}").headers["content-encoding"] == "gzip"
