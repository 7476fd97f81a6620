"""Tick for a long time against a server that flaps, and see whether anything grows.

Run from the project's folder: `.venv/bin/python -m bench.soak [--ticks 10000] [--sessions 5]`.

Each session ticks so often, as fast as the app answers. It goes from page to page, presses the
button that asks again, and now and then vanishes without a word and comes back as a new one. The
app may ask every 0.2 s, so that its poller sees the many changes of the server. The exit status is
1 where something grew, or the log holds more than a line a change.
"""

import argparse
import itertools
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Self

from bench.inside import Counted
from bench.running_app import free_port, wait_until_up
from bench.viewer import Viewer
from vpo_monitor.demo import DemoServer, Fault, start
from vpo_monitor.demo.faults import MALFORMED_KINDS, FaultOptions

_INTERVAL = "0.2"
_PARTS, _WARM_PARTS = 10, 2
_MOST_GROWTH = 10.0
"""MB"""
_STEPS_ON_A_PAGE = 40
_STEPS_IN_A_SESSION = 250
_STEPS_TO_A_PRESS = 20
_SETTLED_SECONDS = 60.0
_FLAP_SECONDS = 1.0
_FAULTS: tuple[tuple[Fault, FaultOptions], ...] = (
    (Fault.REFUSED, {}),
    (Fault.DATABASE_HELD, {"seconds": 0.4}),
    (Fault.RATE_LIMITED, {"retry_after": "1"}),
    (Fault.UNAUTHORIZED, {}),
    (Fault.SHUTTING_DOWN, {}),
    (Fault.SLOW, {"seconds": 0.6}),
    *((Fault.MALFORMED, FaultOptions(kind=kind)) for kind in MALFORMED_KINDS),
)
_PAGES = (
    ("", ""),
    ("jobs", "status=failed"),
    ("job", "id={job}"),
    ("timeline", ""),
    ("jobs", ""),
    ("statistics", ""),
    ("server", ""),
)
_UP = re.compile(
    r"(?:Asking )?VPO at \S+ (?:for the (?P<route>[\w ]+) works"
    r"|(?P<whole>answers|accepts the login|takes requests)) again after \d+ s\.$"
)
_DOWN = re.compile(r"Asking for the (?P<route>[\w ]+) failed: .+|VPO at \S+ .+")


@dataclass(frozen=True)
class Weighed:
    """What the app's process takes at one moment: memory in MB, threads, files, sockets."""

    megabytes: float
    threads: int
    files: int
    sockets: int
    sessions: int
    downloads: int
    objects: Counter[str]


class Soaked:
    """The app in a process of its own that can be asked what it holds; `log` is what it said."""

    def __init__(self, process: "subprocess.Popen[str]", port: int, log: IO[str]) -> None:
        self.port = port
        self._process = process
        self._log = log

    @property
    def log(self) -> list[str]:
        """The lines of the log so far."""
        return Path(self._log.name).read_text("utf-8").splitlines()

    def count(self) -> Counted:
        """What the process holds now, after it has collected its garbage."""
        assert self._process.stdin  # noqa: S101
        assert self._process.stdout  # noqa: S101
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        for line in self._process.stdout:
            if line.startswith("{"):
                return Counted(**json.loads(line))
        raise RuntimeError("the app has ended")

    def weigh(self) -> Weighed:
        """What the process takes now."""
        counted = self.count()
        folder = Path(f"/proc/{self._process.pid}")
        pages = int((folder / "statm").read_text().split()[1])
        files = [str(file.readlink()) for file in (folder / "fd").iterdir() if file.is_symlink()]
        return Weighed(
            pages * os.sysconf("SC_PAGE_SIZE") / 2**20,
            sum(counted.threads.values()),
            len(files),
            sum(file.startswith("socket:") for file in files),
            counted.sessions,
            counted.files,
            Counter(counted.objects),
        )


@contextmanager
def soaked_app(**settings: str) -> Iterator[Soaked]:
    """Start the app with these environment settings."""
    port = free_port()
    with tempfile.NamedTemporaryFile("w", suffix=".log") as log:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "bench.inside", f"--server.port={port}"),
                "--server.headless=true",
                "--server.fileWatcherType=none",
                "--server.disconnectedSessionTTL=2",
            ],
            env={**os.environ, "VPO_MONITOR_HISTORY": "off", **settings},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        try:
            wait_until_up(f"http://127.0.0.1:{port}/_stcore/health")
            yield Soaked(process, port, log)
        finally:
            process.terminate()
            process.communicate()


class Flapping:
    """While it is entered: throws one fault after the other at a server, and takes each back."""

    def __init__(self, server: DemoServer) -> None:
        self.thrown = 0
        self._server = server
        self._faults = itertools.cycle(_FAULTS)

    def __enter__(self) -> Self:
        self._leaving = threading.Event()
        self._thread = threading.Thread(target=self._flap)
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._leaving.set()
        self._thread.join()
        self._server.faults.clear()

    def _flap(self) -> None:
        while not self._leaving.wait(_FLAP_SECONDS):
            fault, options = next(self._faults)
            self._server.faults.set(fault, **options)
            self.thrown += 1
            self._leaving.wait(_FLAP_SECONDS)
            self._server.faults.clear()


