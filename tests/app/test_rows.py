"""Where only the rows of the list change, the browser is sent the table and little else."""

import time
from collections import Counter

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from bench.scripted_viewer import Viewer
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
