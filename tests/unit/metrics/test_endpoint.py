"""The port of the metrics: off unless it is set, and never a reason for the app not to go on."""

import contextlib
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from vpo_monitor.metrics.endpoint import Endpoint, serve
from vpo_monitor.metrics.sources import Sources

NOBODY = Sources(lambda: (), lambda: None)
_OFF = """
import sys
from tests.isolation import isolate_sources
isolate_sources()
from vpo_monitor.views import metrics_endpoint
print(sorted(name for name in sys.modules if "prometheus" in name or "metrics.coll" in name))
"""


@contextlib.contextmanager
def taken() -> Iterator[int]:
    """A port that somebody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def test_without_a_port_nothing_is_served_and_the_library_is_not_imported() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _OFF],
        check=True,
        capture_output=True,
        cwd=Path(__file__).parents[3],
        text=True,
    )
    assert done.stdout.strip() == "[]"


def test_nothing_is_served_at_no_port() -> None:
    assert serve(None, "127.0.0.1", NOBODY) == Endpoint()


def test_a_port_in_use_is_one_line_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with taken() as port:
        endpoint = serve(port, "127.0.0.1", NOBODY)
    endpoint.stop()
    assert caplog.messages == [endpoint.problem]
    assert f"127.0.0.1 port {port} cannot be opened: Address" in (endpoint.problem or "")


def test_an_address_of_another_machine_is_one_line_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    endpoint = serve(9, "192.0.2.1", NOBODY)  # RFC 5737: nobody has it
    assert caplog.messages == [endpoint.problem]
    assert "192.0.2.1 port 9 cannot be opened" in (endpoint.problem or "")


def test_a_missing_library_is_one_line_in_the_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    monkeypatch.delitem(sys.modules, "vpo_monitor.metrics.http_server", raising=False)
    with taken() as port:
        endpoint = serve(port, "127.0.0.1", NOBODY)
    assert caplog.messages == [endpoint.problem]
    assert "prometheus-client is missing" in (endpoint.problem or "")