def view(app: Soaked, job: str, ticks: int, number: int) -> Counter[str]:
    """Be one viewer after the other, for so many ticks; returns what was done."""
    done: Counter[str] = Counter()
    all_pages = [(page, query.format(job=job)) for page, query in _PAGES]
    pages = itertools.cycle(all_pages[number:] + all_pages[:number])  # not all on the same
    while done["ticks"] < ticks:
        with Viewer(app.port) as viewer:
            done["sessions"] += 1
            for step in range(_STEPS_IN_A_SESSION):
                if step % _STEPS_ON_A_PAGE == 0:
                    viewer.open(*next(pages))
                elif step % _STEPS_TO_A_PRESS == 0 or not viewer.tick():
                    viewer.press("Retry now", "Refresh")
                    done["presses"] += 1
                if done["ticks"] + viewer.ticks >= ticks:
                    break
            done["ticks"] += viewer.ticks
            if done["sessions"] % 3:
                viewer.vanish()
    return done


def long_job(server: DemoServer) -> str:
    """A running job with a long log, for the viewers to follow."""
    job = server.store.add_job(job_type="transcode", status="running", file_path="/srv/long.mkv")
    server.store.append_log(job, [f"line {number}" for number in range(3000)])
    return job


def beyond_a_line_a_change(lines: list[str]) -> list[str]:
    """The lines of a log that tell of no change: neither a failure nor its end, or one again."""
    reasons: dict[str, str] = {}
    beyond = []
    for line in lines:
        words = line.split(" ", 2)[-1]  # after date and time
        if up := _UP.match(words):
            is_change = reasons.pop(up["route"] or up["whole"], None) is not None
        elif down := _DOWN.match(words):
            what = down["route"] or _whole(words)
            is_change = reasons.get(what) != words
            reasons[what] = words
        else:
            is_change = False
        if not is_change:
            beyond.append(line)
    return beyond


def _whole(failure: str) -> str:
    """What a server does no more, in the words with which the log says that it does again."""
    if "did not accept the login" in failure:
        return "accepts the login"
    return "takes requests" if "asked too often" in failure else "answers"


def settled(app: Soaked) -> Weighed:
    """What the app takes when those who vanished are forgotten."""
    give_up_at = time.monotonic() + _SETTLED_SECONDS
    while app.count().sessions and time.monotonic() < give_up_at:
        time.sleep(0.5)
    return app.weigh()


def main() -> int:
    """Soak, print a table, and judge."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ticks", type=int, default=10_000, help="of each session")
    parser.add_argument("--sessions", type=int, default=5)
    given = parser.parse_args()
    begun, weighed = time.monotonic(), []
    ticks = [given.ticks // _PARTS] * given.sessions
    print("| Ticks | Minutes | Flaps | MB | Threads | Files | Sockets | Lines of log | Beyond |")
    print("|---|---|---|---|---|---|---|---|---|")
    with (
        start(seed=1, rate_limit=None, pace=10) as server,
        soaked_app(VPO_MONITOR_API_URL=server.url, SOAK_INTERVAL=_INTERVAL) as app,
        ThreadPoolExecutor(given.sessions) as pool,
    ):
        jobs, done, flapping = [long_job(server)] * given.sessions, Counter[str](), Flapping(server)
        for _part in range(_PARTS):
            with flapping:
                for counted in pool.map(view, [app] * len(jobs), jobs, ticks, range(len(jobs))):
                    done += counted
            weighed.append(now := settled(app))
            minutes, beyond = (time.monotonic() - begun) / 60, beyond_a_line_a_change(app.log)
            print(
                f"| {done['ticks']:,} | {minutes:.1f} | {flapping.thrown:,} | {now.megabytes:.1f} "
                f"| {now.threads} | {now.files} | {now.sockets} | {len(app.log):,} "
                f"| {len(beyond)} |",
                flush=True,
            )
    print(f"{done['sessions']:,} sessions, {done['presses']:,} presses; {len(server.requests)}")
    return _judge(weighed, beyond)


def _judge(weighed: list[Weighed], beyond: list[str]) -> int:
    warm, end = weighed[_WARM_PARTS - 1], weighed[-1]
    growth = end.megabytes - warm.megabytes
    print(f"grown by {growth:.1f} MB since the end of part {_WARM_PARTS}; most new objects:")
    for name, more in (end.objects - warm.objects).most_common(15):
        print(f"  {more:+,} {name}")
    for line in beyond[:20]:
        print(f"no change: {line}")
    return int(growth > _MOST_GROWTH or bool(beyond))


if __name__ == "__main__":
    sys.exit(main())
