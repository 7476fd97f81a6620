"""A job's log as people work with it."""

import random
import re
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, WebSocket, expect
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests.browser.accessibility import serious_violations
from tests.browser.conftest import BADGE, Eventually, running_app
from tests.vpo_server import Fault, VpoServer, start

AREA = ".st-key-job-log textarea"
COUNT = ".st-key-job-log .count"
MATCHES = ".st-key-job-log .marks-h b"
NOTE = ".st-key-job-log .note"
INTERVAL = 2.0


@pytest.fixture(scope="module")
def server() -> Iterator[VpoServer]:
    with start(worker=False, history=5, seed=1, rate_limit=None) as running:
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


@pytest.fixture
def job(server: VpoServer) -> Iterator[str]:
    """A running job whose log a test writes."""
    made = server.store.add_job(job_type="transcode", status="running", file_path="/srv/log.mkv")
    yield made
    server.store.update_job(made, status="cancelled")


def lines(first: int, last: int) -> list[str]:
    return [f"[2026-11-23T21:52:29.{n:06}Z] line {n}" for n in range(first, last + 1)]


def open_log(page: Page, app: str, job: str, query: str = "") -> Locator:
    page.goto(f"{app}/job?id={job}{query}")
    area = page.locator(AREA)
    area.wait_for()
    return area


def shown(area: Locator) -> list[str]:
    """The lines without their times."""
    text = area.input_value()
    return [re.sub(r"^\[.*?\] ", "", line) for line in text.split("\n")] if text else []


def is_at_end(area: Locator) -> bool:
    at_end: bool = area.evaluate("n => n.scrollTop + n.clientHeight >= n.scrollHeight - 8")
    return at_end


def search(page: Page, text: str) -> Locator:
    """Search the log; gives the field."""
    find = page.get_by_label("Find in log")
    find.fill(text)
    find.press("Enter")
    return find


def log_requests(server: VpoServer, job: str) -> int:
    return len([r for r in server.requests if r.path == f"/api/jobs/{job}/logs"])


def test_a_log_opens_at_its_end_in_two_requests(
    page: Page, app: str, server: VpoServer, job: str, eventually: Eventually
) -> None:
    server.store.append_log(job, lines(1, 12_000))
    area = open_log(page, app, job)
    expect(page.locator(COUNT)).to_have_text("Last 500 of 12,000 lines")
    assert shown(area) == [f"line {n}" for n in range(11_501, 12_001)]
    eventually(lambda: is_at_end(area))
    opening = [r.query for r in server.requests if r.path.endswith(f"{job}/logs")][:2]
    assert opening == ["lines=500&offset=0", "lines=1000&offset=11500"]


def test_new_lines_come_one_by_one_and_none_twice(
    page: Page, app: str, server: VpoServer, job: str, eventually: Eventually
) -> None:
    server.store.append_log(job, lines(1, 490))
    area = open_log(page, app, job)
    chance, last = random.Random(2), 490
    canvas = area.element_handle()
    for turn in range(4):
        if turn == 2:  # the server is started again
            server.faults.set(Fault.REFUSED)
            expect(page.locator(BADGE)).to_contain_text("Reconnecting")
            server.faults.clear()
            # By itself the app tries later, the longer the server was gone.
            page.get_by_role("button", name="Refresh").click()
        count = chance.randrange(1, 30)
        server.store.append_log(job, lines(last + 1, last + count))
        last += count
        eventually(lambda last=last: shown(area)[-1] == f"line {last}")  # type: ignore[misc]
        first = max(1, last - 499)
        assert shown(area) == [f"line {n}" for n in range(first, last + 1)]
        eventually(lambda: is_at_end(area))
    assert canvas is not None
    assert canvas.evaluate("node => node.isConnected")


