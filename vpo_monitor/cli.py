"""The `vpo-monitor` command and its subcommands."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from vpo_monitor import __doc__ as about
from vpo_monitor import __version__
from vpo_monitor.app_files import APP, EXAMPLE_SETTINGS
from vpo_monitor.plain_text import plain_line
from vpo_monitor.streamlit_process import become_streamlit

# What only some subcommands need is imported by them: `run` must not wait for it.

_NAME = "vpo-monitor"
_ADDRESS = "--server.address"
_END = "--"
"""Separator of Streamlit's options from the app's, as in `-- --no-password`."""
_INIT = (
    "Write a commented settings file for you to edit, readable by you alone, and print its path. "
    "An existing file is never changed. The exit status is 0 if the file was written, otherwise 1."
)
_CHECK = (
    "Test the settings in the environment and in secrets.toml: VPO's address, token, version, "
    "clock and job list, and the history file. It changes nothing and prints no secrets. The exit "
    "status is 0 if all checks passed, or 1 if one failed."
)
_RECORD = (
    "Record one response of each kind from VPO into a new directory, for tests of this app. Paths, "
    "names, hosts and tokens are redacted. It sends only GET requests, within the request budget."
)


class CannotWrite(Exception):
    """The file was not written; `str()` is a sentence that says why."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the subcommand with the remaining arguments. Return 2 for an unknown subcommand."""
    words = sys.argv[1:] if arguments is None else arguments
    chosen = _parser().parse_args(words[:1]).command
    do, _help = _COMMANDS[chosen]
    return do(words[1:], f"{_NAME} {chosen}")


def _parser() -> argparse.ArgumentParser:
    lines = [f"  {name:<8}{help_}" for name, (_do, help_) in _COMMANDS.items()]
    parser = argparse.ArgumentParser(
        prog=_NAME,
        usage=f"{_NAME} [--version] [--help] command [options]",
        description=about,
        epilog="\n".join(["commands:", *lines, "", f"'{_NAME} command --help' lists its options."]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"{_NAME} {__version__}")
    parser.add_argument("command", choices=_COMMANDS, help=argparse.SUPPRESS)
    return parser


def run(arguments: Sequence[str], program: str) -> NoReturn:
    """Start the app for this machine only, with its own configuration in any current directory.

    Exits with status 2 if the arguments don't allow it.
    """
    become_streamlit(run_command(arguments, program))


def run_command(arguments: Sequence[str], program: str) -> list[str]:
    """Return the arguments for Streamlit, including the user's Streamlit options.

    Streamlit reads the config.toml beside the app by itself, after those of the current directory
    and of the user.
    """
    words = list(arguments)
    end = words.index(_END) if _END in words else len(words)
    parser = argparse.ArgumentParser(
        prog=program,
        description="Start the app for this machine.",
        epilog="All other options are those of 'streamlit run', such as --server.headless true.",
        allow_abbrev=False,
    )
    parser.add_argument("--port", type=int, help="default: 8501, or the next that is free")
    options, streamlits = parser.parse_known_args(words[:end])
    if any(word.partition("=")[0] == _ADDRESS for word in streamlits):
        parser.error(
            "this opens the app to this machine only. 'vpo-monitor share' opens it to others."
        )
    port = [] if options.port is None else [f"--server.port={options.port}"]
    own = [f"{_ADDRESS}=127.0.0.1", *port]
    return ["run", str(APP), *streamlits, *own, *words[end:]]


def init(arguments: Sequence[str], program: str) -> int:
    """Create a settings file where the app reads its own, and print its path.

    Returns 1 with a message if that fails.
    """
    from vpo_monitor.config import SOURCES  # noqa: PLC0415 - see above

    argparse.ArgumentParser(prog=program, description=_INIT).parse_args(arguments)
    file = SOURCES.own_file
    try:
        write_settings(file)
    except CannotWrite as problem:
        print(problem, file=sys.stderr)
        return 1
    print(f"Wrote {plain_line(str(file))}. Edit it, then restart the app.")
    return 0


def write_settings(file: Path) -> None:
    """Create the file with mode 0600, and its parent directories. Raises CannotWrite."""
    shown = plain_line(str(file))
    if file.is_dir():
        raise CannotWrite(f"{shown} is a directory: move it away, then try again.")
    content = EXAMPLE_SETTINGS.read_bytes()
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        folder = plain_line(str(file.parent))
        raise CannotWrite(f"{folder} cannot be created: {_why(error)}.") from error
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise CannotWrite(f"{shown} already exists and was not changed.") from error
    except OSError as error:
        raise CannotWrite(f"{shown} cannot be created: {_why(error)}.") from error
    try:
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(content)
    except OSError as error:
        file.unlink(missing_ok=True)
        raise CannotWrite(f"{shown} cannot be written: {_why(error)}.") from error


def _why(error: OSError) -> str:
    return (error.strerror or "unknown reason").lower()


def check(arguments: Sequence[str], program: str) -> int:
    """Test the settings and the connection, and print each result as it arrives.

    With `--record` it records VPO's responses instead. Returns 1 if a check failed, else 0.
    """
    from vpo_monitor.checks.check_result import CheckStatus, summary  # noqa: PLC0415 - see above
    from vpo_monitor.checks.vpo_checks import all_checks  # noqa: PLC0415 - see above
    from vpo_monitor.config import SOURCES  # noqa: PLC0415 - see above
    from vpo_monitor.recording.recorder import record  # noqa: PLC0415 - see above

    parser = argparse.ArgumentParser(prog=program, description=_CHECK)
    parser.add_argument("--record", metavar="DIR", type=Path, help=_RECORD)
    folder = parser.parse_args(arguments).record
    settings = SOURCES.load()
    if folder is not None:
        return record(settings, folder)
    problems = 0
    for finding in all_checks(settings):
        print(f"{finding.status:<10} {finding.name:<9} {finding.message}", flush=True)
        problems += finding.status is CheckStatus.FAIL
    print(summary(problems))
    return 1 if problems else 0


def _share(arguments: Sequence[str], program: str) -> NoReturn:
    from vpo_monitor import share  # noqa: PLC0415 - see above

    share.main(arguments, program)


def _demo(arguments: Sequence[str], program: str) -> int:
    from vpo_monitor.demo import __main__ as demo  # noqa: PLC0415 - see above

    return demo.main(arguments, program)


_COMMANDS: dict[str, tuple[Callable[[Sequence[str], str], int], str]] = {
    "run": (run, "start the app for this machine"),
    "share": (_share, "start the app for others on the network, behind a login"),
    "demo": (_demo, "start the demo VPO server alone"),
    "init": (init, "write a commented settings file for you to edit"),
    "check": (check, "test the settings and the connection"),
}


if __name__ == "__main__":
    sys.exit(main())
