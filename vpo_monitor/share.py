"""Start the app for others on the network: `vpo-monitor share`.

It listens at one address, prints the URL to give to others, and refuses to start without a login.
"""

import argparse
import ipaddress
import socket
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn

from vpo_monitor import exposure
from vpo_monitor.app_files import APP
from vpo_monitor.config import SOURCES, Settings, reveal
from vpo_monitor.plain_text import plain_line
from vpo_monitor.streamlit_process import become_streamlit

_PROGRAM = "vpo-monitor share"
_PORT = 8501
"""Streamlit's default port."""
_SHORT_PASSWORD = 8
"""NIST SP 800-63B, 5.1.1.2: the minimum length of a password chosen by a person."""
# Addresses reserved for documentation (RFC 5737 and 3849). Connecting a datagram socket sends
# nothing; it only makes the system choose a route.
_NOWHERE = ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1"))
_SHARED_SPACE = ipaddress.ip_network("100.64.0.0/10")
"""Used by private networks over the internet (RFC 6598)."""


class CannotShare(Exception):
    """The app must not or cannot start; `str()` is a sentence that says what to change."""


def main(
    arguments: Sequence[str] | None = None,
    program: str = _PROGRAM,
    become: Callable[[Sequence[str]], NoReturn] = become_streamlit,
) -> NoReturn:
    """Run the app for the network, or print why not and exit with status 2.

    `program` is the command shown in the help. `become` runs Streamlit with its arguments.
    """
    options = _parser(program).parse_args(arguments)
    try:
        command = share(options, SOURCES.load())
    except CannotShare as problem:
        sys.exit(_failed(str(problem)))
    become(command)


def share(options: argparse.Namespace, settings: Settings) -> list[str]:
    """Return the arguments for Streamlit, and print the URL to give to others.

    Raises CannotShare.
    """
    address = options.address or own_address()
    problem = exposure.problem_at_start(
        address=address,
        hosts=host_names(address, options.name),
        has_password=settings.password is not None,
        oidc=settings.oidc,
        problem=settings.access_problem,
        doubt=settings.access_doubt,
        allow_no_password=options.no_password,
    )
    if problem and not (settings.oidc or settings.access_problem or settings.access_doubt):
        problem = (
            "No password is set. Set VPO_MONITOR_PASSWORD, or password in "
            f"{plain_line(str(SOURCES.own_file))}. To let everyone on the network in, add "
            "--no-password."
        )
    if problem:
        raise CannotShare(problem)
    if _is_everywhere(address) and not options.name:
        raise CannotShare(
            f"{address} means all addresses of this machine, so browsers can't use it. Add --name "
            "for each host name or address by which they reach this machine."
        )
    if _is_public(address) and not options.address:
        raise CannotShare(
            f"{address} is a public internet address. To use it anyway, add --address {address}."
        )
    _check_free(address, options.port)
    _tell(address, options, settings)
    return _command(address, options)


def own_address() -> str:
    """Return this machine's address on its network. Raises CannotShare if it has none."""
    for family, elsewhere in _NOWHERE:
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as probe:
                probe.connect((elsewhere, 9))
                found = str(probe.getsockname()[0])
        except OSError:
            continue
        if not ipaddress.ip_address(found).is_loopback:
            return found
    raise CannotShare(
        "This machine has no network address. Connect it to a network, or set --address."
    )


def host_names(address: str, more: Sequence[str] = ()) -> list[str]:
    """Return the host names allowed in browser requests; all others are rejected."""
    own = socket.gethostname().lower()
    addresses = [] if _is_everywhere(address) else [address]
    names = [*addresses, own, f"{own.removesuffix('.local')}.local", *more]
    return list(dict.fromkeys(names))


def _is_everywhere(address: str) -> bool:
    """Whether this address means all addresses of the machine."""
    try:
        return ipaddress.ip_address(address).is_unspecified
    except ValueError:
        return False


def _given_to_others(address: str, options: argparse.Namespace) -> str:
    """Return the URL for others; without it, Streamlit would ask a host on the internet."""
    return str(options.name[0]) if _is_everywhere(address) else address


def _is_public(address: str) -> bool:
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    return ip.is_global and ip not in _SHARED_SPACE


def _is_loopback(address: str) -> bool:
    """Whether other machines can't reach this address."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return address == "localhost"


def _check_free(address: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((address, port))
    except OSError as error:
        raise CannotShare(
            f"{address} port {port} cannot be opened: {error.strerror or 'no such address'}. "
            "If another app uses the port, choose another with --port."
        ) from error


def _command(address: str, options: argparse.Namespace) -> list[str]:
    flags = {
        "server.address": address,
        "server.port": str(options.port),
        "server.headless": "true",  # the machine may have no display
        "server.enableCORS": "true",
        "server.enableXsrfProtection": "true",
        "browser.serverAddress": _given_to_others(address, options),
    }
    names = [f"--server.allowedHosts={name}" for name in host_names(address, options.name)]
    said = ["--", exposure.NO_PASSWORD] if options.no_password else []
    own = [*(f"--{key}={value}" for key, value in flags.items()), *names]
    return ["run", str(APP), *own, *said]


def _tell(address: str, options: argparse.Namespace, settings: Settings) -> None:
    given = _given_to_others(address, options)
    host = f"[{given}]" if ":" in given else given
    url = f"http://{host}:{options.port}"
    password = reveal(settings.password)
    if _is_loopback(given):
        print(f"VPO Monitor is at {url}. Only this machine reaches it, or a reverse proxy on it.")
    else:
        print(f"VPO Monitor is shared at {url} – give this address to others.")
        print("Use it on this machine, too: localhost doesn't reach the app.")
        if password is not None:
            print(
                "They need the password, which is sent unencrypted. "
                "To add TLS, see docs/how-to/reverse-proxy.md."
            )
        elif settings.oidc is None:
            print("No password: everyone on the network can see it.")
    if password is not None and len(password) < _SHORT_PASSWORD:
        print(f"The password is short. Use {_SHORT_PASSWORD} characters or more.")
    print("Press Ctrl-C to stop.", flush=True)


def _parser(program: str = _PROGRAM) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=program,
        description="Start the app for others on the network, behind a login",
    )
    parser.add_argument("--address", help="where to listen (default: this machine's own address)")
    parser.add_argument("--port", type=int, default=_PORT, help="default: %(default)s")
    parser.add_argument(
        "--name", action="append", default=[], help="one more host name of this machine"
    )
    parser.add_argument(
        exposure.NO_PASSWORD, action="store_true", help="let everyone on the network in"
    )
    return parser


def _failed(problem: str) -> int:
    print(f"VPO Monitor is not shared. {problem}", file=sys.stderr)
    return 2
