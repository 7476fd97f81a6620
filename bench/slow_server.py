"""How soon a viewer is answered from known data while VPO takes 10 s for each answer.

Run from the project's folder: `.venv/bin/python -m bench.slow_server /usr/bin/chromium`.
"""

import sys
from collections.abc import Callable

from playwright.sync_api import Page, sync_playwright

from bench.chromium import FLAGS
from bench.figures import Figure, table
from bench.running_app import started
from tests.vpo_server import Fault, start

_JOBS = 130
_TIMES = 3
_LIMIT = 0.5
_ROW = (180, 52)
"""Pixels from the table's corner to its first row."""
_COMMAND = "python -m bench.slow_server CHROMIUM"
_WAITING = "Loading job list"
_GRID = ".st-key-jobs-table"
_WATCH = """([sign, gone]) => {
  window.begun = window.answered = null;
  const begin = (event) => { window.begun ??= event.timeStamp; };
  for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, begin, true);
  const look = () => {
    if (window.begun === null) return;
    const text = document.querySelector(".stMain")?.textContent ?? "";
    if (text.includes(sign) && !text.includes(gone)) window.answered ??= performance.now();
  };
  window.watching?.disconnect();
  window.watching = new MutationObserver(look);
  window.watching.observe(document.body, { subtree: true, childList: true, characterData: true });
}"""


def measure(chromium: str) -> list[Figure]:
    """The median of seconds from a press to its answer on screen, worst of the kinds of press."""
    with (
        start(worker=False, history=0, seed=1, rate_limit=None) as server,
        started(VPO_MONITOR_API_URL=server.url) as app,
        sync_playwright() as playwright,
    ):
        for number in range(_JOBS):
            status = "failed" if number % 13 == 0 else "completed"
            server.store.add_job(job_type="move", status=status, file_path=f"/srv/{number:03}.mkv")
        server.store.add_job(job_type="scan", status="running", file_path="/srv/busy.mkv")
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        page = browser.new_context(
            viewport={"width": 1280, "height": 900}, bypass_csp=True
        ).new_page()
        page.goto(f"{app.url}/jobs?interval=2")
        page.locator(_GRID, has_text="busy.mkv").wait_for()
        server.faults.set(Fault.SLOW, seconds=10.0)
        page.locator(".st-key-connection", has_text="Slow").wait_for()
        took = [_round(page) for _ in range(_TIMES)]
        browser.close()
    worst = max(sorted(times)[_TIMES // 2] for times in zip(*took, strict=True))
    return [
        Figure("a filter, a page or a job while VPO is slow", worst, None, "s", _LIMIT, _COMMAND)
    ]


def _round(page: Page) -> tuple[float, ...]:
    """A filter, a page and a job; the list is on screen before and after."""
    failed = page.locator(".st-key-status-tabs").get_by_role("link", name="Failed")
    by_filter = _answered_in(page, failed.click, _WAITING)
    page.go_back()
    page.locator(_GRID, has_text="busy.mkv").wait_for()
    by_page = _answered_in(page, page.get_by_role("button", name="Older page").click, _WAITING)
    page.get_by_role("button", name="Newer page").click()
    page.locator(_GRID, has_text="busy.mkv").wait_for()
    box = page.locator(f"{_GRID} canvas").first.bounding_box()
    if box is None:
        raise RuntimeError("the table is not on screen")
    x, y = box["x"] + _ROW[0], box["y"] + _ROW[1]
    page.mouse.move(x, y, steps=5)
    page.wait_for_timeout(500)  # a person has looked at the table before
    by_job = _answered_in(page, lambda: page.mouse.click(x, y), "Showing data from the job list")
    page.go_back()
    page.locator(_GRID, has_text="busy.mkv").wait_for()
    return by_filter, by_page, by_job


def _answered_in(page: Page, act: Callable[[], object], sign: str, *, gone: str = "\0") -> float:
    """Seconds from an act of the viewer until one text is on the page and another is gone."""
    page.evaluate(_WATCH, [sign, gone])
    act()
    page.wait_for_function("() => window.answered !== null")
    seconds: float = page.evaluate("() => (window.answered - window.begun) / 1000")
    return seconds


if __name__ == "__main__":
    print(table(measure(sys.argv[1])))
