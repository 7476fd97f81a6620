"""A token, and credentials where none should be, come out on no page and in no log line.

What needs a whole process, from logs to downloads, is in `tests/faults/test_secrets.py`.
"""

import logging
import traceback
from collections.abc import Callable
from urllib.parse import quote

import pytest
from pydantic import SecretStr
from streamlit.testing.v1 import AppTest

from tests.secret_leaks import PASSWORD, TOKEN, leaks
from tests.vpo_server import VpoServer
from vpo_monitor import services
from vpo_monitor.api.json_http import JsonHttp

from .conftest import until

Open = Callable[..., AppTest]


def everything(app: AppTest) -> str:
    """All that a page was told to show, and where it was opened."""
    shown = [str(element.proto) for element in app.main] + [str(e.proto) for e in app.sidebar]
    return "\n".join([*shown, str(app.query_params), str(app.session_state._state.filtered_state)])


def held() -> str:
    """All that can be reached of the settings and the server, as a debugger would print it."""
    running = services.current()
    settings = running.settings
    things = [running, settings, vars(settings)]
    things += [one for one in vars(settings).values() if not isinstance(one, SecretStr)]
    for target in running.servers:
        things += [target, target.server, target.poller]
        client = target.poller._client
        assert isinstance(client._http, JsonHttp)
        things += [client, client._http, client._http._login]
        things += [entry.error for entry in target.poller._entries.values()]
    told = [f"{thing!r} {thing!s} {getattr(thing, '__dict__', '')}" for thing in things]
    told += [
        line
        for thing in things
        if isinstance(thing, BaseException)
        for line in traceback.TracebackException.from_exception(thing, capture_locals=True).format()
    ]
    return "\n".join(told)


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("http://vpo.invalid:8321", "is not known on this network"),
        ("https://{host}", "could not be reached securely"),
        ("http://somebody:{password}@{host}", "must not contain a user name or password"),
        ("http://{password}@{host}", "must not contain a user name or password"),
        ("{password}", "must"),
        ("http://{host}:{password}", "is not a valid address"),
        ("http://somebody:{password}＠{host}", "is not a valid address"),
        ("http://{host}?login={password}", "must not contain ? or #"),
        ("http://{host}/ {password}", "contains a space or control character"),
    ],
)
def test_an_address_that_fails_is_a_sentence_without_its_credentials(
    address: str,
    sentence: str,
    server: VpoServer,
    open_app: Open,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    host = server.url.removeprefix("http://")
    url = address.format(host=host, password=quote(PASSWORD, safe=""))
    monkeypatch.setenv("VPO_MONITOR_API_URL", url)
    monkeypatch.setenv("VPO_MONITOR_API_TOKEN", TOKEN)
    app = until(open_app("server"), lambda app: sentence in everything(app))
    assert not leaks(everything(app) + held() + caplog.text + "".join(capfd.readouterr()))
    assert not app.exception
    assert not server.requests
