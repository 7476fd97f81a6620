"""Viewers who come and vanish while the server flaps leave nothing behind.

`python -m bench.soak` does the same for 10,000 ticks of each of five viewers, and weighs memory.
"""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from bench.flapping import FAULTS, Flapping, beyond_a_line_a_change
from bench.measured_app import measured_app
from bench.scripted_viewer import Viewer
from bench.soak import INTERVAL, long_job, view
from tests.vpo_server import start

_ISOLATED = """
from tests.isolation import isolate_sources
isolate_sources()
from bench.process_probe import main
main()
"""
_VIEWERS = 4
_KEPT_BY_STREAMLIT = 3
"""The last session, the one that it looked at last, and one on its way out."""
_OF_EACH_VIEWER = (
    "streamlit.runtime.app_session.AppSession",
    "vpo_monitor.views.refresh.PageState",
    "vpo_monitor.analysis.reader.ReaderMemory",
    "vpo_monitor.analysis.notifications.NotificationMemory",
)


@pytest.mark.long
def test_viewers_who_vanish_leave_nothing_behind_and_a_line_a_change() -> None:
    with ExitStack() as running:
        server = running.enter_context(start(seed=1, rate_limit=None, worker=False))
        app = running.enter_context(
            measured_app("-c", _ISOLATED, VPO_MONITOR_API_URL=server.url, SOAK_INTERVAL=INTERVAL)
        )
        job, pool = long_job(server), running.enter_context(ThreadPoolExecutor(_VIEWERS))

        def watch(ticks: int) -> Counter[str]:
            views = pool.map(lambda number: view(app, job, ticks, number, stay=15), range(_VIEWERS))
            return sum(views, Counter[str]())

        watch(10)
        with ExitStack() as leaving:
            for _ in range(_VIEWERS):
                leaving.enter_context(Viewer(app.port)).open()
            present = app.measure()
        before = app.settled()
        done = Counter[str]()
        with Flapping(server, 0.2) as flapping:
            for _ in range(20):
                done += watch(25)
                # Each of them, however fast the viewers are; and some visits, however slow.
                is_thrown = flapping.thrown >= len(FAULTS)
                if is_thrown and done["sessions"] >= 4 * _VIEWERS and len(app.log) > 10:
                    break
            thrown = flapping.thrown
        for _ in range(3):  # Streamlit lets go of the others when somebody comes and goes
            app.settled()
            with Viewer(app.port) as last:
                last.open()
        after, lines = app.settled(), app.log
    assert thrown >= len(FAULTS)
    assert done["sessions"] >= 4 * _VIEWERS
    for kind in _OF_EACH_VIEWER:
        assert present.objects[kind] >= _VIEWERS, kind
        assert after.objects[kind] <= _KEPT_BY_STREAMLIT, kind
    assert after.threads <= before.threads
    assert after.downloads == 0
    assert len(lines) > 10
    assert not beyond_a_line_a_change(lines)
