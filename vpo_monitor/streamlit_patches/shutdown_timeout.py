"""Stop the app although a browser doesn't take its response.

Symptom: after Ctrl-C or SIGTERM the app keeps running while a phone sleeps during a download, until
systemd or Docker kills it. Seen whenever a response larger than the socket's buffers isn't read.

`streamlit run` starts uvicorn without a shutdown timeout, so that it waits for open connections
without end, and has no setting for it. The public alternative is `uvicorn app:app
--timeout-graceful-shutdown 1`, which reads none of Streamlit's options. An ASGI app can't close a
connection whose browser doesn't read. Delete this file when Streamlit sets a timeout, or has an
option for it.
"""

import asyncio
import logging

from vpo_monitor.streamlit_patches.running_server import running_server

_LOGGER = logging.getLogger(__name__)
_STOPS_WITHIN = 1
"""Seconds that open responses get to finish."""


def apply() -> None:
    """Set the server's timeout in the lifespan, if it has none."""
    server = running_server()
    if server is None:
        _LOGGER.warning(
            "The app isn't run by uvicorn, or it handles signals differently. "
            "The app may not stop while a browser doesn't take its response."
        )
        return
    if server.config.timeout_graceful_shutdown is None:
        server.config.timeout_graceful_shutdown = _STOPS_WITHIN
        logging.getLogger("uvicorn.error").addFilter(_is_no_cancellation)


def _is_no_cancellation(record: logging.LogRecord) -> bool:
    """Drop the traceback of responses that the timeout canceled, which isn't an error."""
    return not (record.exc_info and isinstance(record.exc_info[1], asyncio.CancelledError))
