"""A Redis or Valkey server in a process of its own, for measurements and tests."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass

from bench.running_app import free_port

_STARTUP_SECONDS = 30


@dataclass
class RunningStore:
    """A server on 127.0.0.1 that keeps nothing on disk."""

    binary: str
    port: int
    folder: str
    flags: tuple[str, ...] = ()
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        """Its address, without a login."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start it, and return once it accepts connections; TimeoutError after 30 s."""
        self.process = subprocess.Popen(
            [
                *(self.binary, "--port", str(self.port), "--bind", "127.0.0.1"),
                *("--save", "", "--appendonly", "no", "--dir", self.folder, *self.flags),
            ],
            stdout=subprocess.DEVNULL,
        )
        give_up_at = time.monotonic() + _STARTUP_SECONDS
        while time.monotonic() < give_up_at:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
                return
            time.sleep(0.02)
        raise TimeoutError("the store does not answer")

    def stop(self) -> None:
        """End it at once; a second call changes nothing."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    @contextlib.contextmanager
    def hanging(self) -> Iterator[None]:
        """Have it accept connections and answer nothing for a while."""
        assert self.process is not None  # noqa: S101 - it runs
        self.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)


def store_binary() -> str | None:
    """The program of a store: $REDIS_SERVER, or what is on the PATH; None where there is none."""
    return (
        os.environ.get("REDIS_SERVER")
        or shutil.which("redis-server")
        or shutil.which("valkey-server")
    )


@contextlib.contextmanager
def running_store(*flags: str) -> Iterator[RunningStore]:
    """Start a store with these flags, and end it; LookupError where there is no program for it."""
    binary = store_binary()
    if binary is None:
        raise LookupError("no redis-server or valkey-server on the PATH")
    with tempfile.TemporaryDirectory(prefix="vpo-store-") as folder:
        store = RunningStore(binary, free_port(), folder, flags)
        store.start()
        try:
            yield store
        finally:
            store.stop()
