"""The app in a process of its own, and what it takes: memory, threads, files and objects."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from bench.process_probe import ProcessCounts
from bench.running_app import free_port, wait_until_up

_FORGOTTEN_AFTER = "0"
"""Seconds after which those who vanished may not come back; else it is 120."""
_SETTLED_SECONDS = 60.0
_AT_WORK = frozenset({"vpo", "ScriptRunner.scriptThread"})
"""Names, up to a hyphen, of threads that end with what they do: a fetch, the run of a page."""


@dataclass(frozen=True)
class ResourceUse:
    """What the process takes at one moment; `files` are all open ones, with the sockets."""

    megabytes: float
    threads: int
    thread_names: Counter[str]
    files: int
    sockets: int
    sessions: int
    downloads: int
    objects: Counter[str]


class MeasuredApp:
    """A running app on `port` of this machine that tells what it holds."""

    def __init__(
        self, process: "subprocess.Popen[str]", port: int, log: Path, answers: TextIO
    ) -> None:
        self.port = port
        self._process = process
        self._log = log
        self._answers = answers

    @property
    def log(self) -> list[str]:
        """The lines of the log so far."""
        return self._log.read_text("utf-8").splitlines()

    def count(self) -> ProcessCounts:
        """What the process holds now, after it has collected its garbage."""
        assert self._process.stdin  # noqa: S101
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return ProcessCounts(**json.loads(self._answers.readline()))

    def measure(self) -> ResourceUse:
        """What the process takes now."""
        counted = self.count()
        folder = Path(f"/proc/{self._process.pid}")
        pages = int((folder / "statm").read_text().split()[1])
        files = [str(file.readlink()) for file in (folder / "fd").iterdir() if file.is_symlink()]
        return ResourceUse(
            pages * os.sysconf("SC_PAGE_SIZE") / 2**20,
            sum(counted.threads.values()),
            Counter(counted.threads),
            len(files),
            sum(file.startswith("socket:") for file in files),
            counted.sessions,
            counted.files,
            Counter(counted.objects),
        )

    def settled(self) -> ResourceUse:
        """What the process takes when all who have left are forgotten, and nothing is under way."""
        give_up_at = time.monotonic() + _SETTLED_SECONDS
        while self._is_busy() and time.monotonic() < give_up_at:
            time.sleep(0.2)
        return self.measure()

    def _is_busy(self) -> bool:
        counted = self.count()
        return bool(counted.sessions) or not _AT_WORK.isdisjoint(counted.threads)


@contextmanager
def measured_app(*command: str, **settings: str) -> Iterator[MeasuredApp]:
    """Start the app with these environment settings; `command` is for Python, if given."""
    port = free_port()
    reading, writing = os.pipe()
    with (
        tempfile.NamedTemporaryFile("w", suffix=".log") as log,
        os.fdopen(reading) as answers,
        os.fdopen(writing, "w"),
    ):
        process = subprocess.Popen(
            [
                *(
                    sys.executable,
                    *(command or ("-m", "bench.process_probe")),
                    f"--server.port={port}",
                ),
                *("--server.headless=true", "--server.fileWatcherType=none"),
                "--logger.hideWelcomeMessage=true",
                f"--server.disconnectedSessionTTL={_FORGOTTEN_AFTER}",
            ],
            env={
                **os.environ,
                "PROBE_OUTPUT_FD": str(writing),
                "VPO_MONITOR_HISTORY": "off",
                **settings,
            },
            pass_fds=[writing],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            text=True,
        )
        try:
            wait_until_up(f"http://127.0.0.1:{port}/_stcore/health")
            yield MeasuredApp(process, port, Path(log.name), answers)
        finally:
            process.terminate()
            process.communicate()
