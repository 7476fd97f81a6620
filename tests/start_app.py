"""Starts the app as a user would, but isolated: `python -m tests.start_app run app.py …`.

The words are those of `streamlit`, or, after `share`, those of `make share`.
"""

import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from tests.isolation import isolate_sources, secrets_file

_AMPLE = 100_000
"""Requests a minute where AMPLE_BUDGET is set, so that no test waits for what others have used."""


def start_app(arguments: Sequence[str]) -> NoReturn:
    """Become the app; only the secrets in the home folder are read."""
    isolate_sources()
    if os.environ.get("AMPLE_BUDGET"):
        from vpo_monitor import services
        from vpo_monitor.polling.limits import Budget

        setattr(services, "Budget", lambda _most: Budget(_AMPLE))  # noqa: B010 - for mypy
    if arguments[0] == "share":
        from vpo_monitor import share

        share.main(arguments[1:], become=_streamlit)
    _streamlit(arguments)


def _streamlit(arguments: Sequence[str]) -> NoReturn:
    from streamlit.web import cli

    command, *options = arguments
    sys.argv = ["streamlit", command, f"--secrets.files={secrets_file()}", *options]
    cli.main()
    sys.exit()


if __name__ == "__main__":
    start_app(sys.argv[1:])
