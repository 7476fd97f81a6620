"""Each state of the connection has its own word and look, and leaves by itself."""

import contextlib
import re
from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Frame, Page, expect

from tests.browser.accessibility import serious_violations
from tests.browser.conftest import (
    BADGE,
    GRID,
    Eventually,
    expect_silence,
    messages_to_app,
    running_app,
    status_tab,
)
from tests.vpo_server import Fault, VpoServer, start

RUNNING = "3fa3b1d6-1111-4222-8333-444455556666"
LOG_INTERVAL = 2.0
LONG = pytest.mark.long
TABLE = "[data-testid=stDataFrame] canvas"
STALE = f"() => getComputedStyle(document.querySelector('.st-key-jobs-table {TABLE}')).opacity"


@pytest.fixture(scope="module")
def server() -> Iterator[VpoServer]:
    """A server with past jobs and one that runs."""
    with start(worker=False, history=30, seed=1, rate_limit=None) as running:
        running.store.add_job(
            id=RUNNING, job_type="scan", status="running", file_path="/srv/running.mkv"
        )
        yield running


@pytest.fixture(scope="module")
def app(server: VpoServer) -> Iterator[str]:
    settings = {"VPO_MONITOR_POLL_INTERVAL": "2", "VPO_MONITOR_LOG_INTERVAL": "2"}
    with running_app(VPO_MONITOR_API_URL=server.url, **settings) as url:
        yield url


@pytest.fixture(autouse=True)
def _healthy(server: VpoServer) -> Iterator[None]:
    yield
    server.faults.clear()


RATE_LIMITED = re.compile(r"Rate limited.*until [012]\d:\d\d:\d\d$")


@pytest.mark.parametrize(
    ("fault", "options", "word", "sentence"),
    [
        (
            Fault.DATABASE_LOCKED,
            {"seconds": 0.1},
            "Database locked",
            "has locked VPO's database",
        ),
        pytest.param(
            Fault.DATABASE_LOCKED, {"seconds": 30.0}, "Slow", "slow to respond", marks=LONG
        ),
        pytest.param(
            Fault.RATE_LIMITED,
            {"retry_after": "9"},
            RATE_LIMITED,
            "too many requests",
            marks=LONG,
        ),
        pytest.param(Fault.SHUTTING_DOWN, {}, "Shutting down", "shutting down", marks=LONG),
        pytest.param(Fault.REFUSED, {}, "Reconnecting", "cannot be reached", marks=LONG),
        pytest.param(
            Fault.MALFORMED,
            {"kind": "html"},
            "Reconnecting",
            "isn't JSON",
            marks=LONG,
        ),
        (Fault.UNAUTHORIZED, {}, "Token rejected", "VPO_MONITOR_API_TOKEN"),
    ],
)
def test_a_failure_is_named_and_its_end_is_seen_without_a_click(
    fault: Fault,
    options: dict[str, object],
    word: str | re.Pattern[str],
    sentence: str,
    page: Page,
    app: str,
    server: VpoServer,
) -> None:
    page.goto(f"{app}/jobs")
    badge = page.locator(BADGE)
    expect(badge).to_contain_text("Live")
    server.faults.set(fault, **options)  # type: ignore[arg-type]
    expect(badge).to_contain_text(word)
    expect(page.locator(".stMain")).to_contain_text(sentence)
    expect(page.locator(".st-key-jobs-table canvas").first).to_be_visible()
    server.faults.clear()
    if fault is Fault.UNAUTHORIZED:  # polling has stopped: only a viewer may try again
        page.get_by_role("button", name="Refresh").click()
    expect(badge).to_contain_text("Live", timeout=30_000)


@pytest.mark.long
def test_a_login_that_works_again_is_seen_by_those_who_did_not_try(
    page: Page, app: str, server: VpoServer
) -> None:
    other = page.context.new_page()
    for one in (page, other):
        one.goto(f"{app}/jobs")
        expect(one.locator(BADGE)).to_contain_text("Live")
    server.faults.set(Fault.UNAUTHORIZED)
    for one in (page, other):
        expect(one.locator(BADGE)).to_contain_text("Token rejected")
    server.faults.clear()
    page.get_by_role("button", name="Refresh").click()
    expect(other.locator(BADGE)).to_contain_text("Live")


