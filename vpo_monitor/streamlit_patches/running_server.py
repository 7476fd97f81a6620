"""The uvicorn server that runs this app; patches of it need it in the lifespan."""

import signal

import uvicorn


def running_server() -> uvicorn.Server | None:
    """Return the server that handles the stop signal, as uvicorn does from its start to its end."""
    server = getattr(signal.getsignal(signal.SIGTERM), "__self__", None)
    return server if isinstance(server, uvicorn.Server) else None
