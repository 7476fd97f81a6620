"""Numbers on each page as the viewer's locale writes them, without a browser."""

import json
from datetime import timedelta
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.vpo_server import VpoServer, utc_now
from vpo_monitor.demo.sample_media import MediaFile

from .conftest import PAGES, Open, until
from .sent_text import SentText

pytestmark = pytest.mark.usefixtures("ample_budget")
WAITING = 1234
SHOWN = {
    "overview": ("1.234", "1.228 more queued.", "7,1 GB", "66,7 %", "1.500 of 23.456"),
    "jobs": ("1 to 100 of 1.235 jobs", "Download 1.235 jobs"),
    "job": ("1.500 of 23.456",),
    "timeline": ("of 1.235 jobs.",),
    "statistics": ("7,1 GB", "66,7 %", "1,5 min"),
    "library": ("Showing 100 of 1.234 files.",),
    "server": ("1.234", "10.000 jobs", "2,5 s"),
}
OFTEN = ("overview", "jobs", "statistics")
"""These have each kind of number; all pages take part in long runs."""


@pytest.fixture
def job_id(server: VpoServer, monkeypatch: pytest.MonkeyPatch) -> str:
    """A running job before many that wait, and files that were processed."""
    monkeypatch.setenv("VPO_MONITOR_POLL_INTERVAL", "2.5")
    now = utc_now()
    with server.store.transaction():
        for number in range(WAITING):
            server.store.add_job(
                file_path=f"/srv/{number}.mkv", created_at=now - timedelta(seconds=number)
            )
        for success in (True, True, False):
            server.store.add_stats(
                size_before=9_000_000_000,
                size_after=5_450_000_000 if success else 9_000_000_000,
                duration_seconds=90.0,
                success=success,
            )
    return server.store.add_job(
        job_type="process",
        status="running",
        file_path="/srv/a.mkv",
        progress_percent=40.0,
        summary_raw={"scanned": 1500, "total_discovered": 23_456},
    )


def open_as(open_app: Open, locale: str, page: str, job_id: str) -> AppTest:
    """The page as a viewer with that locale has it."""
    app = open_app(page, id=job_id)
    app.context["locale"] = locale
    return app.run()


@pytest.mark.parametrize(
    ("page", "locale"),
    [
        *(
            pytest.param(page, "de-DE", marks=() if page in OFTEN else pytest.mark.long)
            for page in PAGES
        ),
        ("overview", "en-US"),
    ],
)
def test_each_page_has_the_numbers_of_the_viewers_locale(
    page: str,
    locale: str,
    open_app: Open,
    server: VpoServer,
    job_id: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent = SentText(monkeypatch)
    for number in range(WAITING if page == "library" else 0):
        server.store.add_file(MediaFile(f"/srv/{number}.mkv", 0, 0, 0), utc_now(), "missing")

    def said() -> str:
        return "\n".join(text for _place, text in sent.texts())

    german = SHOWN[page]
    english = tuple(words.translate(str.maketrans(".,", ",.")) for words in german)
    english = tuple(
        words.replace("jobs,", "jobs.").replace("queued,", "queued.").replace("files,", "files.")
        for words in english
    )
    own, other = (german, english) if locale == "de-DE" else (english, german)
    app = open_as(open_app, locale, page, job_id)
    until(app, lambda _app: all(words in said() for words in own))
    assert not app.exception
    assert not [words for words in other if words in said()]


@pytest.mark.parametrize("locale", ["", "../../etc/passwd"])
def test_what_is_no_locale_leaves_a_page_english(
    locale: str, open_app: Open, server: VpoServer, job_id: str
) -> None:
    app = open_as(open_app, locale, "jobs", job_id)
    until(app, lambda app: "1 to 100 of 1,235 jobs" in [text.value for text in app.text])
    assert not app.exception


def test_viewers_of_two_locales_share_an_answer_and_its_table_and_not_its_signs(
    open_app: Open, server: VpoServer, job_id: str
) -> None:
    def words(app: AppTest) -> list[str]:
        return [text.value for text in app.text]

    german = open_as(open_app, "de-DE", "jobs", job_id)
    until(german, lambda app: "1 to 100 of 1.235 jobs" in words(app))
    english = open_as(open_app, "en-US", "jobs", job_id)
    until(english, lambda app: "1 to 100 of 1,235 jobs" in words(app))
    for _turn in range(3):
        assert "1 to 100 of 1.235 jobs" in words(german.run())
        assert "1 to 100 of 1,235 jobs" in words(english.run())
    tables = [app.dataframe[0].value for app in (german, english)]
    assert tables[0][["type", "progress"]].equals(tables[1][["type", "progress"]])


def test_charts_have_the_signs_and_english_needs_none(
    open_app: Open, server: VpoServer, job_id: str
) -> None:
    def configs(app: AppTest) -> list[dict[str, Any]]:
        return [json.loads(one.proto.spec)["config"] for one in app.get("vega_lite_chart")]

    app = open_as(open_app, "en-IN", "statistics", job_id)
    indian = configs(until(app, lambda app: len(configs(app)) == 3))
    for config in indian:
        number = config["locale"]["number"]
        assert (number["decimal"], number["thousands"]) == (".", ",")
        assert number["grouping"][:3] == [3, 2, 2]
    app.context["locale"] = "en-US"
    without = [{k: v for k, v in config.items() if k != "locale"} for config in indian]
    assert configs(app.run()) == without


def test_tables_leave_their_signs_to_the_browser(
    open_app: Open, server: VpoServer, job_id: str
) -> None:
    app = open_as(open_app, "de-DE", "statistics", job_id)
    until(app, lambda app: len(app.dataframe) == 3)
    columns = json.loads(app.dataframe[1].proto.columns)
    assert columns["Success rate (%)"]["label"] == "Success rate (%)"
    assert columns["Saved"]["label"] == "Saved (GB)"
    for name in ("Files", "Success rate (%)", "Saved"):
        assert columns[name]["type_config"]["format"] == "localized"
    steps = [columns[name]["type_config"]["step"] for name in ("Success rate (%)", "Saved")]
    assert steps == [0.1, 0.1]


def test_files_that_are_taken_along_are_the_same_for_all(
    open_app: Open, server: VpoServer, job_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage

    given = dict[str, dict[str, bytes]]()
    load = MemoryMediaFileStorage.load_and_get_id
    viewer = "de-DE"

    def load_and_note(self: Any, data: bytes, mime: str, kind: Any, name: str) -> str:
        given.setdefault(viewer, {})[name] = data
        return load(self, data, mime, kind, name)

    monkeypatch.setattr(MemoryMediaFileStorage, "load_and_get_id", load_and_note)
    app = open_as(open_app, viewer, "statistics", job_id)
    until(app, lambda _app: any("policies" in name for name in given.get("de-DE", {})))
    app.context["locale"] = viewer = "en-US"
    app.run()
    german, english = (
        next(data for name, data in given[one].items() if "policies" in name and "csv" in name)
        for one in ("de-DE", "en-US")
    )
    assert german == english
    assert b"66.6" in german
    assert b"7100000000" in german
