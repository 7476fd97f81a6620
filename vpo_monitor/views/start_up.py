"""Process-wide setup, done once before the first page."""

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

from vpo_monitor.insight.number_format import set_locale_source
from vpo_monitor.once import Once
from vpo_monitor.views.left_page import let_left_pages_be
from vpo_monitor.views.metrics_endpoint import metrics_endpoint
from vpo_monitor.views.viewer_locale import viewer_locale

_M_ARENA_MAX = -8
"""The parameter's number in glibc's malloc.h."""
_MOST_HEAPS = 2
_WINDOW_BITS = 15
"""The maximum of RFC 7692: a window of 32 kB, larger than a redraw of 100 jobs."""
_COLLECTED_AFTER = 7000
"""Threshold of the youngest generation; Python's default is 700."""
_STOPS_WITHIN = 1
"""Seconds that open responses get to finish when the app is stopped."""


@Once
def start_up() -> None:
    """Set up logging, memory, shutdown, number formats and metrics, once per process.

    Metrics are served from now on if configured, even before anyone has logged in.
    """
    configure_logging()
    limit_malloc_arenas()
    collect_garbage_less_often()
    widen_compression_window()
    ensure_shutdown()
    # Its warnings contain the session id of a reconnecting browser, which is a credential.
    logging.getLogger("streamlit.runtime.websocket_session_manager").setLevel(logging.ERROR)
    let_left_pages_be()
    set_locale_source(viewer_locale)
    metrics_endpoint()


def limit_malloc_arenas() -> None:
    """Limit the number of malloc arenas, if the C library is glibc.

    By default threads get up to eight arenas per core, and memory freed in one can't be used by
    another. Streamlit starts a thread for every run: over 50,000 ticks an app with constant data
    grew by 12 MB, and with two arenas by 5 MB.
    """
    if sys.platform == "linux":
        with contextlib.suppress(AttributeError):  # another C library
            ctypes.CDLL(None).mallopt(_M_ARENA_MAX, _MOST_HEAPS)


def collect_garbage_less_often() -> None:
    """Raise the threshold for collecting young objects tenfold.

    A session's objects live until its next redraw, longer than Python expects of young objects.
    With 300 viewers this caused a full collection every 4 s, which paused the app for 0.1 to 0.2 s.
    The cost is a few MB of garbage.
    """
    _young, *older = gc.get_threshold()
    gc.set_threshold(_COLLECTED_AFTER, *older)


def widen_compression_window() -> None:
    """Let WebSocket compression use the last 32 kB, as redraws largely repeat the previous one.

    Uvicorn uses a window of 4 kB and has no setting for it. A redraw of 100 jobs is 24 kB, or 6 kB
    without the repetition. This takes 110 kB more memory per viewer.
    """
    web_sockets.ServerPerMessageDeflateFactory = _Packing  # type: ignore[assignment, attr-defined]


class _Packing(ServerPerMessageDeflateFactory):
    """Compression with the largest window."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**{**settings, "server_max_window_bits": _WINDOW_BITS})


class _Output:
    """An output stream that ignores write errors, such as a closed pipe."""

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
    """Make sure that the app stops when told to.

    Streamlit prints a message before stopping, and doesn't stop if printing fails: after Ctrl-C in
    `streamlit run app.py | tee log`, without a terminal, or with a full disk. It also sets no
    shutdown timeout, so that a phone asleep during a download would keep the app running.
    """
    if sys.stdout is sys.__stdout__ and sys.stdout is not None:
        sys.stdout = _Output(sys.stdout)
    for server in gc.get_objects():
        # Not isinstance, which fails for proxies of deleted objects.
        if (
            issubclass(type(server), uvicorn.Server)
            and server.config.timeout_graceful_shutdown is None
        ):
            server.config.timeout_graceful_shutdown = _STOPS_WITHIN
    logging.getLogger("uvicorn.error").addFilter(_is_no_cancellation)


def _is_no_cancellation(record: logging.LogRecord) -> bool:
    """Drop the traceback of tasks cancelled by the shutdown, which isn't an error."""
    return not (record.exc_info and isinstance(record.exc_info[1], asyncio.CancelledError))


def configure_logging() -> None:
    """Add timestamps to this package's log lines, as in Streamlit's.

    If logging is already configured for the process, nothing is changed.
    """
    logger = logging.getLogger("vpo_monitor")
    if not logger.hasHandlers():
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
        logger.addHandler(handler)


@Once
def freeze_imports() -> None:
    """Exclude imported objects from garbage collection, after the first page is drawn.

    Streamlit runs a full collection after every run, and traversing the objects of pandas, Arrow
    and Streamlit took 50 of the 70 ms of a tick. They live as long as the process anyway. The price
    is a few hundred kB and three open files of the first viewer's session; later objects are
    collected as usual.
    """
    gc.collect()
    gc.freeze()
