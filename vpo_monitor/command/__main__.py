"""The `vpo-monitor` command and its subcommands."""

import argparse
import sys
from collections.abc import Callable, Sequence

from vpo_monitor import __doc__ as about
from vpo_monitor import __version__

_NAME = "vpo-monitor"

# Subcommands are imported when they are run, so that `--version` does not load a web server.


def _run(arguments: Sequence[str], program: str) -> int:
    from vpo_monitor.command import run  # noqa: PLC0415 - see above

    run.main(arguments, program)


def _share(arguments: Sequence[str], program: str) -> int:
    from vpo_monitor import share  # noqa: PLC0415 - see above

    share.main(arguments, program)
    return 0


def _demo(arguments: Sequence[str], program: str) -> int:
    from vpo_monitor.demo import __main__ as demo  # noqa: PLC0415 - see above

    return demo.main(arguments, program)


def _init(arguments: Sequence[str], program: str) -> int:
    from vpo_monitor.command import init  # noqa: PLC0415 - see above

    return init.main(arguments, program)


def _check(arguments: Sequence[str], program: str) -> int:
    from vpo_monitor.command import check  # noqa: PLC0415 - see above

    return check.main(arguments, program)


_COMMANDS: dict[str, tuple[Callable[[Sequence[str], str], int], str]] = {
    "run": (_run, "start the app for this machine"),
    "share": (_share, "start the app for others on the network, behind a login"),
    "demo": (_demo, "start the demo VPO server alone"),
    "init": (_init, "write a commented settings file for you to edit"),
    "check": (_check, "test the settings and the connection"),
}


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


if __name__ == "__main__":
    sys.exit(main())
