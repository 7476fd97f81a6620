"""What is drawn again: where only the rows of the list change, the table and little else."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from bench.scripted_viewer import Viewer, rerun
from bench.websocket_viewer import watch
from tests.running_app import running_app
from tests.vpo_server import VpoServer

SECONDS = 20.0  # at most; the poller asks for nothing before it is due
AROUND = {"button", "text"}  # pager, download and the line of the queue


def sent_by(viewer: Viewer, sent: Counter[str], expected: str) -> set[str]:
    """Tick until an element of this kind is sent; return the kinds sent with it."""
    give_up_at = time.monotonic() + SECONDS
    while time.monotonic() < give_up_at:
        sent.clear()
        assert viewer.tick()
        if sent[expected]:
            return set(sent)
    raise AssertionError(f"no {expected} was drawn")


@pytest.mark.long
def test_rows_are_drawn_without_what_stands_around_them(server: VpoServer) -> None:
    job = server.store.add_job(job_type="move", status="running", file_path="/srv/film.mkv")
    sent: Counter[str] = Counter()

    def hear(body: bytes) -> None:
        message = ForwardMsg.FromString(body)
        if message.WhichOneof("type") == "delta" and message.delta.HasField("new_element"):
            sent[message.delta.new_element.WhichOneof("type")] += 1

    with (
        running_app(VPO_MONITOR_API_URL=server.url, VPO_MONITOR_POLL_INTERVAL="2") as port,
        Viewer(port, hear) as viewer,
    ):
        viewer.open("jobs")
        sent_by(viewer, sent, "dataframe")  # the page has come to rest
        server.store.update_job(job, progress_percent=42.0)
        assert not sent_by(viewer, sent, "dataframe") & AROUND
        server.store.add_job(job_type="move", status="queued", file_path="/srv/other.mkv")
        assert sent_by(viewer, sent, "button") >= AROUND | {"dataframe"}


class Hasty(Viewer):
    """A viewer whose timer ticks while the view is drawn."""

    def draw_and_tick(self) -> None:
        assert self._timer
        view = self._reruns["view"]
        drawing = ClientState(page_script_hash=self._script, fragment_id=view.fragment_id)
        drawing.widget_states.widgets.append(rerun(view.new_element.bidi_component, self.ticks))
        ticking = ClientState(page_script_hash=self._script, fragment_id=self._timer.fragment_id)
        for state in (drawing, ticking):
            self._socket.send(BackMsg(rerun_script=state).SerializeToString())
        before = self.badge
        while self.badge is before:
            self._listen()


def test_a_view_that_seems_interrupted_to_the_browser_is_redrawn(server: VpoServer) -> None:
    job = server.store.add_job(job_type="move", status="running", file_path="/srv/film.mkv")
    with (
        running_app(VPO_MONITOR_API_URL=server.url, VPO_MONITOR_POLL_INTERVAL="2") as port,
        Hasty(port) as viewer,
    ):
        viewer.open("job", f"id={job}")
        while viewer.tick() and "view" in viewer.badge:
            pass
        viewer.draw_and_tick()
        assert viewer.badge["view"]


def running_since(seconds: float) -> dict[str, Any]:
    started_at = datetime.now(UTC) - timedelta(seconds=seconds)
    return {
        "job_type": "process",
        "status": "running",
        "policy_name": "x",
        "started_at": started_at,
    }


class SeenError(Exception):
    """What was expected has been seen."""


def watch_until_seen(
    server: VpoServer,
    seen: Callable[[float, dict[str, Any]], None],
    on_message: Callable[[float, bytes], None] = lambda _at, _body: None,
) -> None:
    """Watch the overview until one of these raises `SeenError`."""
    with running_app(VPO_MONITOR_API_URL=server.url, VPO_MONITOR_POLL_INTERVAL="2") as port:
        until = time.monotonic() + 2 * SECONDS
        with pytest.raises(SeenError):
            asyncio.run(watch(port, "", "", until=until, seen=seen, on_message=on_message))


@pytest.mark.long  # it waits for 10 s
def test_a_running_job_of_which_nothing_new_is_known_redraws_nothing(server: VpoServer) -> None:
    server.store.add_job(**running_since(60))
    quiet_ticks = 0

    def seen(_at: float, told: dict[str, Any]) -> None:
        nonlocal quiet_ticks
        quiet_ticks = 0 if "view" in told else quiet_ticks + 1
        if quiet_ticks == 4:
            raise SeenError

    watch_until_seen(server, seen)


@pytest.mark.long  # it waits for up to 20 s
def test_an_estimate_follows_the_time_though_nothing_new_is_known(server: VpoServer) -> None:
    for _ in range(4):
        server.store.add_stats(policy_name="x", size_before=9, size_after=1, duration_seconds=100.0)
    server.store.add_job(**running_since(52))  # told in steps of 10 s: one begins 13 s later
    remaining, settled, quiet_ticks = "", "", 0

    def seen(_at: float, told: dict[str, Any]) -> None:
        nonlocal settled, quiet_ticks
        quiet_ticks = 0 if "view" in told else quiet_ticks + 1
        if quiet_ticks == 2:  # all is known
            settled = remaining

    def on_message(_at: float, body: bytes) -> None:
        nonlocal remaining
        element = ForwardMsg.FromString(body).delta.new_element.bidi_component
        if element.component_name.endswith("cards"):
            for job in json.loads(element.json).get("jobs", ()):
                remaining = job["remaining"][0]
                if settled and remaining != settled:
                    raise SeenError

    watch_until_seen(server, seen, on_message)