def test_who_scrolls_up_keeps_the_place_and_is_told_of_new_lines(
    page: Page, app: str, server: VpoServer, job: str, eventually: Eventually
) -> None:
    server.store.append_log(job, lines(1, 600))
    area = open_log(page, app, job)
    eventually(lambda: is_at_end(area))
    area.hover()
    page.mouse.wheel(0, -900)
    eventually(lambda: not is_at_end(area))
    top, before = area.evaluate("n => n.scrollTop"), shown(area)
    area.evaluate("n => n.setSelectionRange(100, 130)")
    server.store.append_log(job, lines(601, 612))
    button = page.locator(".st-key-job-log .new")
    expect(button).to_have_text("12 new lines")
    assert (area.evaluate("n => n.scrollTop"), shown(area)) == (top, before)
    server.store.append_log(job, lines(613, 613))
    expect(button).to_have_text("13 new lines")
    assert area.evaluate("n => [n.selectionStart, n.selectionEnd]") == [100, 130]
    page.get_by_role("button", name="Display").click()
    page.get_by_text("Line numbers").click()  # all rows are drawn again
    expect(page.locator(".st-key-job-log .frame")).not_to_contain_class("numbered")
    expect(button).to_have_text("13 new lines")
    before = shown(area)
    assert before[-1] == "line 600"
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Refresh").click()
    server.store.append_log(job, lines(614, 614))
    expect(button).to_have_text("14 new lines")
    assert shown(area) == before
    button.click()
    eventually(lambda: is_at_end(area))
    expect(button).to_be_hidden()
    assert shown(area) == [f"line {n}" for n in range(115, 615)]


@pytest.mark.parametrize("moment", ["before", "after"])
def test_who_scrolls_up_in_the_moment_of_new_lines_keeps_the_place(
    own_page: Page, app: str, server: VpoServer, job: str, eventually: Eventually, moment: str
) -> None:
    page = own_page
    page.add_init_script(f"""
        const scroll = () => {{
            const {{ area }} = window;
            window.area = null;
            area.dispatchEvent(new WheelEvent("wheel"));
            area.scrollTop -= 900;
        }};
        addEventListener("vpo-log-news", () => {{
            if (!window.area) return;
            if ("{moment}" === "before") scroll();  // the event of it is due with the next frame
            else queueMicrotask(scroll);  // the log is still being scrolled to its end
        }});
    """)
    server.store.append_log(job, lines(1, 600))
    area = open_log(page, app, job)
    eventually(lambda: is_at_end(area))
    server.store.append_log(job, lines(601, 612))
    area.evaluate("area => { window.area = area; }")
    eventually(lambda: page.evaluate("window.area === null"))
    server.store.append_log(job, lines(613, 613))
    expect(page.locator(".st-key-job-log .new")).to_contain_text("new line")
    assert not is_at_end(area)


def test_the_last_lines_of_a_job_that_ends_are_not_missed(
    page: Page, app: str, server: VpoServer, job: str, eventually: Eventually
) -> None:
    server.store.append_log(job, lines(1, 3))
    area = open_log(page, app, job)
    server.store.append_log(job, lines(4, 250))
    server.store.update_job(job, status="completed", progress_percent=100.0)
    expect(page.locator(BADGE)).to_contain_text("Finished")
    expect(area).to_have_value(re.compile("line 250$"))  # drawn once the badge has been told
    assert shown(area) == [f"line {n}" for n in range(1, 251)]


@pytest.mark.long
def test_a_log_that_was_replaced_is_read_anew_and_said(
    page: Page, app: str, server: VpoServer, job: str
) -> None:
    server.store.append_log(job, lines(1, 300))
    area = open_log(page, app, job)
    expect(area).to_have_value(re.compile("line 300"))
    server.store.logs.replace(job, lines(901, 903))
    expect(page.locator(".stMain")).to_contain_text("Log changed on the server")
    expect(area).to_have_value("\n".join(lines(901, 903)))


