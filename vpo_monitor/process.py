"""What is set once per process: logging and garbage collection."""

import gc
import importlib
import logging
import pkgutil

_COLLECTED_AFTER = 7000
"""Threshold of the youngest generation; Python's default is 700."""
_NOISY = "streamlit.runtime.websocket_session_manager"
"""Its warnings contain the session id of a reconnecting browser, which is a credential."""


def set_up() -> None:
    """Configure logging, and collect young objects less often.

    A session's objects live until its next redraw, longer than Python expects of young objects.
    With 300 viewers this caused a full collection every 4 s, which paused the app for 0.1 to 0.2 s.
    The cost is a few MB of garbage.
    """
    configure_logging()
    logging.getLogger(_NOISY).setLevel(logging.ERROR)
    _young, *older = gc.get_threshold()
    gc.set_threshold(_COLLECTED_AFTER, *older)


def configure_logging() -> None:
    """Add timestamps to this package's log lines, as in Streamlit's.

    If logging is already configured for the process, nothing is changed.
    """
    logger = logging.getLogger("vpo_monitor")
    if not logger.hasHandlers():
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
        logger.addHandler(handler)


def warm_up() -> None:
    """Import what pages need, so that no viewer waits for it, and exempt it from collection.

    Streamlit's and pandas' objects live as long as the process; traversing them took 50 of the
    70 ms of a tick.
    """
    from vpo_monitor import views  # noqa: PLC0415 - components need a Streamlit runtime

    for module in pkgutil.iter_modules(views.__path__):
        if module.name != "main":  # the script itself
            importlib.import_module(f"{views.__name__}.{module.name}")
    gc.collect()
    gc.freeze()
