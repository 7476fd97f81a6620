"""Take the pictures in docs/pictures, including the animated ones: `make screenshots`.

They show a demo server with a fixed history and fixed jobs, so that only dates and times change.
"""

import argparse
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from bench.chromium import FLAGS
from bench.running_app import running_app
from tests.vpo_server import FAILURES, MediaFile, VpoServer, start, utc_now

PICTURES = Path(__file__).parents[1] / "docs" / "pictures"
_SEED = 8
_PAST_JOBS = 240
_PORT = 8322
"""Visible on the Server page."""
_COLORS = 256
_GIGABYTE = 1_000_000_000
_FILM = "Tears of Steel"
_FILMS, _SERIES = "/srv/media/movies", "/srv/media/tv"
_HEVC, _NORMALIZE = "Simple HEVC Transcode", "normalize"
_WAITING = (
    ("process", _NORMALIZE, f"{_SERIES}/Harbour Lights/Season 03/Harbour Lights S03E08.mkv", 10),
    ("transcode", _HEVC, f"{_FILMS}/Sintel (2010)/Sintel (2010) [2160p].mkv", 100),
    ("transcode", _HEVC, f"{_FILMS}/Metropolis (1927)/Metropolis (1927) [1080p].mkv", 100),
    ("process", _NORMALIZE, f"{_SERIES}/Night Shift/Season 01/Night Shift S01E04.mkv", 100),
    ("move", _NORMALIZE, f"{_FILMS}/Spring (2019)/Spring (2019) [1080p].mkv", 100),
)
_DETAILS_TIMEOUT = 120_000
"""Milliseconds, until spare requests have fetched the priorities of queued jobs."""
_PATIENCE = 30_000
_MOVES_FOR = 8
"""How often the percentage changes before the first picture, so that its speed is known."""
_PLACEHOLDER = re.compile("^Loading ")
_FIRST_PERCENT = 20
_STEP = 2
_DONE = 100
_FRAME = 350
"""Milliseconds per frame of an animated picture."""
_LAST_FRAME = 4000
_WEBP_EFFORT = 6