def test_earlier_lines_come_in_pages_up_to_the_first(
    page: Page, app: str, server: VpoServer, job: str, eventually: Eventually
) -> None:
    server.store.append_log(job, lines(1, 1300))
    area = open_log(page, app, job)
    count = page.locator(COUNT)
    earlier = page.get_by_role("button", name="Earlier lines")
    expect(count).to_have_text("Last 500 of 1,300 lines")
    server.faults.set(Fault.SLOW, seconds=30.0, routes={"logs"})
    earlier.click()
    expect(page.get_by_text("Loading lines")).to_be_visible()
    expect(count).to_have_text("Last 500 of 1,300 lines")  # what was on screen stays until then
    server.faults.clear()
    expect(count).to_have_text("Lines 301 to 800 of 1,300")
    earlier.click()
    expect(count).to_have_text("Lines 1 to 500 of 1,300")
    assert shown(area) == [f"line {n}" for n in range(1, 501)]
    expect(earlier).to_be_disabled()
    page.get_by_role("button", name="Refresh").click()
    server.store.append_log(job, lines(1301, 1301))
    expect(count).to_have_text("Lines 1 to 500 of 1,301")
    page.get_by_role("button", name="Later lines").click()
    expect(count).to_have_text("Lines 501 to 1,000 of 1,301")
    page.get_by_role("button", name="Newest lines").click()
    expect(count).to_have_text("Last 500 of 1,301 lines")
    eventually(lambda: is_at_end(area))


def test_a_link_to_a_line_opens_there(page: Page, app: str, server: VpoServer, job: str) -> None:
    server.store.append_log(job, lines(1, 5000))
    area = open_log(page, app, job, "&line=2345")
    expect(page.locator(COUNT)).to_have_text("Lines 2,095 to 2,594 of 5,000")
    chosen = "n => n.value.slice(n.selectionStart, n.selectionEnd)"
    expect(page.locator('.st-key-job-log .chosen [data-line="2345"]')).to_be_in_viewport()
    assert area.evaluate(chosen) == lines(2345, 2345)[0]
    page.get_by_role("button", name="Newest lines").click()
    expect(page.locator(COUNT)).to_have_text("Last 500 of 5,000 lines")
    page.locator('.st-key-job-log [data-line="4990"]').click()
    page.wait_for_url(re.compile("line=4990"))
    expect(page.locator(".st-key-job-log .status")).to_contain_text("Link to line 4,990 copied")
    page.reload()
    expect(page.locator(COUNT)).to_have_text("Lines 4,501 to 5,000 of 5,000")
    expect(page.locator('.st-key-job-log .chosen [data-line="4990"]')).to_be_visible()
    assert area.evaluate(chosen) == lines(4990, 4990)[0]


def test_a_search_finds_what_is_not_on_screen_and_goes_there(
    page: Page, app: str, server: VpoServer, job: str
) -> None:
    written = lines(1, 4000)
    for n in (10, 1500, 3990):
        written[n - 1] += " \x1b[31mERROR\x1b[0m: needle"
    server.store.append_log(job, written)
    area = open_log(page, app, job)
    expect(page.locator(".st-key-job-log .marks-e")).to_contain_text("1 error")
    search(page, "error: NEEDLE")
    matches = page.locator(MATCHES)
    expect(matches).to_have_text("3 of 3 matches")
    chosen = "n => n.value.slice(n.selectionStart, n.selectionEnd)"
    previous = page.get_by_role("button", name="Previous match")
    # The newest match on screen is chosen at once.
    for n, place in ((3990, 3), (1500, 2), (10, 1)):
        if n != 3990:
            previous.click()
        expect(page.locator(f'.st-key-job-log .chosen [data-line="{n}"]')).to_be_visible()
        expect(matches).to_have_text(f"{place} of 3 matches")
        assert area.evaluate(chosen).startswith(lines(n, n)[0])
    only = page.get_by_text("Only matching lines")
    only.click()
    expect(area).to_have_value(re.compile("^.* line 10 .*\n.* line 1500 .*\n.* line 3990 .*$"))
    expect(matches).to_have_text("1 of 3 matches")
    expect(page.locator(COUNT)).to_be_empty()
    page.locator('.st-key-job-log [data-line="1500"]').click()
    expect(matches).to_have_text("2 of 3 matches")
    only.click()
    expect(page.locator('.st-key-job-log .chosen [data-line="1500"]')).to_be_visible()
    expect(page.locator(COUNT)).to_have_text("Lines 1,250 to 1,749 of 4,000")
    only.click()
    expect(page.locator(COUNT)).to_be_empty()
    assert [line.split()[1] for line in shown(area)] == ["10", "1500", "3990"]
    server.store.append_log(job, ["[2026-11-23T22:00:00.000000Z] a new needle: error: needle"])
    expect(matches).to_have_text("2 of 4 matches")
    expect(area).to_have_value(re.compile("error: needle$"))
    search(page, "(")
    expect(matches).to_have_text("0 matches")
    page.get_by_text("Regular expression").click()
    expect(page.locator(NOTE)).to_contain_text("Invalid regular expression")
    expect(matches).to_be_hidden()