def test_offline_counts_down_and_can_be_tried_at_once(
    page: Page, app: str, server: VpoServer
) -> None:
    page.goto(f"{app}/jobs")
    badge = page.locator(BADGE)
    expect(badge).to_contain_text("Live")
    server.faults.set(Fault.REFUSED)
    expect(badge).to_contain_text("Offline", timeout=60_000)
    expect(badge).to_contain_text(re.compile(r"retrying in [1-9]\d* s"))
    expect(page.locator(".stMain")).to_contain_text("cannot be reached")
    server.faults.clear()
    page.get_by_role("button", name="Refresh").click()
    expect(badge).to_contain_text("Live")


def test_old_data_looks_old_and_its_running_times_stop(
    clocked_page: Page, app: str, server: VpoServer
) -> None:
    page = clocked_page
    page.goto(f"{app}/jobs?status=running")
    expect(page.locator(BADGE)).to_contain_text("Live")
    page.locator("[data-testid=stDataFrame]").first.wait_for()
    assert page.evaluate(STALE) == "1"
    server.faults.set(Fault.DATABASE_LOCKED, seconds=0.1)
    page.wait_for_function(f"() => ({STALE})() === '0.65'")
    expect(page.locator(BADGE)).to_contain_text(re.compile(r"updated \d+ s ago"))
    elapsed = page.locator('.st-key-jobs-table [data-testid="glide-cell-7-0"]')
    before = elapsed.inner_text()  # in seconds
    assert before.isdigit()
    page.clock.fast_forward(3000)  # a time that still ran would show it
    assert elapsed.inner_text() == before
    server.faults.clear()
    page.get_by_role("button", name="Refresh").click()
    page.wait_for_function(f"() => ({STALE})() === '1'")


def test_old_data_is_marked_though_nothing_is_drawn(clocked_page: Page, server: VpoServer) -> None:
    page = clocked_page
    with running_app(VPO_MONITOR_API_URL=server.url) as app:
        page.goto(f"{app}/jobs?interval=60")
        expect(page.locator(BADGE)).to_contain_text("Live")
        page.locator("[data-testid=stDataFrame]").first.wait_for()
        assert page.evaluate(STALE) == "1"
    page.clock.fast_forward("02:30")
    expect(page.locator(BADGE)).to_contain_text("Not updating")
    page.wait_for_function(f"() => ({STALE})() === '0.65'")


@pytest.mark.long
@pytest.mark.parametrize(("width", "height"), [(1280, 600), (390, 844)])
def test_how_old_the_page_is_stays_in_view(
    width: int, height: int, page: Page, app: str, eventually: Eventually
) -> None:
    page.set_viewport_size({"width": width, "height": height})
    page.goto(app)
    expect(page.locator(BADGE)).to_contain_text("Live")
    expect(page.locator(".st-key-failures a").first).to_be_visible()
    end = page.get_by_text("Times in")
    end.scroll_into_view_if_needed()
    expect(end).to_be_in_viewport()
    # What is seen at its place is the badge itself, with nothing over or behind it.
    on_top = """(badge) => {
      const box = badge.getBoundingClientRect(), root = badge.getRootNode();
      const seen = root.elementFromPoint(box.left + 20, box.top + box.height / 2);
      return badge.contains(seen) && box.top < 100;
    }"""
    badge = page.locator(BADGE)
    eventually(lambda: badge.evaluate(on_top))


# Follows a link and ticks at once, as the timer may that knows of nothing.
LEAVE_AND_TICK = """() => {
  const links = [...parent.document.querySelectorAll(".stSidebar a")];
  links.find((link) => link.textContent.includes("Jobs")).click();
  const tick = { type: "streamlit:setComponentValue", value: 1e6, dataType: "json" };
  parent.postMessage({ isStreamlitMessage: true, ...tick }, "*");
}"""


def test_a_page_that_one_goes_to_while_the_one_before_ticks_is_not_left_empty(
    page: Page, app: str, eventually: Eventually
) -> None:
    page.goto(f"{app}/?interval=60")  # a tick that is late would bring the timer after 65 s
    expect(page.locator(BADGE)).to_contain_text(re.compile("Live|Idle"))
    timers: list[Frame] = []

    def is_there() -> bool:  # the frame is there before it has its address
        timers[:] = [frame for frame in page.frames if "autorefresh" in frame.url]
        return bool(timers)

    eventually(is_there)
    timers[0].evaluate(LEAVE_AND_TICK)
    expect(page).to_have_url(re.compile("/jobs"))
    expect(page.get_by_role("heading", name="Jobs")).to_be_visible()
    expect(page.locator(BADGE)).to_contain_text(re.compile("Live|Idle"))


