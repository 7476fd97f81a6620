"""Checks of the configured VPO servers. Each request is sent only once."""

import re
import time
from collections.abc import Iterator
from dataclasses import replace

from vpo_monitor.analysis.formatting import duration
from vpo_monitor.api import errors
from vpo_monitor.api.client import VpoClient
from vpo_monitor.api.json_http import READ_TIMEOUT, SAME_CLOCK
from vpo_monitor.api.models import Health
from vpo_monitor.api.server import InvalidAddress, Server, parse_address
from vpo_monitor.checks.check_result import CheckResult, fail, ok, skipped
from vpo_monitor.checks.local_checks import check_history, check_settings
from vpo_monitor.checks.per_server import per_server_settings
from vpo_monitor.config import ENVIRONMENT, Origin, Settings, reveal
from vpo_monitor.plain_text import plain_line
from vpo_monitor.secrets_files import FILE

_HEALTHY = "healthy"
_OLDEST = (0, 2)
_VERSION = re.compile(r"v?(\d{1,6})\.(\d{1,6})(?!\d)", re.ASCII)
_SLOW = 2.0
"""Seconds; VPO usually returns a page of its list in a small fraction of one."""
_LONGEST = 40
"""Maximum characters shown of VPO's own words."""


def all_checks(settings: Settings) -> Iterator[CheckResult]:
    """Run all checks, local ones first."""
    yield from check_settings(settings)
    yield check_history(settings)
    yield from check_vpo(settings)


def check_vpo(
    settings: Settings,
    *,
    only: str | None = None,
    read_timeout: float = READ_TIMEOUT,
    with_jobs: bool = True,
) -> Iterator[CheckResult]:
    """Run the checks in order and yield each result when it is known.

    If several servers are listed, each is checked, or only the one named `only`; each message then
    begins with the server's name. `read_timeout` is in seconds for each response. VPO answers all
    requests but the job list at once in all its states.
    """
    if settings.server_list.problem is not None:
        yield fail("address", settings.server_list.problem)
        yield from _untried("there is no valid address")
    for name, own in per_server_settings(settings, only):
        for finding in _findings_of(own, read_timeout, with_jobs=with_jobs):
            yield replace(finding, message=f"{name}: {finding.message}") if name else finding


def _findings_of(
    settings: Settings, read_timeout: float, *, with_jobs: bool
) -> Iterator[CheckResult]:
    address, token, unread = reveal(settings.api_url), settings.api_token, settings.unread_file
    origin = settings.origins["api_url"]
    names = origin.written, settings.token_written
    unknown = None if unread is None else f"{unread} cannot be read"
    if address is None and unknown is not None:  # it may contain any address
        yield skipped("address", f"Not tested: {unknown}.")
        yield from _untried(unknown)
        return
    try:
        url = parse_address(address or settings.default_address, *names)
    except InvalidAddress as error:
        yield fail("address", f"{error} {_from_where(origin)}")
        yield from _untried("there is no valid address")
        return
    server = Server("VPO", url, token, *names)
    client = VpoClient(server, read_timeout=read_timeout)
    try:
        health, about = client.health(), client.about()
    except errors.VpoError as error:
        yield fail("address", f"{_of_address(error, server)} {_from_where(origin)}")
        yield from _untried("VPO does not respond")
        return
    where = f". {_from_where(origin)}" if origin.is_given else ", its default."
    yield ok("address", f"VPO answers at {url}{where}")
    yield _health(health)
    of_token, is_let_in = _token(client, settings.origins["api_token"], read_timeout)
    is_unknown = not is_let_in and token is None and unknown is not None
    yield skipped("token", f"Not tested: {unknown}.") if is_unknown else of_token
    yield _version(about.version or health.version)
    yield _clock(client.clock_ahead)
    if with_jobs:
        yield (
            _jobs(client)
            if is_let_in
            else skipped("jobs", "Not tested: VPO requires a valid token.")
        )


def _untried(why: str) -> Iterator[CheckResult]:
    for tried in ("health", "token", "version", "clock", "jobs"):
        yield skipped(tried, f"Not tested: {why}.")


def _from_where(origin: Origin) -> str:
    """Describe the source of the address, so that the user knows what to change."""
    if not origin.is_given:
        key = Origin(origin.name, FILE).written
        return (
            "No address is set, so VPO's default was tested. The app would show the demo. "
            f"Set {key} in {FILE}, or {origin.name}, to VPO's address."
        )
    if _is_of_list(origin):
        return f"Address from the list of servers ({origin.source})."
    before = f", which overrides {FILE}" if origin.source == ENVIRONMENT else ""
    return f"Address from {origin.written} ({origin.source}{before})."


