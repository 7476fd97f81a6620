"""Measure how long a change in the server takes to reach each of 10 viewers.

Run from the project's folder: `.venv/bin/python -m bench.freshness /usr/bin/chromium`, or with
intervals after it for those alone.

One viewer is a Chromium tab and is timed by what stands in its table, nine speak Streamlit's
protocol and are timed by what reaches them. With `--tabs` all ten are tabs: then a machine with few
cores measures mostly how fast it draws ten browsers at once.
"""

import argparse
import asyncio
import math
import random
import re
import statistics
import threading
import time
from dataclasses import dataclass, field

from playwright.sync_api import Browser, Page, sync_playwright

from bench.chromium import FLAGS
from bench.figures import Figure
from bench.running_app import running_app, started
from bench.websocket_viewer import watch
from tests.vpo_server import VpoServer, start

_FLAGS = [
    *FLAGS,
    "--disable-background-timer-throttling",
    "--disable-renderer-backgrounding",
]
_VIEWERS = 10
_CHANGES = {2: 15, 5: 10, 10: 8, 30: 4, 60: 4}
"""How many changes to watch at each interval in seconds."""
_SETTLE = 8.0
_PROMISED, _PROMISED_CHANGES, _PROMISED_VIEWERS = 5, 8, 20
_NAME = re.compile(rb"change-\d+-\d+")

# Runs in the page: notes when each file is first in the table's text, by the clock of the machine.
_NOTE = """() => {
  window.seen = {};
  const look = () => {
    for (const cell of document.querySelectorAll('.st-key-jobs-table [role="gridcell"]')) {
      const name = /change-\\d+-\\d+/.exec(cell.textContent);
      if (name) window.seen[name[0]] ??= Date.now() / 1000;
    }
  };
  new MutationObserver(look).observe(document.body,
    { subtree: true, childList: true, characterData: true });
}"""


@dataclass
class _Viewers:
    """Viewers that speak the protocol: when each first received each change."""

    port: int
    number: int
    page: str = "jobs"
    first_seen: list[dict[str, float]] = field(default_factory=list)

    def watch(self, interval: int, seconds: float) -> threading.Thread:
        """Let them watch for so long, in a thread of their own."""
        thread = threading.Thread(target=lambda: asyncio.run(self._watch_all(interval, seconds)))
        thread.start()
        return thread

    async def _watch_all(self, interval: int, seconds: float) -> None:
        until = time.monotonic() + seconds
        await asyncio.gather(*(self._watch(n, interval, until) for n in range(self.number)))

    async def _watch(self, number: int, interval: int, until: float) -> None:
        first: dict[str, float] = {}
        self.first_seen.append(first)
        await asyncio.sleep(number / self.number * min(interval, _SETTLE - 2))

        def note_message(_at: float, message: bytes) -> None:
            for name in _NAME.findall(message):
                first.setdefault(name.decode(), time.time())

        query = _query(interval) if self.page else ""
        await watch(self.port, self.page, query, until=until, on_message=note_message)