def test_a_held_database_leaves_counts_and_logs_live(
    clocked_page: Page, app: str, server: VpoServer, eventually: Eventually
) -> None:
    page = clocked_page
    job = server.store.add_job(job_type="transcode", status="running", file_path="/srv/held.mkv")
    log = page.locator(".st-key-job-log textarea")
    with contextlib.ExitStack() as undo:
        undo.callback(server.store.update_job, job, status="cancelled")
        page.goto(f"{app}/jobs")
        expect(page.locator(GRID)).to_contain_text("held.mkv")
        page.goto(f"{app}/job?id={job}")
        expect(page.locator(BADGE)).to_contain_text("Live")
        server.faults.set(Fault.DATABASE_LOCKED, seconds=0.1)
        expect(page.locator(BADGE)).to_contain_text("Database locked")
        server.store.append_log(job, ["[2026-11-24T10:00:00.000000Z] while held"])
        eventually(lambda: "while held" in log.input_value())
        expect(page.locator(".st-key-job-facts")).to_contain_text("/srv/held.mkv")
        expect(page.locator("html")).to_have_attribute("data-old", "")
        run_time = page.locator(".vpo-card", has_text="Run time")
        before = run_time.inner_text()
        page.clock.fast_forward(3000)  # a time that still ran would show it
        assert run_time.inner_text() == before
        page.goto(f"{app}/jobs")
        expect(page.locator(BADGE)).to_contain_text("Database locked")
        expect(status_tab(page, "Queued 0")).to_be_visible()
        server.store.add_job(job_type="move", status="queued", file_path="/srv/next.mkv")
        expect(status_tab(page, "Queued 1")).to_be_visible()
        expect(page.locator("html")).to_have_attribute("data-old", "")
        expect(page.locator("html")).not_to_have_attribute("data-old-counts", "")


@pytest.mark.long
def test_a_wait_of_which_nobody_knows_whether_it_goes_on_stands_still(
    clocked_page: Page, app: str, server: VpoServer
) -> None:
    page = clocked_page
    server.store.add_job(job_type="move", status="queued", file_path="/srv/next.mkv")
    page.goto(app)
    wait = page.locator(".st-key-queue time").first  # while it is drawn anew there can be two
    expect(wait).to_contain_text("waiting")
    server.faults.set(Fault.REFUSED)
    expect(page.locator("html")).to_have_attribute("data-old", "")
    before = wait.inner_text()
    page.clock.fast_forward(3000)  # a time that still ran would show it
    assert wait.inner_text() == before
    server.faults.clear()
    expect(wait).not_to_have_text(before)


def opacities(page: Page, *selectors: str) -> list[str]:
    """The opacities of these once the page is marked as old."""
    found: list[str] = page.evaluate(
        """(selectors) => {
          document.querySelector("html").setAttribute("data-old", "");
          return selectors.map((one) => getComputedStyle(document.querySelector(one)).opacity);
        }""",
        selectors,
    )
    return found


@pytest.mark.long
def test_what_vpo_said_fades_and_the_settings_do_not(page: Page, app: str) -> None:
    page.goto(f"{app}/server")
    expect(page.locator(".st-key-settings canvas").first).to_be_visible()
    assert opacities(page, ".st-key-server-facts", f".st-key-settings {TABLE}") == ["0.65", "1"]
    page.goto(f"{app}/statistics")
    chart = "[data-testid=stVegaLiteChart] svg.marks"
    for one in (chart, TABLE):
        expect(page.locator(one).first).to_be_attached()
    assert opacities(page, chart, TABLE) == ["0.65", "0.65"]


def test_what_passes_soon_moves_nothing(page: Page, app: str, server: VpoServer) -> None:
    page.goto(f"{app}/jobs")
    badge, table = page.locator(BADGE), page.get_by_test_id("stDataFrame")
    expect(badge).to_contain_text("Live")
    expect(table).to_be_visible()
    before = table.bounding_box(), page.locator(".st-key-refresh").bounding_box()
    server.faults.set(Fault.DATABASE_LOCKED, seconds=30.0)
    expect(badge).to_contain_text("VPO is slow to respond")
    assert (table.bounding_box(), page.locator(".st-key-refresh").bounding_box()) == before
    page.keyboard.press("p")
    expect(page.locator(".st-key-notice-text")).to_contain_text("Updates are paused")
    assert (table.bounding_box(), page.locator(".st-key-refresh").bounding_box()) == before