def _is_of_list(origin: Origin) -> bool:
    """Whether the setting belongs to the list of servers; it then has no variable name."""
    return not origin.name.isupper()


def _from(token: Origin) -> str:
    """Describe the token and its source."""
    return token.with_place if _is_of_list(token) else f"the token from {token.with_place}"


def _of_address(error: errors.VpoError, server: Server) -> str:
    if isinstance(error, errors.Unauthorized):  # at a route that needs no token
        return (
            f"{server.url} requires a login for /health, which VPO does not. A proxy may answer "
            f"instead: set {server.address_setting} to VPO's own address."
        )
    return _sentence(error, server.url)


def _sentence(error: errors.VpoError, url: str) -> str:
    """Return what happened and what to do, worded for a command instead of a page."""
    match error:
        case errors.RateLimited():
            return (
                f"VPO at {url} received too many requests from this machine. Check again in a "
                "minute. If it recurs, lower VPO_MONITOR_REQUESTS_PER_MINUTE, or find out what "
                "else polls VPO."
            )
        case errors.Unavailable():
            return f"{error} Start it, then check again."
        case errors.ServerBusy():
            return f"{error} If no job is running, read VPO's log."
        case errors.TimedOut():
            return f"{error} VPO or the network is slow: check again later."
    return str(error)


def _health(health: Health) -> CheckResult:
    if health.shutting_down:
        return fail("health", "VPO is shutting down. Start it again.")
    status = plain_line(health.status, _LONGEST)
    if status != _HEALTHY:
        database = plain_line(health.database, _LONGEST) or "unknown"
        return fail("health", f"VPO reports {status}, and its database {database}. Read VPO's log.")
    return ok("health", "VPO reports healthy.")


def _token(client: VpoClient, origin: Origin, read_timeout: float) -> tuple[CheckResult, bool]:
    """Check the token; also return whether VPO allows access to its jobs."""
    url = client.server.url
    refused = _refusal(client)
    if isinstance(refused, errors.Unauthorized):
        return fail("token", _how_to_get_in(origin, client)), False
    if refused is not None:
        return fail("token", f"Not tested. {_sentence(refused, url)}"), True
    if client.server.token is None:
        return ok("token", "VPO requires none, and none is set."), True
    if _refusal(VpoClient(Server("VPO", url), read_timeout=read_timeout)) is None:
        said = (
            f"VPO requires none, so {_from(origin)} protects nothing. "
            "Start VPO with it as VPO_AUTH_TOKEN (16 characters or more), or remove it here."
        )
        return fail("token", said), True
    return ok("token", f"VPO accepts {_from(origin)}."), True


def _refusal(client: VpoClient) -> errors.VpoError | None:
    """Return the error from a route that requires the token; None if VPO answered."""
    try:
        client.probe_access()
    except errors.VpoError as error:
        return error
    return None


def _how_to_get_in(origin: Origin, client: VpoClient) -> str:
    if client.server.token is None:
        name = client.server.token_setting
        return f"VPO requires one, and none is set. Set {name} to its VPO_AUTH_TOKEN."
    return (
        f"VPO rejects {_from(origin)}. Set it to the exact VPO_AUTH_TOKEN that VPO was started "
        "with."
    )


def _version(version: str) -> CheckResult:
    shown = plain_line(version, _LONGEST)
    oldest = ".".join(map(str, _OLDEST))
    found = _VERSION.match(shown)
    if found is None:
        said = f"VPO reports '{shown}'" if shown.strip() else "VPO reports none"
        return fail("version", f"{said}. The app needs {oldest} or newer: check the address.")
    if (int(found[1]), int(found[2])) < _OLDEST:
        return fail("version", f"VPO is {shown}. The app needs {oldest} or newer: upgrade VPO.")
    return ok("version", f"VPO is {shown}; the app needs {oldest} or newer.")


def _clock(ahead: float) -> CheckResult:
    if not ahead:
        return ok("clock", f"VPO's and this machine's differ by less than {SAME_CLOCK:g} s.")
    side = "ahead of" if ahead > 0 else "behind"
    return fail(
        "clock",
        f"VPO's is {duration(abs(ahead))} {side} this machine's. Synchronize both with NTP.",
    )


def _jobs(client: VpoClient) -> CheckResult:
    began = time.monotonic()
    try:
        client.jobs(limit=1)
    except errors.VpoError as error:
        return fail("jobs", _sentence(error, client.server.url))
    took = time.monotonic() - began
    if took >= _SLOW:
        return fail(
            "jobs",
            f"The list took {took:.1f} s: VPO's database or disk is busy. Check again later.",
        )
    return ok("jobs", f"The list took {took:.1f} s.")