def main() -> None:
    """Print two lines for each interval: the tabs, and all viewers."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("chromium")
    parser.add_argument("intervals", nargs="*", type=int)
    parser.add_argument("--tabs", action="store_true")
    given = parser.parse_args()
    chance = random.Random(1)
    with (
        start(seed=1, worker=False, rate_limit=None) as server,
        running_app(VPO_MONITOR_API_URL=server.url) as port,
        sync_playwright() as playwright,
    ):
        server.store.add_job(job_type="scan", status="running", file_path="/srv/busy.mkv")
        browser = playwright.chromium.launch(executable_path=given.chromium, args=_FLAGS)
        for interval in given.intervals or _CHANGES:
            _measure(browser, server, port, interval, _VIEWERS if given.tabs else 1, chance)
        browser.close()


def measure() -> list[Figure]:
    """Seconds from a change to 20 viewers who speak the protocol, at 5 s."""
    chance = random.Random(1)
    with (
        start(seed=1, worker=False, rate_limit=None, history=20) as server,
        started("app", VPO_MONITOR_API_URL=server.url) as app,
        started("baseline", VPO_MONITOR_API_URL=server.url) as baseline,
    ):
        server.store.add_job(job_type="scan", status="running", file_path="/srv/busy.mkv")
        waits = [_PROMISED * (1 + chance.random()) + 1.5 for _ in range(_PROMISED_CHANGES)]
        both = [_Viewers(each.port, _PROMISED_VIEWERS, each.page) for each in (app, baseline)]
        watching = [each.watch(_PROMISED, _SETTLE + sum(waits)) for each in both]
        time.sleep(_SETTLE)
        made: dict[str, float] = {}
        for number, wait in enumerate(waits):
            name = f"change-{_PROMISED}-{number}"
            made[name] = time.time()
            server.store.add_job(job_type="scan", status="queued", file_path=f"/srv/{name}.mkv")
            time.sleep(wait)
        for one in watching:
            one.join()
    own, others = (_delays(made, each.first_seen) for each in both)
    what = f"a change at the server to {_PROMISED_VIEWERS} viewers at {_PROMISED} s"
    command = "python -m bench CHROMIUM freshness"
    place = int(len(own) * 0.95)
    return [
        Figure(f"{what}, 95 %", own[place], others[place], "s", 5.4, command),
        Figure(f"{what}, worst", own[-1], others[-1], "s", 6.0, command),
    ]


def _measure(
    browser: Browser,
    server: VpoServer,
    port: int,
    interval: int,
    tabs: int,
    chance: random.Random,
) -> None:
    # A change is waited for before the next one comes, at a moment that no tick knows.
    waits = [interval * (1 + chance.random()) + 1.5 for _ in range(_CHANGES[interval])]
    pages = [_open_tab(browser, port, interval, chance) for _ in range(tabs)]
    viewers = _Viewers(port, _VIEWERS - tabs)
    watching = viewers.watch(interval, _SETTLE + sum(waits))
    pages[0].wait_for_timeout(_SETTLE * 1000)
    made: dict[str, float] = {}
    for number, wait in enumerate(waits):
        name = f"change-{interval}-{number}"
        made[name] = time.time()
        server.store.add_job(job_type="scan", status="queued", file_path=f"/srv/{name}.mkv")
        pages[0].wait_for_timeout(wait * 1000)
    on_screen = [page.evaluate("window.seen") for page in pages]
    watching.join()
    _report(f"every {interval} s, on the screen of {tabs}", made, on_screen)
    if viewers.number:
        _report(f"every {interval} s, all {_VIEWERS}", made, on_screen + viewers.first_seen)
    for page in pages:
        page.context.close()


def _open_tab(browser: Browser, port: int, interval: int, chance: random.Random) -> Page:
    page = browser.new_context(bypass_csp=True).new_page()
    page.goto(f"http://127.0.0.1:{port}/jobs?{_query(interval)}")
    page.wait_for_selector(".st-key-connection b:has-text('Live')")
    page.evaluate(_NOTE)
    page.wait_for_timeout(chance.random() * min(interval, 5) * 1000)
    return page


def _query(interval: int) -> str:
    return f"search=change-{interval}-&interval={interval}"


def _delays(made: dict[str, float], seen: list[dict[str, float]]) -> list[float]:
    """Seconds from each change to each viewer, infinite where it never came, in order."""
    return sorted(one.get(name, math.inf) - at for one in seen for name, at in made.items())


def _report(what: str, made: dict[str, float], seen: list[dict[str, float]]) -> None:
    delays = [delay for delay in _delays(made, seen) if math.isfinite(delay)]
    print(
        f"{what}: {len(delays)} of {len(made) * len(seen)} seen, "
        f"p50 {statistics.median(delays):.2f} s, "
        f"p95 {delays[int(len(delays) * 0.95)]:.2f} s, worst {delays[-1]:.2f} s",
        flush=True,
    )


if __name__ == "__main__":
    main()