@pytest.mark.long
def test_a_quiet_server_is_called_so(page: Page, eventually: Eventually) -> None:
    with (
        start(worker=False, history=5, seed=1) as quiet,
        running_app(VPO_MONITOR_API_URL=quiet.url, VPO_MONITOR_POLL_INTERVAL="2") as app,
    ):
        page.goto(f"{app}/jobs")
        expect(page.locator(BADGE)).to_contain_text("Idle")
        looks = asked(quiet, "/health") + 3
        eventually(lambda: asked(quiet, "/health") >= looks)
        assert asked(quiet, "/api/jobs") <= 2
        quiet.store.add_job(job_type="scan", status="queued", file_path="/srv/new.mkv")
        cell = page.locator('.st-key-jobs-table [role="gridcell"]', has_text="new.mkv")
        expect(cell.first).to_be_attached()
        expect(page.locator(BADGE)).to_contain_text("Live")


def asked(server: VpoServer, path: str) -> int:
    return sum(request.path == path for request in server.requests)


def ticks_have_ended(page: Page, sent: list[str | bytes]) -> bool:
    """Whether the page sends nothing for ten seconds of its clock: two ticks and more."""
    sent.clear()
    page.clock.fast_forward("00:10")
    page.evaluate("() => new Promise((done) => requestIdleCallback(done))")
    return not sent


def test_a_viewer_s_own_interval_is_kept_over_pages_and_a_reload(
    clocked_page: Page, app: str, server: VpoServer, eventually: Eventually
) -> None:
    page = clocked_page
    sent = messages_to_app(page)
    page.goto(f"{app}/jobs")
    expect(page.locator(BADGE)).to_contain_text("Live")
    page.locator(".st-key-interval-choice").click()
    page.get_by_role("menuitem", name="Paused").click()
    expect(page.locator(BADGE)).to_contain_text("Paused")
    page.wait_for_url(re.compile("interval=off"))
    eventually(lambda: ticks_have_ended(page, sent))  # one may be due at the pause
    expect_silence(page, sent)
    looks = asked(server, "/health")
    page.get_by_role("button", name="Refresh").click()
    eventually(lambda: asked(server, "/health") > looks)
    page.locator("[data-testid=stSidebar]").get_by_text("Server").click()
    page.wait_for_url(re.compile("/server"))
    expect(page.locator(BADGE)).to_contain_text("Paused")
    page.wait_for_url(re.compile("interval=off"))
    page.reload()
    expect(page.locator(BADGE)).to_contain_text("Paused")


@pytest.mark.parametrize(
    ("scheme", "width"),
    [
        ("light", 1280),
        *(
            pytest.param(*look, marks=LONG)
            for look in (("dark", 1280), ("light", 390), ("dark", 390))
        ),
    ],
)
@pytest.mark.parametrize(
    "path",
    [
        "",
        "jobs",
        *(
            pytest.param(one, marks=LONG)
            for one in ("job", "timeline", "statistics", "library", "server")
        ),
    ],
)
def test_axe_finds_nothing_serious(
    path: str, scheme: Literal["light", "dark"], width: int, page: Page, app: str
) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{app}/{path}?id={RUNNING}")
    expect(page.locator(BADGE)).to_contain_text(re.compile("Live|Idle"))
    if path in ("statistics", "library"):
        expect(page.locator(".stVegaLiteChart svg").first).to_be_visible()
    # What is old fades, and a loaded machine may be that late.
    expect(page.locator("html:is([data-old], [data-old-counts])")).to_have_count(0)
    assert serious_violations(page) == {}


def test_on_a_phone_a_longer_badge_moves_nothing(
    page: Page, app: str, server: VpoServer, eventually: Eventually
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(app)
    badge = page.locator(BADGE)
    expect(badge).to_contain_text(re.compile("Live|Idle"))
    bar = page.locator(".st-key-status-bar")
    height = bar.evaluate("bar => bar.offsetHeight")
    server.faults.set(Fault.DATABASE_LOCKED, seconds=0.1, routes={"jobs"})
    expect(badge).to_contain_text(re.compile(r"Database locked.* ago . retry in \d+ s"))
    assert bar.evaluate("bar => bar.offsetHeight") == height
