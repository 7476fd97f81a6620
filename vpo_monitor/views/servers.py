"""The servers that the app monitors, each with one poller shared by all sessions."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from vpo_monitor import demo
from vpo_monitor.api.client import VpoClient
from vpo_monitor.api.errors import VpoError
from vpo_monitor.api.server import InvalidAddress, Server, parse_address
from vpo_monitor.config import PollingConfig, Settings
from vpo_monitor.insight.watching.history import History
from vpo_monitor.insight.watching.watch import Watch
from vpo_monitor.once import Once
from vpo_monitor.polling import queries
from vpo_monitor.polling.budget import Budget
from vpo_monitor.polling.poller import Poller
from vpo_monitor.settings_sources import SOURCES

if TYPE_CHECKING:
    from vpo_monitor.polling.shared.sharing import Sharing

_LOGGER = logging.getLogger(__name__)

_PROBE_TIMEOUT = 2.0
"""Seconds; VPO answers health requests at once, and the first page waits for this one."""
_OFFER_MAX_AGE = 300.0
_MILLISECONDS = 1000


@dataclass(frozen=True)
class MonitoredServer:
    """A server with its poller and history; `problem` says why it has none.

    `store_problem` returns a message if polling should be shared with other processes but isn't.
    """

    server: Server | None
    poller: Poller | None
    watch: Watch | None = None
    is_demo: bool = False
    problem: str | None = None
    store_problem: Callable[[], str | None] = lambda: None


@Once
def app_settings() -> Settings:
    """Return the settings without the server's polling hints; read once per process."""
    settings = SOURCES.load()
    if settings.oidc is not None and settings.oidc.problem:
        _LOGGER.warning("%s", settings.oidc.problem)
    return settings


@Once
def monitored_servers() -> tuple[MonitoredServer, ...]:
    """Return the listed servers, or the one that is set or found, or the demo; at least one.

    Each has its own client, poller with budget, and watch.
    """
    settings = app_settings()
    listed = settings.server_list
    if listed.problem is not None:
        return (MonitoredServer(None, None, problem=listed.problem),)
    return tuple(_monitor(one, settings) for one in listed.servers) or (_only_one(settings),)


def _only_one(settings: Settings) -> MonitoredServer:
    """Return the configured server, or VPO at its default address, or the embedded demo."""
    token = settings.api_token.secret
    names = settings.api_url.written, settings.token_written
    if settings.api_url.value is not None:
        try:
            url = parse_address(settings.api_url.value, *names)
        except InvalidAddress as error:
            return MonitoredServer(None, None, problem=str(error))
        return _monitor(Server("VPO", url, token, *names), settings)
    default = Server("VPO", settings.default_address, token, *names)
    if _answers(default):
        return _monitor(default, settings)
    return _monitor(Server("Demo", demo.start().url), settings, is_demo=True)


def effective_settings(poller: Poller | None) -> Settings:
    """Return the settings merged with the server's polling hints, if known; never waits."""
    if poller is None:
        return app_settings()
    offer = poller.read(queries.polling_offer(), _OFFER_MAX_AGE, patience=0.0).data
    if offer is None:
        return app_settings()
    return _with_offer(offer.interval_ms, offer.log_interval_ms, enabled=offer.enabled)


@lru_cache(maxsize=10)
def _with_offer(
    interval_ms: float | None, log_interval_ms: float | None, *, enabled: bool | None
) -> Settings:
    values: dict[str, float | bool] = {}
    if interval_ms is not None:
        values["interval"] = interval_ms / _MILLISECONDS
    if log_interval_ms is not None:
        values["log_interval"] = log_interval_ms / _MILLISECONDS
    if enabled is not None:
        values["enabled"] = enabled
    return SOURCES.load(PollingConfig.model_validate(values))


def _monitor(server: Server, settings: Settings, *, is_demo: bool = False) -> MonitoredServer:
    sharing = None if is_demo else _sharing(server, settings)  # the demo is per process
    client = VpoClient(server) if sharing is None else sharing.client
    history = History(
        None if is_demo else settings.history.value,  # demo jobs aren't worth keeping
        server.url,
        days=settings.history_days.value,
        most_jobs=settings.history_jobs.value,
    )
    watch = Watch(
        history,
        most_jobs=settings.history_jobs.value,
        days=settings.history_days.value,
        ahead=lambda: client.clock_ahead,
    )
    budget = Budget(settings.requests_per_minute.value)
    poller = Poller(
        client,
        budget,
        interval=settings.polling.interval,
        hear=watch.hear,
        client_for=None if sharing is None else sharing.client_for,
    )
    if sharing is None:
        return MonitoredServer(server, poller, watch, is_demo)
    return MonitoredServer(server, poller, watch, is_demo, store_problem=lambda: sharing.problem)


def _sharing(server: Server, settings: Settings) -> "Sharing | None":
    """Return the sharing with other processes; None, without an import, if no store is set."""
    store = settings.shared_store
    if store.secret is None:
        return None
    from vpo_monitor.polling.shared.sharing import Sharing  # noqa: PLC0415 - see above

    return Sharing(server, store.secret, store.name, settings.requests_per_minute.value)


def _answers(server: Server) -> bool:
    try:
        VpoClient(server, read_timeout=_PROBE_TIMEOUT).health()
    except VpoError:
        return False
    return True


def forget_all() -> None:
    """Reset everything, as in a new process."""
    app_settings.forget()
    monitored_servers.forget()
    _with_offer.cache_clear()
