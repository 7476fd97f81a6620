"""What is done about connections that were kept, and have ended since."""

from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import ProtocolError

from vpo_monitor.api import transport

ENDED = requests.ConnectionError(
    ProtocolError("Connection aborted.", transport._KeptConnectionEndedError())
)


class Sent:
    """Stands in for the library: the first tries meet these errors, the next is answered."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *failures: Exception) -> None:
        self.tries = 0
        self._failures = list(failures)
        monkeypatch.setattr(HTTPAdapter, "send", lambda *_args, **_named: self._send())

    def _send(self) -> requests.Response:
        self.tries += 1
        if self._failures:
            raise self._failures.pop(0)
        return requests.Response()


def send() -> Any:
    adapter = transport.Session().get_adapter("http://127.0.0.1")
    return adapter.send(requests.PreparedRequest())


def test_each_kept_connection_may_have_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    sent = Sent(monkeypatch, ENDED, ENDED, ENDED)
    assert isinstance(send(), requests.Response)
    assert sent.tries == 4


def test_a_new_connection_that_ends_is_no_reason_to_ask_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent = Sent(monkeypatch, ENDED, requests.ConnectionError(ProtocolError("aborted")))
    with pytest.raises(requests.ConnectionError):
        send()
    assert sent.tries == 2


def test_it_does_not_go_on_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    sent = Sent(monkeypatch, *[ENDED] * 100)
    with pytest.raises(requests.ConnectionError):
        send()
    assert sent.tries == transport._PARALLEL_CONNECTIONS + 1
