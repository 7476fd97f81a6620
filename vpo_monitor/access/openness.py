"""Whether the app may be opened at all as it was started: who could reach it, and past what."""

import ipaddress

from vpo_monitor.access.oidc import Oidc

NO_PASSWORD = "--no-password"  # noqa: S105 - the word by which somebody wants none


def refusal(
    *,
    address: str | None,
    has_password: bool,
    oidc: Oidc | None,
    is_unreadable: bool,
    is_open_wanted: bool,
) -> str | None:
    """A sentence that says why the app must not show anything; None where it may.

    `address` is where it listens, None for everywhere. `is_unreadable` where a file of secrets is
    there and cannot be read: it may hold the password. `is_open_wanted` where somebody has said
    plainly that there is to be none.
    """
    if has_password:
        return None
    if is_unreadable:
        return (
            "secrets.toml cannot be read, so whether a password is wanted is not known. "
            "Mend the file, or set VPO_MONITOR_PASSWORD, and start the app again."
        )
    if oidc is not None:
        return oidc.problem
    if is_this_machine(address) or is_open_wanted:
        return None
    return (
        "Other machines can reach this app, and it has no password. Set VPO_MONITOR_PASSWORD and "
        f"start it again; or add '-- {NO_PASSWORD}' to 'streamlit run app.py …' where everybody "
        "on the network may look."
    )


def is_this_machine(address: str | None) -> bool:
    """Whether nobody but this machine can reach what listens there."""
    if address is None:
        return False
    if address == "localhost" or address.startswith("unix://"):
        return True
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
