"""Start the app for this machine only, with its own configuration in any current directory."""

import argparse
from collections.abc import Sequence
from typing import NoReturn

from vpo_monitor.app_files import APP
from vpo_monitor.streamlit_process import become_streamlit

_ADDRESS = "--server.address"
_END = "--"
"""Separator of Streamlit's options from the app's, as in `-- --no-password`."""


def main(arguments: Sequence[str], program: str) -> NoReturn:
    """Run the app, or print why not and exit with status 2."""
    become_streamlit(command(arguments, program))


def command(arguments: Sequence[str], program: str) -> list[str]:
    """Return the arguments for Streamlit, including the user's Streamlit options.

    Streamlit reads the config.toml beside the app by itself, after those of the current directory
    and of the user.
    """
    words = list(arguments)
    end = words.index(_END) if _END in words else len(words)
    parser = _parser(program)
    options, streamlits = parser.parse_known_args(words[:end])
    if any(word.partition("=")[0] == _ADDRESS for word in streamlits):
        parser.error(
            "this opens the app to this machine only. 'vpo-monitor share' opens it to others."
        )
    port = [] if options.port is None else [f"--server.port={options.port}"]
    own = [f"{_ADDRESS}=127.0.0.1", *port]
    return ["run", str(APP), *streamlits, *own, *words[end:]]


def _parser(program: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=program,
        description="Start the app for this machine.",
        epilog="All other options are those of 'streamlit run', such as --server.headless true.",
        allow_abbrev=False,
    )
    parser.add_argument("--port", type=int, help="default: 8501, or the next that is free")
    return parser
