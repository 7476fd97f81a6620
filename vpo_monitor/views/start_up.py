"""What is done once a process."""

import asyncio
import contextlib
import ctypes
import gc
import logging
import sys
from typing import Any, TextIO

import uvicorn
from uvicorn.protocols.websockets import websockets_sansio_impl as web_sockets
from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory

from vpo_monitor.insight.numerals import ask_for_locale
from vpo_monitor.once import Once
from vpo_monitor.views.left_page import let_left_pages_be
from vpo_monitor.views.metrics_endpoint import metrics_endpoint
from vpo_monitor.views.viewer_locale import viewer_locale

_M_ARENA_MAX = -8
"""The number of that parameter in glibc's malloc.h."""
_MOST_HEAPS = 2
_WINDOW_BITS = 15
"""The most that RFC 7692 allows: 32 kB of what was sent before, more than a drawing of 100 jobs."""
_COLLECTED_AFTER = 7000
"""Objects that garbage may consist of before the young are gone through; Python's own is 700."""
_STOPS_WITHIN = 1
"""Seconds that whoever is being sent something has, when the app is told to stop."""


@Once
def start_up() -> None:
    """Be ready for the first page: with a log, so that the app can be stopped, and pages left.

    Numbers are written for the viewer from here on.

    Metrics are served from here on, where they are wanted, also while nobody has logged in.
    """
    configure_logging()
    limit_malloc_arenas()
    collect_garbage_less_often()
    widen_compression_window()
    ensure_shutdown()
    # It warns of a browser that comes back with the id of its session, by which one is in.
    logging.getLogger("streamlit.runtime.websocket_session_manager").setLevel(logging.ERROR)
    let_left_pages_be()
    ask_for_locale(viewer_locale)
    metrics_endpoint()


def limit_malloc_arenas() -> None:
    """Have all threads take their memory from few heaps, where the C library is glibc.

    It gives threads heaps of their own, up to eight for each core, and what is freed in one is of
    no use in another. Streamlit starts a thread for every run: over 50,000 ticks an app that held
    no more than before grew by 12 MB, and with two heaps by 5.
    """
    if sys.platform == "linux":
        with contextlib.suppress(AttributeError):  # another C library
            ctypes.CDLL(None).mallopt(_M_ARENA_MAX, _MOST_HEAPS)


def collect_garbage_less_often() -> None:
    """Have garbage collected a tenth as often.

    What a session makes lives until its next drawing, longer than Python takes new objects to live.
    With 300 viewers it went through all of them every 4 s, and each time stopped the app for 0.1 to
    0.2 s. Nothing is kept for good: what is left over comes to a few MB.
    """
    _young, *older = gc.get_threshold()
    gc.set_threshold(_COLLECTED_AFTER, *older)


def widen_compression_window() -> None:
    """Have connections from now on remember a whole drawing, of which the next repeats the most.

    Uvicorn lets them remember 4 kB, and has no setting for it; a drawing of 100 jobs is 24 kB, and
    packed without what it repeats 6. It takes 110 kB more of memory for each viewer.
    """
    web_sockets.ServerPerMessageDeflateFactory = _Packing  # type: ignore[assignment, attr-defined]


class _Packing(ServerPerMessageDeflateFactory):
    """The packing of a connection, with the widest window."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**{**settings, "server_max_window_bits": _WINDOW_BITS})


class _Output:
    """An output that does not mind when what is written cannot go anywhere any more."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        with contextlib.suppress(OSError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError):
            self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def ensure_shutdown() -> None:
    """See that the app stops when it is told to, where it would otherwise go on for ever.

    Streamlit says that it stops before it does, and stays where that fails: with Ctrl-C in
    `streamlit run app.py | tee log`, with a terminal that is gone, with a disk that is full. And
    it gives its web server no limit for the end, so that a phone that fell asleep over a download
    would be waited for.
    """
    if sys.stdout is sys.__stdout__ and sys.stdout is not None:
        sys.stdout = _Output(sys.stdout)
    for server in gc.get_objects():
        # Not isinstance, which would follow a weak reference to what is no more.
        if (
            issubclass(type(server), uvicorn.Server)
            and server.config.timeout_graceful_shutdown is None
        ):
            server.config.timeout_graceful_shutdown = _STOPS_WITHIN
    logging.getLogger("uvicorn.error").addFilter(_is_no_cancellation)


def _is_no_cancellation(record: logging.LogRecord) -> bool:
    """Whether a line is to be logged: what is broken off at the end is no error to be traced."""
    return not (record.exc_info and isinstance(record.exc_info[1], asyncio.CancelledError))


def configure_logging() -> None:
    """Give what this package logs a time, as Streamlit's own lines have.

    Where somebody has set up logging for the whole process, that is left alone.
    """
    logger = logging.getLogger("vpo_monitor")
    if not logger.hasHandlers():
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
        logger.addHandler(handler)


@Once
def freeze_imports() -> None:
    """Leave the objects of the imports out of garbage collection, when a first page is drawn.

    Streamlit collects all garbage after every run, and going through what pandas, Arrow and itself
    leave behind at their import took 50 of the 70 ms that a tick cost. These objects live as long
    as the process, so nothing is lost but the frame of the first viewer's session, some hundred kB
    and three open files; what pages make later is collected as ever.
    """
    gc.collect()
    gc.freeze()
