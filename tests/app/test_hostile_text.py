"""Hostile text in every field of every answer, and in the address, on every page.

All that a page sends to the browser is looked at, whichever element it is for.
"""

import re
import time
from collections.abc import Callable, Iterator
from itertools import cycle

import pytest
from streamlit.testing.v1 import AppTest

from tests.faults.faulty_server import FaultyServer
from tests.faults.recorded_api import FAILED, PROCESSED, RUNNING, SCAN
from tests.hostile_text import HOSTILE, MARKER, HostileAnswers, Kind
from vpo_monitor.plain_text import plain, plain_line
from vpo_monitor.polling.limits import Budget

from .conftest import TIMEOUT
from .sent_text import SentText

Open = Callable[..., AppTest]

# Elements whose places for text have been judged. Before another one is added here, find out which
# of its texts Streamlit interprets as Markdown or HTML: no text of VPO's or of an address may be
# among those.
JUDGED = {
    *("navigation", "page_config_changed", "page_info_changed"),
    *(f"add_block {kind}" for kind in ("column", "expandable", "flex_container", "popover")),
    *(
        f"new_element {kind}"
        for kind in (
            *("alert", "bidi_component", "button", "button_group", "checkbox", "code"),
            *("component_instance", "dataframe", "download_button", "heading", "html"),
            *("link_button", "markdown", "menu_button", "metric", "page_link", "progress"),
            *("radio", "selectbox", "slider", "text", "text_input", "vega_lite_chart"),
        )
    ),
}
# Where a text is shown as it is. Labels, captions, titles, messages, hints, radio options, names of
# files and of columns, and the page's title are not among them.
SHOWN = re.compile(
    r"new_element\.("
    r"text\.body"
    r"|code\.code_text"
    r"|text_input\.(value|default)|selectbox\.options"  # Streamlit shows options as they are
    r"|dataframe\.arrow_data\.data cell( value)+"
    r"|vega_lite_chart\.datasets\.data\.data cell( value)+"
    r"|bidi_component\.json( value)+"
    r")"
)
# Never drawn: how the parts of a page are told apart, and the address, in its own encoding.
UNSEEN = re.compile(r".*\.id|(page_info_changed|new_element\.page_link)\.query_string")


def is_marked(text: str) -> bool:
    return MARKER.search(text) is not None


def looked_at(app: AppTest, sent: SentText, *, may_be_raw: bool = False) -> set[str]:
    """The hostile texts on a page; fails where one stands where it is interpreted, or not plain.

    An id is sent as it is, to find its job again.
    """
    assert not app.exception
    assert sent.kinds() <= JUDGED
    found = set()
    for place, text in sent.texts():
        if not is_marked(text) or UNSEEN.fullmatch(place):
            continue
        assert SHOWN.fullmatch(place), f"{place} holds {text[:100]!r}"
        assert may_be_raw or plain(text) == text, f"{place} holds {text[:100]!r}"
        found.update(MARKER.findall(text))
    return found


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultyServer]:
    with FaultyServer() as running:
        monkeypatch.setenv("VPO_MONITOR_API_URL", running.url)
        monkeypatch.setenv("VPO_MONITOR_HISTORY", "off")
        monkeypatch.setattr("vpo_monitor.services.Budget", lambda _most: Budget(100_000))
        yield running


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> SentText:
    return SentText(monkeypatch)


EXPECTED = {
    kind: {one.marker for one in HOSTILE if one.marker in plain_line(one.text, longest)}
    for kind, longest in (
        (Kind.WORDS, None),
        (Kind.STATUSES, 30),
        (Kind.IDS, 150),
    )
}
"""The texts that are to be seen, as far as so many of their characters are shown."""
PAGES: dict[str, tuple[str, dict[str, str]]] = {
    "overview": ("overview", {}),
    "jobs": ("jobs", {}),
    "failed job": ("job", {"id": FAILED}),
    "running job": ("job", {"id": RUNNING}),
    "processed file": ("job", {"id": PROCESSED}),
    "scan": ("job", {"id": SCAN}),
    "timeline": ("timeline", {"since": "30d", "by": "slot"}),
    "statistics": ("statistics", {}),
    "library": ("library", {}),
    "server": ("server", {}),
}
FEW = 12
"""One of so many texts, where few are shown at once: the tests of plain_text hold each."""
# How many of the texts a page shows at once at least, where it shows any of their kind.
AT_ONCE = {
    ("overview", Kind.WORDS): 4,
    ("jobs", Kind.WORDS): len(HOSTILE),
    ("jobs", Kind.STATUSES): len(HOSTILE),
    ("failed job", Kind.WORDS): 1,
    ("failed job", Kind.STATUSES): 1,
    ("failed job", Kind.IDS): 1,
    ("running job", Kind.WORDS): len(HOSTILE),
    ("scan", Kind.WORDS): len(HOSTILE),
    ("timeline", Kind.WORDS): len(HOSTILE) // 2,
    ("timeline", Kind.STATUSES): len(HOSTILE) // 2,
    ("timeline", Kind.IDS): len(HOSTILE) // 2,
    ("statistics", Kind.WORDS): len(HOSTILE),
    ("library", Kind.WORDS): len(HOSTILE) // 2,
    ("server", Kind.WORDS): 1,
    ("server", Kind.STATUSES): 1,
}