def main() -> None:
    """Take all pictures with the given Chromium."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("chromium", help="the path of a Chromium")
    chromium = parser.parse_args().chromium
    expect.set_options(timeout=_PATIENCE)
    PICTURES.mkdir(exist_ok=True)
    with (
        start(
            port=_PORT, worker=False, workers=2, history=_PAST_JOBS, seed=_SEED, rate_limit=None
        ) as server,
        running_app(
            VPO_MONITOR_API_URL=server.url,
            VPO_MONITOR_REQUESTS_PER_MINUTE="120",
        ) as port,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        Photographer(server, f"http://127.0.0.1:{port}", browser).take_all()
        browser.close()


@dataclass(frozen=True)
class Work:
    """A running job."""

    job_id: str
    started_at: datetime


@dataclass(frozen=True)
class Shot:
    """One picture, taken when the element `ready` is visible."""

    name: str
    path: str
    ready: str
    width: int = 1280
    height: int = 880
    scheme: str = "light"


class Photographer:
    """Runs jobs while the overview is open, and then takes the pictures."""

    def __init__(self, server: VpoServer, app: str, browser: Browser) -> None:
        self._store = server.store
        self._app = app
        self._browser = browser
        self._percent = _FIRST_PERCENT
        self._waiting: list[str] = []

    def take_all(self) -> None:
        """Take all pictures."""
        for place, (kind, policy, path, priority) in enumerate(_WAITING):
            waiting = self._store.add_job(
                job_type=kind,
                policy_name=policy,
                file_path=path,
                priority=priority,
                created_at=utc_now() - timedelta(seconds=45 * (len(_WAITING) - place)),
            )
            self._waiting.append(waiting)
        scanned = self._begin("scan", "/srv/media", 0, ago=30)
        moved = self._begin("move", f"{_FILMS}/Sintel (2010)/Sintel (2010) [1080p].mkv", 3, ago=9)
        broken = self._begin(
            "transcode",
            f"{_FILMS}/Cosmos Laundromat (2015)/Cosmos Laundromat (2015).mkv",
            4,
            ago=50,
        )
        page = self._page(1280, 880, "light")
        page.goto(self._app)
        self._is_live(page)
        expect(page.locator(".st-key-running article")).to_have_count(3)
        self._end(scanned, summary="Scanned 412 files, 45 new")
        self._end(moved)
        self._end(broken, status="failed", error_message=FAILURES[0])
        expect(page.get_by_text("unknown")).to_have_count(0, timeout=_DETAILS_TIMEOUT)
        film = self._begin(
            "transcode",
            f"{_FILMS}/Tears of Steel (2012)/{_FILM} (2012) [2160p].mkv",
            14,
            ago=150,
        )
        self._move_on(page, film)
        episode = self._begin(
            "process", f"{_SERIES}/Harbour Lights/Season 03/Harbour Lights S03E07.mkv", 13, ago=4
        )
        expect(page.locator(".st-key-running article")).to_have_count(2)
        page.context.close()
        for shot in (
            Shot("overview-light", "", ".st-key-activity a"),
            Shot("overview-dark", "", ".st-key-activity a", scheme="dark"),
            Shot("overview-phone", "", ".st-key-activity a", width=390, height=844),
            Shot("kiosk", "?kiosk=1", ".st-key-activity a", width=1920, height=1080),
            Shot("jobs", "jobs", ".st-key-jobs-table canvas"),
            Shot("job", f"job?id={film.job_id}", ".st-key-job-log textarea"),
            Shot("timeline", "timeline", ".st-key-timeline a.bar"),
            Shot("statistics", "statistics", "[data-testid=stVegaLiteChart] svg"),
            Shot("server", "server", ".st-key-settings canvas"),
        ):
            self._take(shot, film)
        self._end_and_start_next(episode)
        self._animate(film)

    def _animate(self, film: Work) -> None:
        """Record the job on the overview until it finishes, in light and dark themes at once."""
        pages = {scheme: self._page(1280, 840, scheme) for scheme in ("light", "dark")}
        frames: dict[str, list[Image.Image]] = {scheme: [] for scheme in pages}

        def keep_a_frame() -> None:
            for scheme, page in pages.items():
                frames[scheme].append(_picture(page))

        for page in pages.values():
            page.goto(self._app)
            self._is_live(page)
            page.locator(".st-key-activity a").first.wait_for()
        while self._percent + _STEP < _DONE:
            self._step(film)
            for page in pages.values():
                expect(_card(page)).to_contain_text(f"{self._percent} %")
            keep_a_frame()
        self._end_and_start_next(film)
        for page in pages.values():
            expect(page.locator(".st-key-activity")).to_contain_text(_FILM)
            expect(_card(page)).to_have_count(0)
            expect(page.locator(".st-key-running article")).to_have_count(2)
        keep_a_frame()
        for scheme, (first, *others) in frames.items():
            first.save(
                PICTURES / f"running-{scheme}.webp",
                save_all=True,
                append_images=others,
                duration=[_FRAME] * len(others) + [_LAST_FRAME],
                loop=0,
                lossless=True,
                method=_WEBP_EFFORT,
            )

    def _begin(self, kind: str, path: str, gigabytes: float, *, ago: float) -> Work:
        now = utc_now()
        media = MediaFile(path, int(gigabytes * _GIGABYTE), 3840, 2160)
        policy = _NORMALIZE if kind == "process" else _HEVC
        started = now - timedelta(seconds=ago)
        job = self._store.add_job(
            job_type=kind,
            status="running",
            file_path=path,
            policy_name=None if kind == "scan" else policy,
            created_at=started - timedelta(seconds=4),
            started_at=started,
            has_log=kind != "scan",
        )
        self._store.add_file(media, started)
        return Work(job, started)

    def _end(self, work: Work, **result: str) -> None:
        ended = {"status": "completed", "completed_at": utc_now(), "progress_percent": 100.0}
        self._store.update_job(work.job_id, **ended | result)

    def _end_and_start_next(self, work: Work) -> None:
        self._end(work)
        self._store.update_job(self._waiting.pop(0), status="running", started_at=utc_now())

    def _move_on(self, page: Page, work: Work) -> None:
        """Advance a job, one step as soon as the previous one is on screen."""
        card = _card(page)
        for _ in range(_MOVES_FOR):
            self._step(work)
            expect(card).to_contain_text(f"{self._percent} %")

    def _step(self, work: Work) -> None:
        self._percent += _STEP
        self._store.update_job(work.job_id, progress_percent=float(self._percent))

    def _take(self, shot: Shot, running: Work) -> None:
        self._step(running)
        page = self._page(shot.width, shot.height, shot.scheme)
        page.goto(f"{self._app}/{shot.path}")
        self._is_live(page)
        page.locator(shot.ready).first.wait_for()
        expect(page.get_by_text(_PLACEHOLDER)).to_have_count(0)
        expect(page.locator("[data-stale=true]")).to_have_count(0)  # Streamlit fades these
        page.mouse.move(0, 0)
        # Reduces the size to a third. The method keeps rare colors, such as that of an alarm, and
        # two rounds of k-means the shades of large areas.
        few = _picture(page).quantize(
            _COLORS, method=Image.Quantize.MAXCOVERAGE, kmeans=2, dither=Image.Dither.NONE
        )
        few.save(PICTURES / f"{shot.name}.png", optimize=True)
        page.context.close()

    def _page(self, width: int, height: int, scheme: str) -> Page:
        context = self._browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if scheme == "dark" else "light",
            timezone_id="Etc/UTC",
            locale="en-GB",
        )
        context.grant_permissions(["notifications"])  # without, the button says that it is blocked
        return context.new_page()

    @staticmethod
    def _is_live(page: Page) -> None:
        expect(page.locator(".st-key-connection")).to_contain_text("Live")


def _card(page: Page) -> Locator:
    return page.locator(".st-key-running article", has_text=_FILM)


def _picture(page: Page) -> Image.Image:
    return Image.open(BytesIO(page.screenshot(animations="disabled"))).convert("RGB")


if __name__ == "__main__":
    main()
