"""What a person waits for in Chromium: the jobs in a browser that was never here, another page.

Run from the project's folder: `.venv/bin/python -m bench.browser_times /usr/bin/chromium`.
"""

import sys

from playwright.sync_api import Browser, Playwright, sync_playwright
from playwright.sync_api import TimeoutError as LoadTimeoutError

from bench.chromium import FLAGS
from bench.figures import Figure, table
from bench.running_app import RunningApp, started
from bench.sample_jobs import add_sample_jobs
from tests.vpo_server import start

_TIMES = 9
_LIMIT = 20_000
_SLOW = {"offline": False, "latency": 20, "downloadThroughput": 2.5e6, "uploadThroughput": 2.5e6}
"""20 ms, and 20 Mbit/s in bytes a second."""
_COMMAND = "python -m bench.browser_times CHROMIUM"
_TABLE = "[data-testid=stDataFrame] canvas"
_NOTE_WHEN_SHOWN = f"""
    const note = () => {{
        const table = document.querySelector({_TABLE!r});
        const isShown = table?.checkVisibility({{opacityProperty: true, visibilityProperty: true}});
        if (isShown) window.shownAt = performance.now();
        else requestAnimationFrame(note);
    }};
    note();
"""
"""Notes the first frame in which the table can be seen; Playwright looks every 0.5 s at times."""
_NOTE_OTHER_PAGE = """([title, key]) => {
    window.shownAt = 0;
    let clickedAt = 0;
    addEventListener("click", (event) => { clickedAt = event.timeStamp; },
        {once: true, capture: true});
    const isShown = (one) => one?.checkVisibility({opacityProperty: true, visibilityProperty: true})
        && one.getBoundingClientRect().height > 0;
    const note = () => {
        const titles = [...document.querySelectorAll("h1")];
        const isThere = titles.some((one) => one.textContent.includes(title) && isShown(one));
        if (clickedAt && isThere && isShown(document.querySelector(".st-key-" + key)))
            window.shownAt = performance.now() - clickedAt;
        else requestAnimationFrame(note);
    };
    note();
}"""
"""Notes how long after the click the first frame came in which title and content can be seen."""
_PAGES = {"Statistics": "statistics", "Server": "server-facts", "Jobs": "jobs-table"}
"""Pages to go to by the menu, with the key of what stands on each once it is there."""


def measure(chromium: str) -> list[Figure]:
    """Medians of seconds: from a cold browser to the jobs, and from a click to another page."""
    with (
        start(seed=1) as server,
        started("app", VPO_MONITOR_API_URL=server.url) as app,
        started("baseline", VPO_MONITOR_API_URL=server.url) as baseline,
        sync_playwright() as playwright,
    ):
        add_sample_jobs(server, 50, 50)
        times, slow = (
            [
                [_open_cold(playwright, chromium, one, is_slow=is_slow) for one in (app, baseline)]
                for _ in range(_TIMES)
            ]
            for is_slow in (False, True)
        )
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        click = _go_round(browser, app)
        browser.close()
    print(f"another page, worst of {len(click)}: {max(click):.2f} s")
    own, others = _medians(times)
    slow_own, slow_others = _medians(slow)
    return [
        Figure("cold browser to the jobs on screen", own, others, "s", others, _COMMAND),
        Figure(
            "the same at 20 Mbit/s and 20 ms",
            slow_own,
            slow_others,
            "s",
            0.75 * slow_others,
            _COMMAND,
        ),
        Figure("another page", sorted(click)[len(click) // 2], None, "s", 0.3, _COMMAND),
    ]


def _medians(times: list[list[float]]) -> list[float]:
    return [sorted(each)[len(each) // 2] for each in zip(*times, strict=True)]


def cold(chromium: str, app: RunningApp) -> float:
    """The median of seconds from a cold browser to a table on screen."""
    with sync_playwright() as playwright:
        return sorted(_open_cold(playwright, chromium, app) for _ in range(_TIMES))[_TIMES // 2]


def _open_cold(
    playwright: Playwright, chromium: str, app: RunningApp, *, is_slow: bool = False
) -> float:
    """Seconds; the limit if the load never ends, as happens now and then if it `is_slow`.

    Chromium's network emulation causes this: loads of the plain page hang, too.
    """
    browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
    page = browser.new_context(viewport={"width": 1280, "height": 900}, bypass_csp=True).new_page()
    if is_slow:
        network = page.context.new_cdp_session(page)
        network.send("Network.enable")
        network.send("Network.emulateNetworkConditions", _SLOW)
    page.add_init_script(_NOTE_WHEN_SHOWN)
    try:
        page.goto(f"{app.url}/{app.page}", wait_until="commit")
        shown_at = page.wait_for_function("window.shownAt", timeout=_LIMIT).json_value()
    except LoadTimeoutError:
        shown_at = _LIMIT
        print(f"a load of {app.url} took more than {_LIMIT / 1000:g} s", flush=True)
    finally:
        browser.close()
    return float(shown_at) / 1000


def _go_round(browser: Browser, app: RunningApp) -> list[float]:
    page = browser.new_context(viewport={"width": 1280, "height": 900}, bypass_csp=True).new_page()
    page.goto(f"{app.url}/{app.page}")
    page.locator(_TABLE).first.wait_for(timeout=_LIMIT)
    times = []
    for turn in range(_TIMES + 1):
        for label, key in _PAGES.items():
            page.wait_for_timeout(700)  # as someone who looks at it
            page.evaluate(_NOTE_OTHER_PAGE, [label, key])
            page.locator("[data-testid=stSidebar] a", has_text=label).click()
            shown_at = page.wait_for_function("window.shownAt", timeout=_LIMIT).json_value()
            if turn:  # what a page loads when it is first drawn, stays
                times.append(float(shown_at) / 1000)
    return times


if __name__ == "__main__":
    print(table(measure(sys.argv[1])))
