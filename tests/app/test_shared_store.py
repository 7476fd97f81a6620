"""What the Server page says of the store that processes share."""

from urllib.parse import quote

import pytest

from tests.secret_leaks import PASSWORD, leaks
from tests.vpo_server import VpoServer

from .conftest import Open, until
from .test_pages import settle

_LOGIN = f":{quote(PASSWORD, safe='')}@"


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        (f"redis://{_LOGIN}127.0.0.1:1/0", "cannot be reached, so this process polls VPO on its"),
        (f"http://{_LOGIN}127.0.0.1:1/0", "is not a valid store address, so this process polls"),
    ],
)
def test_a_store_that_cannot_be_used_is_said_and_the_page_goes_on(
    url: str,
    sentence: str,
    open_app: Open,
    server: VpoServer,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("VPO_MONITOR_SHARED_STORE", url)
    app = until(
        open_app("server"),
        lambda app: any(sentence in text.value for text in app.text),
    )
    assert not app.exception
    assert "Polling isn't shared with other processes" in [one.value for one in app.warning]
    assert not settle(app, "Idle").exception
    assert sentence in caplog.text
    assert not leaks(f"{caplog.text}{app.main}{app.sidebar}", PASSWORD)


def test_where_no_store_is_set_nothing_is_said(open_app: Open, server: VpoServer) -> None:
    app = open_app("server")
    assert not app.exception
    assert not app.warning
