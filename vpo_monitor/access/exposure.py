"""Whether the app may be opened at all as it was started: who could reach it, and past what."""

import ipaddress
from collections.abc import Sequence

from vpo_monitor.access.oidc import Oidc

NO_PASSWORD = "--no-password"  # noqa: S105 - the word by which somebody wants none


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
    """A sentence that says why the app must not show anything; None where it may.

    `address` is where it listens, None for everywhere; `hosts` are the names by which browsers may
    ask for it: one that is not this machine's means a proxy before it, which others can reach.
    `problem` says why nobody can be asked for the password that is wanted, `doubt` why it is not
    sure whether one is, if so. `allow_no_password` where somebody has said plainly that none is.
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
    # Without a single name Streamlit takes any.
    if is_this_machine(address) and hosts and all(map(is_this_machine, hosts)):
        return None
    return (
        "Other machines can reach this app, and it has no password. Set VPO_MONITOR_PASSWORD and "
        f"start it again; or add '-- {NO_PASSWORD}' to 'streamlit run app.py …' where everybody "
        "who can reach it may look."
    )


def is_this_machine(address: str | None) -> bool:
    """Whether nobody but this machine can reach what listens there."""
    if address is None:
        return False
    address = address.strip("[]")
    if address == "localhost" or address.startswith("unix://"):
        return True
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