# What no page shows is dropped before a page sees it: one page has all kinds of it.
QUICK = {*((page, Kind.WORDS) for page in PAGES), *(("jobs", kind) for kind in Kind)}
ALL = [(page, kind) for page in PAGES for kind in Kind]
CASES = [
    *(pytest.param(*one, FEW, id=f"{one[0]}-{one[1].name}") for one in ALL if one in QUICK),
    *(pytest.param(*one, 1, id=f"{one[0]}-{one[1].name}", marks=pytest.mark.long) for one in ALL),
]


@pytest.mark.parametrize(("page", "kind", "step"), CASES)
def test_hostile_answers_are_shown_as_text(
    page: str, kind: Kind, step: int, open_app: Open, server: FaultyServer, sent: SentText
) -> None:
    answers = HostileAnswers(server, kind)
    script, query = PAGES[page]
    app = open_app(script, **query)
    at_once = AT_ONCE.get((page, kind), 0)
    shifts = range(0, len(HOSTILE) if at_once else 1, max(at_once, step))
    wanted = EXPECTED[kind] if at_once >= step else set()
    shown: set[str] = set()
    give_up_at = time.monotonic() + 2 * TIMEOUT
    # Where the machine is busy, an answer can miss its run: then once more from the beginning.
    for turn, answers.shift in enumerate(cycle(shifts), 1):
        app.button(key="refresh").click().run()
        shown |= looked_at(app, sent, may_be_raw=kind is Kind.IDS)
        if turn >= len(shifts) and wanted <= shown and (shown or not at_once):
            break
        assert time.monotonic() < give_up_at, f"never shown: {wanted - shown}"


# Each page with the parameters of its address that it reads; `spare` is one that it does not.
ADDRESSES = {
    "overview": ("interval", "spare"),
    "jobs": (
        *("status", "type", "since", "search", "sort", "order", "page", "selected", "interval"),
    ),
    "job": ("id", "line", "interval", "selected"),
    "timeline": ("since", "by", "interval"),
    "statistics": ("stats-since", "stats-by", "interval"),
    "library": ("interval", "spare"),
    "server": ("interval", "spare"),
}


@pytest.mark.parametrize("page", ADDRESSES)
@pytest.mark.parametrize("step", [FEW, pytest.param(1, marks=pytest.mark.long)])
def test_a_hostile_address_is_shown_as_text(
    step: int, page: str, open_app: Open, server: FaultyServer, sent: SentText
) -> None:
    app = open_app(page)
    is_shown = page in ("jobs", "job")  # the others compare, and show nothing
    for one in HOSTILE[:: step if is_shown else 3 * step]:
        text = one.text.encode("utf-8", "replace").decode()  # a browser sends no other
        for parameter in ADDRESSES[page]:
            app.query_params[parameter] = text
        looked_at(app.run(), sent)
    assert all(is_a_route(target) for target in server.requests)


def is_a_route(target: str) -> bool:
    """Whether a request was for one of the routes that the app knows, however its id looks."""
    return (
        re.fullmatch(
            r"/(health|api/(about|jobs(/[^/?]+(/(logs|errors))?)?|stats/[\w-]+(/\d+)?|library(/\d+)?|plans"
            r"|config/polling))(\?.*)?",
            target,
        )
        is not None
    )


def draw_hostile_records() -> None:
    """A page of its own with all that is drawn of what is known of jobs."""
    from datetime import UTC, datetime, timedelta

    import streamlit as st

    from tests.hostile_text import HOSTILE
    from tests.tracked import tracker_of
    from vpo_monitor.analysis.charts.timeline import Lanes, build_timeline
    from vpo_monitor.analysis.exports.provenance import Provenance
    from vpo_monitor.api.server import Server
    from vpo_monitor.history.records import JobRecord
    from vpo_monitor.views.reasons_view import failure_reasons
    from vpo_monitor.views.run_times_view import run_time_charts
    from vpo_monitor.views.timeline_chart import timeline_chart
    from vpo_monitor.views.timeline_table import timeline_table

    begin = datetime(2026, 11, 24, 12, tzinfo=UTC)
    statuses = ("completed", "failed")
    records = [
        JobRecord(
            id=f"{status} {place}",
            job_type=one.text,
            status=status,
            file_path=f"/srv/{one.text}",
            policy_name=one.text,
            started_at=begin + timedelta(minutes=place),
            completed_at=begin + timedelta(minutes=place + 0.9),
            error=one.text,
            has_detail=True,
        )
        for place, one in enumerate(HOSTILE)
        for status in statuses
    ]
    # Of one type, each is so long that a dot of its own names its file.
    unusual = [
        one._replace(job_type="move", completed_at=begin + timedelta(days=1)) for one in records
    ]
    usual = [records[0]._replace(job_type="move", file_path="/srv/usual")] * 1000
    origin = Provenance(Server("VPO", "http://nas:8321"), begin)
    run_time_charts(tracker_of([*records, *unusual, *usual]), None, 1, origin)
    failure_reasons([one for one in records if one.status == "failed"], origin, begin)
    timeline = build_timeline(records, begin, begin + timedelta(days=1), Lanes.SLOT)
    timeline_chart(timeline, "")
    st.session_state["timeline-table-open"] = True
    timeline_table(timeline, origin)


def test_what_is_known_of_hostile_jobs_is_drawn_as_text(
    sent: SentText, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vpo_monitor.views.timeline_chart.target", lambda page, _: f"/{page}")
    app = AppTest.from_function(draw_hostile_records, default_timeout=20).run()
    assert looked_at(app, sent) == EXPECTED[Kind.WORDS]
    tables = [frame for frame in app.dataframe if "lane" in frame.value]
    assert [len(table.value) for table in tables] == [2 * len(HOSTILE)]
