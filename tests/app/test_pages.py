"""Each page in each state of the connection, without a browser."""

import json
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from pydantic import SecretStr
from streamlit.testing.v1 import AppTest

from tests.vpo_server import Fault, VpoServer, utc_now
from vpo_monitor import services
from vpo_monitor.views import frame, navigation

from .conftest import PAGES, Open, shown, until

LOG_OUT = '<form method="post" action="{}"><button>Log out</button></form>'

NEED_A_TOKEN = {"jobs", "job", "logs", "errors", "stats", "library", "plans", "config"}
"""The routes of a VPO with a token; its health and version are for everybody."""
PAGES_FOLDER = Path(__file__).parents[2] / "pages"


def words(app: AppTest) -> str:
    """All that a page says in text, messages and captions."""
    kinds = (app.text, app.caption, app.markdown, app.warning, app.error, app.info, app.title)
    components = [element.proto.json for element in app.get("bidi_component")]
    return "\n".join([str(element.value) for kind in kinds for element in kind] + components)


def badge(app: AppTest) -> dict[str, Any]:
    """What the connection badge was told to show."""
    for element in app.get("bidi_component"):
        proto = element.proto
        if proto.component_name.endswith("message") and "word" in (told := json.loads(proto.json)):
            return dict(told)
    raise AssertionError("the page draws no badge")


def button(app: AppTest, label: str) -> Any:
    """The button with this label."""
    return next(button for button in app.button if button.label == label)


def settle(app: AppTest, word: str) -> AppTest:
    """Run again, as ticks would, until the badge says the word and asks for no redraw."""
    until(app, lambda app: badge(app)["word"] == word and not {"view", "rows"} & badge(app).keys())
    return app


@pytest.fixture
def job_id(server: VpoServer) -> str:
    return server.store.add_job(
        job_type="transcode", status="running", file_path="/srv/a.mkv", progress_percent=40.0
    )


@pytest.mark.parametrize("page", PAGES)
def test_every_page_is_live_with_a_healthy_server(
    page: str, open_app: Open, server: VpoServer, job_id: str
) -> None:
    app = settle(open_app(page, id=job_id), "Live")
    assert not app.exception
    assert badge(app)["age"] is not None


@pytest.mark.parametrize("page", ["overview", "server"])
def test_a_page_says_that_a_login_is_needed(
    page: str, open_app: Open, server: VpoServer, job_id: str
) -> None:
    server.faults.set(Fault.UNAUTHORIZED)
    app = settle(open_app(page, id=job_id), "Token rejected")
    assert "VPO_MONITOR_API_TOKEN" in words(app)
    asked = len(server.requests)
    app.run()
    assert len([r for r in server.requests[asked:] if r.path != "/health"]) == 0
    server.faults.clear()
    button(app, "Refresh").click()
    settle(app.run(), "Live")


def test_the_server_page_alone_finds_that_a_live_server_refuses_the_token(
    open_app: Open, server: VpoServer
) -> None:
    app = settle(open_app("server"), "Idle")
    server.faults.set(Fault.UNAUTHORIZED, routes=NEED_A_TOKEN)
    button(app, "Refresh").click()
    settle(app.run(), "Token rejected")
    assert "VPO_MONITOR_API_TOKEN" in words(app)
    assert "Connect your server" in [heading.value for heading in app.subheader]
    server.faults.clear()
    button(app, "Refresh").click()
    settle(app.run(), "Idle")


@pytest.mark.parametrize("page", ["jobs", "job"])
def test_a_held_database_is_explained_and_the_last_data_stays(
    page: str, open_app: Open, server: VpoServer, job_id: str
) -> None:
    app = settle(open_app(page, id=job_id), "Live")
    before = [frame.value.iloc[:, 0].tolist() for frame in app.dataframe]
    server.faults.set(Fault.DATABASE_LOCKED, seconds=0.0)
    button(app, "Refresh").click()
    settle(app.run(), "Database locked")
    assert "A running job has locked VPO's database" in words(app)
    assert [frame.value.iloc[:, 0].tolist() for frame in app.dataframe] == before
    assert page != "job" or "/srv/a.mkv" in words(app)
    server.faults.clear()
    button(app, "Refresh").click()
    settle(app.run(), "Live")


