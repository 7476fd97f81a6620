"""The overview in its states, without a browser."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.vpo_server import Fault, VpoServer, media_file
from vpo_monitor.api.models import PlanPage
from vpo_monitor.app_files import PAGES_FOLDER

from .conftest import shown, until
from .test_pages import badge

Open = Callable[..., AppTest]
pytestmark = pytest.mark.usefixtures("ample_budget")
WITHIN_HOURS = r"in \d+( min)? to (\d+ min|\d h( \d\d min)?)"
"""When a job of minutes is expected: how far depends on its id, and the range may end at 1 h."""


def running(app: AppTest) -> list[dict[str, Any]]:
    """The cards of running jobs."""
    return list(next(one["jobs"] for one in shown(app, "cards") if one["layout"] == "running"))


def captions(app: AppTest) -> list[str]:
    return [caption.value for caption in app.caption]


def add(server: VpoServer, **fields: Any) -> str:
    given = {"job_type": "process", "policy_name": "normalize", **fields}
    return server.store.add_job(**given)


def add_files_that_took_10_min(server: VpoServer) -> None:
    """Files with the policy, as large as the one that all jobs of a test have."""
    media = media_file(Random(1))
    server.store.add_file(media, ago(9999))
    for seconds in (570, 600, 630, 600):
        server.store.add_stats(
            policy_name="normalize",
            size_before=media.size_bytes,
            size_after=1,
            duration_seconds=float(seconds),
        )


def ago(seconds: float) -> datetime:
    return datetime.now(UTC) - timedelta(seconds=seconds)


def test_without_work_it_says_so(open_app: Open, server: VpoServer) -> None:
    app = until(open_app(), lambda app: "No running jobs." in captions(app))
    app = until(app, lambda app: "No failed jobs." in captions(app))
    assert "Queue is empty." in captions(app)
    assert not app.exception


def figure(app: AppTest, label: str) -> dict[str, Any]:
    """The card with this label."""
    every = [card for cards in shown(app, "cards") for card in cards.get("cards", ())]
    return next(card for card in every if card["label"] == label)


def test_failures_of_24_h_link_to_the_failed_jobs_of_24_h(
    open_app: Open, server: VpoServer
) -> None:
    add(server, status="failed", created_at=ago(60), completed_at=ago(1))
    app = until(open_app(), lambda app: figure(app, "Failed in 24 h")["text"] == "1")
    card = figure(app, "Failed in 24 h")
    assert card["target"] == "/jobs?status=failed&since=24h"
    assert "created in the last 24 hours" in card["hint"]


def test_progress_is_of_three_kinds(open_app: Open, server: VpoServer) -> None:
    measured = add(server, status="running", progress_percent=40.0, started_at=ago(60))
    silent = add(server, status="running", started_at=ago(90))
    add(server, status="failed", progress_percent=100.0)
    app = until(open_app(), lambda app: len(running(app)) == 2)
    cards = {card["id"]: card for card in running(app)}
    assert (cards[measured]["percent"], cards[measured]["progress"]) == (40.0, "40 %")
    assert (cards[silent]["percent"], cards[silent]["progress"]) == (None, "Progress not reported")


def test_a_silent_jobs_end_is_told_from_the_pace_of_its_policy_and_its_size(
    open_app: Open, server: VpoServer
) -> None:
    media = media_file(Random(1))
    for seconds in (95, 100, 105, 100):
        server.store.add_stats(
            policy_name="normalize",
            size_before=media.size_bytes,
            size_after=1,
            duration_seconds=float(seconds),
        )
    server.store.add_file(media, ago(9999))
    add(server, status="running", file_path=media.path, started_at=ago(30))
    app = until(
        open_app(), lambda app: bool(running(app)) and "its file size" in running(app)[0]["ground"]
    )
    card = running(app)[0]
    assert card["remaining"][0] in ("about 60 s", "about 70 s")
    assert "from its file size and 4 files with this policy" in card["ground"]


def test_a_failure_is_a_link_with_the_first_line_of_its_error(
    open_app: Open, server: VpoServer
) -> None:
    job = add(
        server,
        status="failed",
        file_path="/srv/![x](evil) :red[y].mkv",
        error_message="No space left\nTraceback",
    )

    def failures(app: AppTest) -> list[dict[str, Any]]:
        return list(shown(app, "link_list")[1]["items"])

    app = until(open_app(), lambda app: [f["text"] for f in failures(app)] == ["No space left"])
    (line,) = failures(app)
    assert line["target"] == f"/job?id={job}"
    assert line["title"] == "![x](evil) :red[y].mkv"


def test_the_next_jobs_stand_in_the_order_in_which_they_will_run(
    open_app: Open, server: VpoServer
) -> None:
    late = add(server, created_at=ago(10), priority=1)
    early = add(server, created_at=ago(100))

    def queue(app: AppTest) -> list[str]:
        return [item["id"] for item in shown(app, "link_list")[0]["items"]]

    until(open_app(), lambda app: queue(app) == [late, early])


def test_the_next_jobs_say_when_they_start_and_end(open_app: Open, server: VpoServer) -> None:
    add_files_that_took_10_min(server)
    media = media_file(Random(1))
    add(server, status="running", file_path=media.path, started_at=ago(60), created_at=ago(900))
    for seconds in (800, 700):
        add(server, file_path=media.path, created_at=ago(seconds))

    def queue(app: AppTest) -> list[str]:
        return [item["more"] for item in shown(app, "link_list")[0]["items"]]

    def is_told(app: AppTest) -> bool:
        cards = running(app)
        sized = bool(cards) and "its file size" in cards[0]["ground"]
        return sized and len(queue(app)) == 2

    first, second = queue(until(open_app(), is_told))
    assert re.fullmatch(f"starts {WITHIN_HOURS} · ends {WITHIN_HOURS}", first)
    assert re.fullmatch(f"starts {WITHIN_HOURS} · ends {WITHIN_HOURS}", second)


def test_while_the_database_is_locked_starts_are_times_of_day(
    open_app: Open, server: VpoServer
) -> None:
    add_files_that_took_10_min(server)
    path = media_file(Random(1)).path
    add(server, status="running", file_path=path, started_at=ago(60), created_at=ago(900))
    add(server, file_path=path, created_at=ago(800))

    def starts(app: AppTest) -> str:
        return "".join(item["more"] for item in shown(app, "link_list")[0]["items"])

    app = until(open_app(), lambda app: starts(app).startswith("starts in"))
    server.faults.set(Fault.DATABASE_LOCKED, seconds=0.0)
    next(button for button in app.button if button.label == "Refresh").click()
    pattern = r"starts .*\d\d:\d\d to .*\d\d:\d\d · ends .*\d\d:\d\d to .*\d\d:\d\d"
    until(app.run(), lambda app: bool(re.fullmatch(pattern, starts(app))))


def test_without_similar_jobs_no_start_is_claimed(open_app: Open, server: VpoServer) -> None:
    add(server, status="running", started_at=ago(60))
    add(server, created_at=ago(50))
    add(server, created_at=ago(40))

    def queue(app: AppTest) -> list[str]:
        return [item["more"] for item in shown(app, "link_list")[0]["items"]]

    app = until(open_app(), lambda app: "no ETA: not enough similar jobs" in queue(app))
    assert queue(app)[0].endswith("ends unknown")


def test_what_happens_while_the_page_is_open_is_activity(open_app: Open, server: VpoServer) -> None:
    job = add(server, status="running", started_at=ago(5), file_path="/srv/a.mkv")
    app = until(open_app(), lambda app: len(running(app)) == 1)
    server.store.update_job(job, status="completed", completed_at=ago(0), progress_percent=100.0)
    next(button for button in app.button if button.label == "Refresh").click()

    def activity(app: AppTest) -> list[str]:
        return [item["text"] for item in shown(app, "link_list")[2]["items"]]

    until(app.run(), lambda app: activity(app) == ["Finished · process"])


def test_plans_that_wait_are_counted_with_a_link_to_vpos_own_page(
    open_app: Open, server: VpoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "vpo_monitor.api.client.VpoClient.plans",
        lambda *_given, **_more: PlanPage(rows=(), total=3),
    )
    app = until(open_app(), lambda app: bool(app.get("link_button")))
    (button,) = app.get("link_button")
    assert button.proto.label == "3 plans awaiting approval · Open in VPO"
    assert button.proto.url == f"{server.url}/plans"


def test_a_queue_that_nothing_works_at_names_the_command(
    open_app: Open, server: VpoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(server)
    monkeypatch.setattr("vpo_monitor.analysis.estimates.problems._NO_WORKER_AFTER", timedelta())
    app = until(open_app(), lambda app: any("vpo jobs start" in t.value for t in app.text))
    assert not app.exception


def test_a_followed_job_is_told_of_on_another_page(open_app: Open, server: VpoServer) -> None:
    job = add(server, status="running", started_at=ago(5), file_path="/srv/a.mkv")
    app = until(open_app("job", id=job), lambda app: len(app.toggle) == 1)
    app.toggle[0].set_value(True).run()
    server.store.update_job(job, status="failed", completed_at=ago(0), error_message="No space")
    app.switch_page(str(PAGES_FOLDER / "server.py"))
    app = until(app.run(), lambda app: bool(badge(app)["notifications"]))
    (told,) = badge(app)["notifications"]
    assert (told["title"], told["text"]) == ("Failed: a.mkv", "No space")
    assert told["target"] == f"/job?id={job}"


def ticks(app: AppTest) -> bool:
    """Whether the page has a timer."""
    names = [element.proto.component_name for element in app.get("component_instance")]
    return any("autorefresh" in name for name in names)


def test_a_page_has_its_timer_from_the_second_tick_on(open_app: Open) -> None:
    app = open_app("jobs")
    assert not ticks(app)
    assert badge(app)["start_timer"]
    app.run()
    assert ticks(app)
    assert "start_timer" not in badge(app)
    app.switch_page(str(PAGES_FOLDER / "server.py"))
    assert not ticks(app.run())
    assert ticks(app.run())


def test_the_page_of_an_ended_job_looks_on_while_another_is_followed(
    open_app: Open, server: VpoServer
) -> None:
    def is_finished(app: AppTest) -> bool:
        return bool(badge(app)["word"] == "Finished")

    ended = add(server, status="completed", file_path="/srv/a.mkv")
    running_job = add(server, status="running", file_path="/srv/b.mkv")
    app = until(open_app("job", id=ended), is_finished)
    app = until(app.run(), lambda app: not ticks(app))
    app.query_params["id"] = running_job
    app = until(app.run(), lambda app: len(app.toggle) == 1)
    app.toggle[0].set_value(True).run()
    app.query_params["id"] = ended
    until(app.run(), lambda app: is_finished(app) and ticks(app))


def test_a_phone_shows_failures_right_after_the_running_jobs(
    open_app: Open, server: VpoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vpo_monitor.views.jobs_list.is_phone", lambda: True)
    server.store.add_job(job_type="move", status="failed", file_path="/srv/a.mkv")
    app = until(open_app(), lambda app: "a.mkv" in str(shown(app, "link_list")))
    order = ["Running now", "Latest failures", "Up next", "Activity"]
    assert [heading.value for heading in app.main.subheader] == order