@pytest.mark.long
def test_enter_goes_from_match_to_match_and_around(
    page: Page, app: str, server: VpoServer, job: str
) -> None:
    written = lines(1, 2000)
    for n in (100, 1700, 1800, 1900):
        written[n - 1] += " 🎬 ERROR: a needle, a Needle"
    server.store.append_log(job, written)
    open_log(page, app, job)
    find, matches = search(page, "needle"), page.locator(MATCHES)
    expect(matches).to_have_text("4 of 4 matches")
    for key, line, place in (
        ("Shift+Enter", 1800, 3),
        ("Enter", 1900, 4),
        ("Enter", 100, 1),  # on another page of the log
        ("Shift+Enter", 1900, 4),
        ("Enter", 100, 1),
        ("Enter", 1700, 2),
    ):
        find.press(key)
        expect(page.locator(f'.st-key-job-log .chosen [data-line="{line}"]')).to_be_visible()
        expect(matches).to_have_text(f"{place} of 4 matches")
        expect(find).to_be_focused()
    expect(page.locator(".st-key-job-log .chosen mark")).to_have_text(["needle", "Needle"])
    # The matches are the only marks that are counted.
    expect(page.locator(".st-key-job-log .marks-e")).to_be_hidden()
    find.fill("")
    find.press("Enter")
    expect(page.locator(".st-key-job-log .marks-e")).to_be_visible()
    expect(page.locator(".st-key-job-log mark")).to_have_count(0)


def test_found_text_is_marked_where_it_stands(
    page: Page, app: str, server: VpoServer, job: str, eventually: Eventually
) -> None:
    server.store.append_log(job, ["\t映画 🎬 <b>x</b> needle" + " more" * 200, "last"])
    area = open_log(page, app, job)
    search(page, "NEEDLE")
    mark = page.locator(".st-key-job-log mark")
    expect(mark).to_have_text("needle")
    left = "n => n.getBoundingClientRect().left"
    # The same text in the same font as the text area's, measured up to the mark.
    measured = area.evaluate(
        """n => {
          const copy = document.createElement("span"), style = getComputedStyle(n);
          Object.assign(copy.style, { font: style.font, tabSize: style.tabSize,
                                      whiteSpace: "pre", position: "absolute" });
          copy.textContent = n.value.split("needle")[0];
          document.body.append(copy);
          const { left } = n.getBoundingClientRect(), { width } = copy.getBoundingClientRect();
          copy.remove();
          return left + parseFloat(style.paddingLeft) + width;
        }"""
    )
    before = mark.evaluate(left)
    assert before == pytest.approx(measured, abs=1)
    area.evaluate("n => { n.scrollLeft = 50; }")
    eventually(lambda: abs(mark.evaluate(left) - (before - 50)) < 1)


def test_an_outline_lists_the_sections_and_goes_there(
    page: Page, app: str, server: VpoServer, job: str, eventually: Eventually
) -> None:
    server.store.append_log(
        job,
        [
            "[2026-11-23T21:52:29.000000Z] Workflow phases: tracks, <b>compress</b>",
            "[2026-11-23T21:52:30.000000Z] Phase tracks: OK (1 changes, 0.1s)",
            *lines(3, 300),
            "Phase none: FAILED (1 changes, 1.0s)",  # a program's line
        ],
    )
    area = open_log(page, app, job)
    sections = page.locator(".st-key-job-log .section")
    expect(sections).to_have_text(["Workflow phases: tracks, <b>compress</b>", "✓tracks0.1 s"])
    eventually(lambda: is_at_end(area))
    page.get_by_role("button", name="tracks 0.1 s").click()
    expect(page.locator('.st-key-job-log .chosen [data-line="2"]')).to_be_in_viewport()
    top = area.evaluate("n => n.getBoundingClientRect().top")
    server.store.append_log(
        job, ["[2026-11-23T21:53:29.000000Z] Phase <b>compress</b>: FAILED (0 changes, 725.3s)"]
    )
    failed = page.get_by_role("button", name="failed <b>compress</b> 12 min 05 s")
    expect(failed).to_be_visible()
    assert area.evaluate("n => n.getBoundingClientRect().top") == top
    failed.click()  # held back so far, as the viewer reads elsewhere
    expect(page.locator('.st-key-job-log .chosen [data-line="302"]')).to_be_in_viewport()


