"""The uptime on the Server page."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest
from streamlit.testing.v1 import AppTest

from tests.vpo_server import Fault, VpoServer
from vpo_monitor.analysis.charts.uptime import Uptime
from vpo_monitor.history.records import Reachability

from .conftest import until

Open = Callable[..., AppTest]
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def texts(app: AppTest) -> list[str]:
    return [one.value for one in app.text if one.value.startswith("Last ")]


def states(app: AppTest) -> list[str]:
    """The states in the first strip, the unreachable ones last."""
    chart = app.get("vega_lite_chart")[0].proto
    (data,) = (one.data.data for one in chart.datasets if one.name == "parts")
    return list(pa.ipc.open_stream(data).read_all()["state"].to_pylist())


def test_the_strips_say_what_they_show(open_app: Open, server: VpoServer) -> None:
    app = until(open_app("server"), lambda app: "100.0 %" in "".join(texts(app)))
    day, month = texts(app)
    assert day.startswith("Last 24 hours: Reached 100.0 % of ")
    assert month.startswith("Last 30 days: Reached 100.0 % of ")
    assert states(app) == ["Reached"]


def test_an_outage_is_part_of_the_strip(open_app: Open, server: VpoServer) -> None:
    app = until(open_app("server"), lambda app: "Reached" in "".join(texts(app)))
    server.faults.set(Fault.SHUTTING_DOWN)
    app = until(app, lambda app: "Unreachable" in texts(app)[0])
    assert states(app)[-1] == "Unreachable"


@pytest.mark.parametrize(
    ("lasted", "text"),
    [
        ({}, "Not monitored"),
        ({Reachability.REACHED: timedelta(hours=2)}, "Reached 100.0 % of 2 h 00 min monitored"),
        (
            {
                Reachability.UNREACHABLE: timedelta(seconds=5),
                Reachability.REACHED: timedelta(days=20),
            },
            "Reached more than 99.9 %, Unreachable less than 0.1 % of 20 d 00 h monitored",
        ),
        (
            {
                Reachability.REACHED: timedelta(hours=3),
                Reachability.DATABASE_LOCKED: timedelta(hours=1),
            },
            "Reached 75.0 %, Database locked 25.0 % of 4 h 00 min monitored",
        ),
    ],
)
def test_no_share_is_rounded_to_none_or_all(
    lasted: dict[Reachability, timedelta], text: str
) -> None:
    from vpo_monitor.views.uptime_view import uptime_text

    assert uptime_text(Uptime(NOON - timedelta(days=30), NOON, [], lasted)) == text
