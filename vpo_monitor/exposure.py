"""Decide whether the app may start, given who could reach it and how it is protected."""

import ipaddress
from collections.abc import Sequence

from vpo_monitor.oidc_settings import Oidc

NO_PASSWORD = "--no-password"  # noqa: S105 - an option, not a password

REACHABLE = (
    "Other machines can reach this app, and it has no password. Set VPO_MONITOR_PASSWORD and "
    f"restart the app. To let everyone in, add '-- {NO_PASSWORD}' to 'streamlit run app.py …'."
)


def problem_at_start(
    *,
    address: str | None,
    hosts: Sequence[str],
    has_password: bool,
    oidc: Oidc | None,
    problem: str | None,
    doubt: str | None,
    allow_no_password: bool,
) -> str | None:
    """Return a sentence that says why the app must not show anything; None if it may.

    `address` is where it listens, None for all addresses. `hosts` are the host names allowed in
    browser requests; a name other than this machine's implies a proxy that others can reach.
    `problem` says why the required password cannot be checked, `doubt` why it is uncertain whether
    one is set. `allow_no_password` is true if the user explicitly asked to run without one.
    """
    if problem:
        return problem
    if has_password:
        return None
    if oidc is not None:
        return oidc.problem
    if allow_no_password:
        return None
    if doubt:
        return doubt
    # Without any name, Streamlit accepts all host names.
    if is_this_machine(address) and hosts and all(map(is_this_machine, hosts)):
        return None
    return REACHABLE


def is_this_machine(address: str | None) -> bool:
    """Whether only this machine can reach an app that listens there."""
    if address is None:
        return False
    address = address.strip("[]")
    if address == "localhost" or address.startswith("unix://"):
        return True
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = getattr(ip, "ipv4_mapped", None)  # of a socket for both kinds of address
    return (mapped or ip).is_loopback
