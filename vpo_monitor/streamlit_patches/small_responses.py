"""Send small responses at once, as asyncio does on connections that it knows as TCP.

Symptom: each response takes 44 ms on a connection that is kept alive, over loopback too. A page
loads some 130 files, mostly small ones. Seen with every request.

`streamlit run` creates its socket with `socket.socket(family=…)`, whose protocol is 0, and asyncio
sets TCP_NODELAY only where the protocol is that of TCP. So the second packet of a response, the
body, waits until the browser has acknowledged the first, which it puts off for 40 ms. uvicorn's
workers have the same defect (Kludex/uvicorn#3149). The public alternative is `uvicorn app:app`,
whose socket asyncio creates itself; it reads none of Streamlit's options. Delete this file when
Streamlit's `_bind_socket` gives its socket a protocol.
"""

import asyncio
import contextlib
import logging
import socket

from vpo_monitor.streamlit_patches.running_server import running_server

_LOGGER = logging.getLogger(__name__)


def apply() -> None:
    """Have the server set TCP_NODELAY. Call it in the lifespan, before there are connections."""
    server = running_server()
    protocol = getattr(server and server.config, "http_protocol_class", None)
    if server is None or not (
        isinstance(protocol, type) and issubclass(protocol, asyncio.Protocol)
    ):
        _LOGGER.warning(
            "The app isn't run by uvicorn, or it handles connections differently. "
            "Pages may load slowly."
        )
        return

    class WithoutDelay(protocol):  # type: ignore[misc, valid-type]
        def connection_made(self, transport: asyncio.Transport) -> None:
            super().connection_made(transport)
            with contextlib.suppress(OSError):  # a Unix socket has no such option
                connection = transport.get_extra_info("socket")
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    server.config.http_protocol_class = WithoutDelay