def test_the_server_page_stays_live_while_the_database_is_held(
    open_app: Open, server: VpoServer
) -> None:
    server.faults.set(Fault.DATABASE_LOCKED, seconds=0.0)
    settle(open_app("server"), "Idle")


def test_every_page_is_among_those_tested() -> None:
    assert {path.stem for path in PAGES_FOLDER.glob("*.py")} == set(PAGES)


@pytest.mark.parametrize("page", ["jobs", "job"])
def test_a_page_obeys_that_polling_is_off(
    page: str, open_app: Open, server: VpoServer, job_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VPO_MONITOR_POLLING_ENABLED", "false")
    settle(open_app(page, id=job_id), "Paused")


def test_who_had_to_log_in_can_log_out(
    open_app: Open, server: VpoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not forms(open_app())
    services.current().settings = services.current().settings.model_copy(
        update={"password": SecretStr("open sesame")}
    )
    assert forms(open_app()) == [LOG_OUT.format("/logout")]
    own = st.get_option
    monkeypatch.setattr(
        st, "get_option", lambda key: "/video/vpo/" if key.endswith("UrlPath") else own(key)
    )
    assert forms(open_app()) == [LOG_OUT.format("/video/vpo/logout")]


def forms(app: AppTest) -> list[str]:
    """The forms in the menu."""
    bodies = [element.proto.body for element in app.sidebar.get("html")]
    return [body.strip() for body in bodies if "<form" in body]


@pytest.mark.parametrize("page", ["overview", "jobs"])
def test_a_bad_address_is_a_sentence(
    page: str, open_app: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VPO_MONITOR_API_URL", "192.168.1.5:8321")
    app = open_app(page)
    assert not app.exception
    assert "VPO_MONITOR_API_URL must start with http://" in words(app)


def test_a_job_that_no_longer_exists_says_so_and_links_back(
    open_app: Open, server: VpoServer
) -> None:
    app = open_app("job", id="00000000-0000-4000-8000-000000000000")
    for _ in range(20):
        if "Job not found" in words(app):
            break
        app.run()
    assert "Job not found" in words(app)


def test_the_run_time_of_old_data_is_not_counted_on(
    open_app: Open, server: VpoServer, job_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run_time(app: AppTest) -> Any:
        protos = [element.proto for element in app.get("bidi_component")]
        cards = next(p for p in protos if p.component_name.endswith("cards"))
        return json.loads(cards.json)["cards"][3]["running"]

    assert run_time(settle(open_app("job", id=job_id), "Live")) is not None
    monkeypatch.setattr("vpo_monitor.analysis.reader.Reader.age", lambda *_given: 60.0)
    assert run_time(settle(open_app("job", id=job_id), "Live")) is None


def test_a_failed_job_tells_its_cause_before_its_log(open_app: Open, server: VpoServer) -> None:
    job = server.store.add_job(
        job_type="move",
        status="failed",
        file_path="/srv/d.mkv",
        error_message="The disk is full\nTraceback\n  details",
    )
    server.store.append_log(job, ["a line"])
    app = settle(open_app("job", id=job), "Failed")
    assert "The disk is full" in [text.value for text in app.text]
    assert app.code[0].value == "The disk is full\nTraceback\n  details"
    log = next(heading for heading in app.subheader if heading.value == "Log")
    order = list(app.main)
    assert order.index(app.code[0]) < order.index(log)


def test_the_list_of_failed_jobs_says_why_as_soon_as_that_is_known(
    open_app: Open, server: VpoServer
) -> None:
    messages = {"c": "", "d": "The disk is full\nTraceback\n  details"}
    for name, message in messages.items():
        server.store.add_job(
            job_type="move", status="failed", file_path=f"/srv/{name}", error_message=message
        )
    said = []

    def is_said(app: AppTest) -> bool:
        table = app.dataframe[0].value
        said.append(dict(zip(table["file"], table["error"], strict=True)))
        return said[-1] == {"c": "VPO gave no reason", "d": "The disk is full"}

    app = until(open_app("jobs", status="failed"), is_said)
    assert all(error in ("…", said[-1][name]) for one in said for name, error in one.items())
    assert "progress" not in app.dataframe[0].value
    table = settle(open_app("jobs"), "Idle").dataframe[0].value
    assert "error" not in table
    assert "progress" in table


def test_filters_come_from_the_address_and_bad_ones_are_said(
    open_app: Open, server: VpoServer
) -> None:
    server.store.add_job(job_type="scan", status="failed", file_path="/srv/b")
    app = settle(open_app("jobs", status="failed", type="bogus", page="0"), "Idle")
    assert "type='bogus'" in words(app)
    assert "page='0'" in words(app)
    assert any("status=failed" in request.query for request in server.requests)


def test_a_corrected_setting_is_said_on_the_server_page(
    open_app: Open, server: VpoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VPO_MONITOR_POLL_INTERVAL", "900")
    app = settle(open_app("server"), "Idle")
    assert "VPO_MONITOR_POLL_INTERVAL is 900, so 60 is used" in words(app)


def test_the_server_page_names_the_routes_that_fail(open_app: Open, server: VpoServer) -> None:
    server.faults.set(Fault.DATABASE_LOCKED, seconds=0.0)
    open_app("jobs")
    app = until(open_app("server"), lambda app: "Job list" in polling(app))
    assert "internal error" in polling(app)["Job list"]
    assert "left now" in polling(app)["Requests"]


def polling(app: AppTest) -> dict[str, str]:
    return next(
        {fact["label"]: fact["text"] for fact in data["cards"]}
        for data in shown(app, "cards")
        if "Requests" in str(data)
    )


def test_a_job_says_how_long_ago_it_was_created_unless_that_cannot_be(
    open_app: Open, server: VpoServer
) -> None:
    ahead = utc_now() + timedelta(days=365)
    for created, age in ((utc_now() - timedelta(hours=1), 3600), (ahead, None)):
        job = server.store.add_job(status="failed", file_path="/srv/c.mkv", created_at=created)
        app = settle(open_app("job", id=job), "Failed")
        facts = [fact for data in shown(app, "cards") for fact in data["cards"]]
        (ago,) = [fact["ago"] for fact in facts if fact["label"] == "Created"]
        assert ago == (age and pytest.approx(age, abs=60))


def test_a_finished_job_is_asked_for_no_more(open_app: Open, server: VpoServer) -> None:
    job = server.store.add_job(job_type="move", status="completed", file_path="/srv/c.mkv")
    app = settle(open_app("job", id=job), "Finished")
    asked = [r for r in server.requests if job in r.path]
    for _ in range(3):
        app.run()
    assert [r for r in server.requests if job in r.path] == asked


def test_what_other_views_know_is_told_above_the_table_and_lasts_for_nobody_knows_how_long(
    open_app: Open, server: VpoServer
) -> None:
    server.store.add_job(job_type="scan", status="running", file_path="/srv/media")
    until(open_app(), lambda app: "media" in words(app))
    server.faults.set(Fault.REFUSED)
    app = until(
        open_app("jobs", type="scan"),
        lambda app: any(
            "Showing jobs from other pages" in caption.value for caption in app.caption
        ),
    )
    until(app, lambda app: "unavailable: no response" in str([one.value for one in app.caption]))
    drawn = [element.type for element in app.main if element.type in ("caption", "dataframe")]
    assert drawn.index("dataframe") > 1  # the counts, and both sentences
    assert app.dataframe[0].value["since_creation"].isna().all()


def test_a_new_page_takes_one_file_and_one_line(
    open_app: Open, server: VpoServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shutil.copytree(PAGES_FOLDER, tmp_path / "pages")
    (tmp_path / "pages" / "greeting.py").write_text(
        "import streamlit as st\n"
        "from vpo_monitor.views import refresh\n"
        'refresh.view(lambda reader: st.text(f"Running: {reader.health.data.jobs_running}"))\n'
    )
    for module in (frame, navigation):
        monkeypatch.setattr(module, "PAGES_FOLDER", tmp_path / "pages")
    monkeypatch.setattr(frame, "_MENU", (*frame._MENU, ("greeting", "Greeting", ":material/mood:")))
    app = until(open_app("greeting"), lambda app: "Running: 0" in words(app))
    assert [title.value for title in app.title] == ["Greeting"]
    assert badge(app)["page"] == "Greeting · VPO Monitor"
    assert "Greeting" in [link.proto.label for link in app.sidebar.get("page_link")]