@pytest.mark.long
@pytest.mark.parametrize("width", [1280, 390])
def test_counts_and_sections_do_not_move_the_log(
    page: Page, app: str, server: VpoServer, job: str, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    server.store.append_log(job, lines(1, 1200))
    area = open_log(page, app, job)
    expect(page.get_by_text("No sections in these lines")).to_be_visible()
    top = area.evaluate("n => n.getBoundingClientRect().top + scrollY")
    new = [f"[2026-11-23T21:53:29.{n:06}Z] ERROR: {n} WARNING" for n in range(12)]
    new += [f"[2026-11-23T21:53:29.{n:06}Z] Command: {n} WARNING" for n in range(100)]
    server.store.append_log(job, new)
    expect(page.locator(".st-key-job-log .marks-w")).to_be_visible()
    expect(page.locator(".st-key-job-log .section")).to_have_count(101)
    assert area.evaluate("n => n.getBoundingClientRect().top + scrollY") == top
    search(page, "warning")
    expect(page.locator(MATCHES)).to_have_text("112 of 112 matches")
    page.get_by_text("Regular expression").click()
    search(page, "(" * 50)
    expect(page.locator(NOTE)).to_contain_text("Invalid regular expression")
    page.locator(".stMain").evaluate("n => { n.scrollTop = 0; }")
    assert area.evaluate("n => n.getBoundingClientRect().top + scrollY") == top


@pytest.mark.long
def test_a_log_is_as_high_as_its_lines_need(
    page: Page, app: str, server: VpoServer, job: str, eventually: Eventually
) -> None:
    server.store.append_log(job, lines(1, 3))
    area = open_log(page, app, job)
    assert area.evaluate("n => [n.offsetHeight, n.clientHeight >= n.scrollHeight]") == [54, True]
    server.store.append_log(job, lines(4, 8))
    eventually(lambda: area.evaluate("n => n.offsetHeight") == 8 * 18)
    server.store.append_log(job, ["a long line " * 50])
    eventually(lambda: area.evaluate("n => n.clientHeight") == 9 * 18)
    server.store.append_log(job, lines(10, 200))
    eventually(lambda: area.evaluate("n => n.offsetHeight") == 26 * 16)


@pytest.mark.long
def test_a_match_chosen_among_the_matching_lines_is_shown_among_its_neighbors(
    page: Page, app: str, server: VpoServer, job: str
) -> None:
    written = lines(1, 2000)
    for n in (700, 1990):
        written[n - 1] += " needle"
    server.store.append_log(job, written)
    open_log(page, app, job)
    search(page, "needle")
    expect(page.locator(MATCHES)).to_have_text("2 of 2 matches")
    only = page.get_by_text("Only matching lines")
    only.click()
    expect(page.locator(COUNT)).to_be_empty()
    page.locator('.st-key-job-log [data-line="700"]').click()
    only.click()
    expect(page.locator(COUNT)).to_have_text("Lines 450 to 949 of 2,000")


@pytest.mark.long
def test_errors_and_warnings_are_counted_and_stepped_through(
    page: Page, app: str, server: VpoServer, job: str
) -> None:
    written = lines(1, 400)
    written[99] += " ERROR: one"
    written[199] += " WARNING: two"
    written[299] += " ERROR: three"
    server.store.append_log(job, written)
    area = open_log(page, app, job)
    expect(page.locator(".st-key-job-log .marks-e")).to_contain_text("2 errors")
    expect(page.locator(".st-key-job-log .marks-w")).to_contain_text("1 warning")
    expect(page.locator('.st-key-job-log [data-line="300"]')).to_have_text("✕ 300")
    chosen = "n => n.value.slice(n.selectionStart, n.selectionEnd)"
    for n in (100, 300, 100):  # and around
        page.get_by_role("button", name="Next error").click()
        assert area.evaluate(chosen) == written[n - 1]
    server.store.append_log(job, lines(401, 402))
    expect(page.locator(".st-key-job-log .new")).to_have_text("2 new lines")


@pytest.mark.long
def test_what_is_on_screen_can_be_copied(page: Page, app: str, server: VpoServer, job: str) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    server.store.append_log(job, lines(1, 3))
    area = open_log(page, app, job)
    copy = page.locator(".st-key-job-log").get_by_role("button", name="Copy")
    copy.click()
    expect(page.locator(".st-key-job-log .status")).to_have_text("3 lines copied")
    assert page.evaluate("navigator.clipboard.readText()") == "\n".join(lines(1, 3))
    area.evaluate("n => n.setSelectionRange(0, 5)")
    copy.click()
    expect(page.locator(".st-key-job-log .status")).to_have_text("Selection copied")
    assert page.evaluate("navigator.clipboard.readText()") == lines(1, 1)[0][:5]


@pytest.mark.long
def test_a_scan_lists_the_files_that_failed(
    page: Page, app: str, server: VpoServer, tmp_path: Path
) -> None:
    scan = server.store.add_job(job_type="scan", status="completed", file_path="/srv")
    server.store.add_scan_errors(
        scan,
        [{"path": f"/srv/{n}.mp4", "error": f"=cmd() in {n}"} for n in range(12)],
    )
    page.goto(f"{app}/job?id={scan}")
    main = page.locator(".stMain")
    expect(main).to_contain_text("12 files")
    find = page.get_by_label("Filter")
    find.fill("/SRV/1")
    find.press("Enter")
    expect(main).to_contain_text("3 of 12 files")
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    assert text.splitlines() == [
        "path,filename,error",
        *(f"/srv/{n}.mp4,{n}.mp4,'=cmd() in {n}" for n in (1, 10, 11)),
    ]


@pytest.mark.long
def test_a_long_search_can_be_stopped_and_says_how_far_it_came(
    page: Page, app: str, server: VpoServer, job: str
) -> None:
    server.store.append_log(job, lines(1, 60_000))
    open_log(page, app, job)
    search(page, "line 59999")
    expect(page.locator(MATCHES)).to_have_text("1 of 1 match")
    expect(page.locator(NOTE)).to_contain_text("Searching …")
    page.get_by_role("button", name="Stop").click()
    expect(page.locator(NOTE)).to_contain_text(re.compile(r"only the newest [\d,]+ lines"))


def test_the_whole_log_can_be_taken_along(
    page: Page, app: str, server: VpoServer, job: str, tmp_path: Path
) -> None:
    server.store.append_log(job, lines(1, 2500))
    open_log(page, app, job)
    name = rf"vpo-127.0.0.1-\d+-log-transcode-{job[:8]}"
    time = r"-\d{8}T\d{4}Z\.txt"
    search(page, "line 7")
    expect(page.locator(MATCHES)).to_have_text("111 matches")
    page.get_by_role("button", name="Download").click()
    with page.expect_download() as matches:
        page.get_by_role("button", name="Matching lines").click()
    assert len(Path(matches.value.path()).read_text().splitlines()) == 1 + 10 + 100
    page.get_by_role("button", name="Fetch all 2,500 lines").click()
    copy = page.get_by_role("button", name=re.compile("^All 2,500 lines"))
    expect(copy).to_be_visible()
    # Until this is gone the menu is higher; it moves even between pressing and letting go.
    expect(page.get_by_role("button", name="Stop")).to_have_count(0)
    with page.expect_download() as whole:
        copy.click()
    assert Path(whole.value.path()).read_text().splitlines() == lines(1, 2500)
    assert re.fullmatch(f"{name}{time}", whole.value.suggested_filename)


@pytest.mark.long
def test_how_a_log_is_shown_is_the_viewer_s_choice(
    page: Page, app: str, server: VpoServer, job: str, eventually: Eventually
) -> None:
    server.store.append_log(job, [*lines(1, 1200), "[2026-11-23T21:52:30.000000Z] " + "long " * 99])
    area = open_log(page, app, job)
    page.get_by_role("button", name="Display").click()
    display = page.locator("[data-testid=stPopoverBody]")
    expect(display.get_by_label("Line numbers")).to_be_checked()
    display.get_by_text("Hidden").click()
    eventually(lambda: area.input_value().startswith("line 702\n"))
    assert area.input_value().endswith("long " * 99)
    display.get_by_text("Newest first").click()
    eventually(lambda: area.input_value().startswith("long "))
    display.get_by_text("Wrap long lines").click()
    eventually(lambda: area.evaluate("n => n.scrollWidth <= n.clientWidth"))
    rows = page.locator(".st-key-job-log .row")
    tall = rows.first.evaluate("n => n.offsetHeight")
    assert tall > rows.nth(1).evaluate("n => n.offsetHeight")
    assert area.evaluate("n => n.scrollHeight") == pytest.approx(
        page.locator(".st-key-job-log .rows").evaluate("n => n.scrollHeight"), abs=2
    )
    server.store.append_log(job, lines(1201, 1201))
    eventually(lambda: shown(area)[0] == "line 1201")
    display.get_by_label("Lines shown").click()
    page.get_by_role("option", name="2,000").click()
    expect(page.locator(COUNT)).to_have_text("1,202 lines")
    assert "line 1\n" in area.input_value() + "\n"


@pytest.mark.long
def test_a_log_that_is_not_followed_is_not_asked_for(
    page: Page, app: str, server: VpoServer, job: str, eventually: Eventually
) -> None:
    server.store.append_log(job, lines(1, 3))
    area = open_log(page, app, job)
    follow = page.get_by_role("combobox", name="Follow")
    follow.click()
    follow.press_sequentially("Off")
    follow.press("Enter")
    expect(follow).to_have_value("Off")
    before, all_before = log_requests(server, job), len(server.requests)
    server.store.append_log(job, lines(4, 4))
    eventually(lambda: len(server.requests) > all_before + 5)
    assert log_requests(server, job) <= before + 1
    page.get_by_role("button", name="Refresh").click()
    eventually(lambda: shown(area)[-1] == "line 4")


@pytest.mark.long
def test_what_there_is_to_say_of_a_log_is_said(
    page: Page, app: str, server: VpoServer, job: str
) -> None:
    page.goto(f"{app}/job?id={job}")
    main = page.locator(".stMain")
    expect(main).to_contain_text("VPO buffers up to 100 lines")
    scan = server.store.add_job(job_type="scan", status="completed", file_path="/srv")
    page.goto(f"{app}/job?id={scan}")
    expect(main).to_contain_text("VPO doesn't keep logs of scan jobs")
    queued = server.store.add_job(job_type="move", status="queued", file_path="/srv/q.mkv")
    page.goto(f"{app}/job?id={queued}")
    expect(main).to_contain_text("The log starts when the job does")
    server.store.update_job(queued, status="cancelled")


@pytest.mark.long
def test_a_quiet_tick_is_small_both_ways(
    own_page: Page, app: str, server: VpoServer, job: str, eventually: Eventually
) -> None:
    page = own_page
    server.store.append_log(job, lines(1, 900))
    received: list[bytes] = []
    sent: list[bytes] = []

    def into(frames: list[bytes]) -> Callable[[str | bytes], None]:
        return lambda body: frames.append(body if isinstance(body, bytes) else body.encode())

    def watch(socket: WebSocket) -> None:
        socket.on("framereceived", into(received))
        socket.on("framesent", into(sent))

    page.on("websocket", watch)
    area = open_log(page, app, job)
    eventually(lambda: is_at_end(area))
    asked = log_requests(server, job)
    eventually(lambda: log_requests(server, job) >= asked + 2)  # what came with opening is over
    received.clear()
    sent.clear()
    asked = log_requests(server, job)
    eventually(lambda: log_requests(server, job) >= asked + 4)
    assert len(sent) >= 4
    assert max(map(len, sent)) < 2000
    assert max(runs(received)[1:]) < 1000  # the first has nothing before it to refer to
    quiet = max(component_messages(received))
    received.clear()
    text = lines(901, 901)[0]
    server.store.append_log(job, [text])
    eventually(lambda: shown(area)[-1] == "line 901")
    assert max(component_messages(received)) - quiet < len(text) + 100


def runs(received: list[bytes]) -> list[int]:
    """The sizes of all messages of each run that came whole, as they go over the network.

    They are packed there: each without what the 4 kB before it have already said.
    """
    packing = zlib.compressobj(wbits=-12)
    sizes, size = [], None
    for body in received:
        kind = ForwardMsg.FromString(body).WhichOneof("type")
        size = 0 if kind == "new_session" else size
        if size is not None:
            size += len(packing.compress(body) + packing.flush(zlib.Z_SYNC_FLUSH))
            if kind == "script_finished":
                sizes.append(size)
    return sizes


def component_messages(received: list[bytes]) -> list[int]:
    """The sizes of what the app sends to its components while the page stays as it is."""
    kinds = [ForwardMsg.FromString(body).delta.new_element.bidi_component for body in received]
    return [
        len(body)
        for body, kind in zip(received, kinds, strict=True)
        if kind.component_name.endswith("message")
    ]


@pytest.mark.long
@pytest.mark.parametrize("look", ["light", "dark"])
def test_axe_finds_nothing_serious_in_a_log(
    look: str, page: Page, app: str, server: VpoServer, job: str
) -> None:
    server.store.append_log(job, [*lines(1, 700), "ERROR: e", "WARNING: w"])
    page.emulate_media(color_scheme=look)  # type: ignore[arg-type]
    open_log(page, app, job)
    search(page, "line 699")
    expect(page.locator(MATCHES)).to_have_text("1 of 1 match")
    assert serious_violations(page) == {}


@pytest.mark.long
def test_a_log_goes_on_while_the_list_cannot_be_read(
    page: Page, app: str, server: VpoServer, job: str, eventually: Eventually
) -> None:
    server.store.append_log(job, lines(1, 3))
    area = open_log(page, app, job)
    server.faults.set(Fault.DATABASE_LOCKED, seconds=10)
    for n in (4, 5):
        server.store.append_log(job, lines(n, n))
        eventually(lambda n=n: shown(area)[-1] == f"line {n}")  # type: ignore[misc]


@pytest.mark.parametrize(
    ("ending", "width"),
    [
        ("failed", 390),
        pytest.param("completed", 1280, marks=pytest.mark.long),
        pytest.param("completed", 390, marks=pytest.mark.long),
        pytest.param("failed", 1280, marks=pytest.mark.long),
    ],
)
def test_a_log_does_not_move_up_when_its_job_ends(
    page: Page, app: str, server: VpoServer, ending: str, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    job = server.store.add_job(
        job_type="transcode", status="running", file_path="/srv/log.mkv", progress_percent=40.0
    )
    server.store.append_log(job, lines(1, 40))
    area = open_log(page, app, job)
    expect(page.locator(BADGE)).to_contain_text("Live")
    top = "n => n.getBoundingClientRect().top"
    before = area.evaluate(top)
    server.store.update_job(job, status=ending, progress_percent=100.0)
    expect(page.locator(BADGE)).to_contain_text(re.compile("Finished|Failed"))
    expect(page.get_by_text("Notify when finished")).to_be_hidden()
    assert area.evaluate(top) > before - 1


@pytest.mark.long
def test_the_log_of_another_job_starts_afresh(
    page: Page, app: str, server: VpoServer, job: str
) -> None:
    server.store.append_log(job, lines(1, 900))
    other = server.store.add_job(job_type="transcode", status="completed", file_path="/srv/o.mkv")
    server.store.append_log(other, lines(1, 700))
    open_log(page, app, job, "&line=600")
    chosen = page.locator(".st-key-job-log .chosen .n")
    expect(chosen).to_have_text("600")
    page.evaluate(
        """address => {
          history.pushState({}, "", address);
          dispatchEvent(new PopStateEvent("popstate"));
        }""",
        f"{app}/job?id={other}",
    )
    expect(page.locator(COUNT)).to_have_text("Last 500 of 700 lines")
    expect(chosen).to_have_count(0)
