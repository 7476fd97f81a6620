"""Which servers the app watches, and the one poller of each that all sessions share."""

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
"""Seconds; VPO answers its health at once, and the first page waits for this."""
_OFFER_MAX_AGE = 300.0
_MILLISECONDS = 1000


@dataclass(frozen=True)
class MonitoredServer:
    """A server with its poller; `problem` says why there is none.

    `store_problem` says why the poll is not shared with other processes, where it should be.
    """

    server: Server | None
    poller: Poller | None
    watch: Watch | None = None
    is_demo: bool = False
    problem: str | None = None
    store_problem: Callable[[], str | None] = lambda: None


@Once
def app_settings() -> Settings:
    """The settings without the server's offer, read once a process."""
    settings = SOURCES.load()
    if settings.oidc is not None and settings.oidc.problem:
        _LOGGER.warning("%s", settings.oidc.problem)
    return settings


@Once
def monitored_servers() -> tuple[MonitoredServer, ...]:
    """Those of the list; else the one that is set, or found, or the demo. There is always one.

    Each has a client, a poller with its budget, and a watch of its own.
    """
    settings = app_settings()
    listed = settings.server_list
    if listed.problem is not None:
        return (MonitoredServer(None, None, problem=listed.problem),)
    return tuple(_watch(one, settings) for one in listed.servers) or (_only_one(settings),)


def _only_one(settings: Settings) -> MonitoredServer:
    """The configured server; else VPO at its default address; else the embedded demo."""
    token = settings.api_token.secret
    names = settings.api_url.written, settings.token_written
    if settings.api_url.value is not None:
        try:
            url = parse_address(settings.api_url.value, *names)
        except InvalidAddress as error:
            return MonitoredServer(None, None, problem=str(error))
        return _watch(Server("VPO", url, token, *names), settings)
    default = Server("VPO", settings.default_address, token, *names)
    if _answers(default):
        return _watch(default, settings)
    return _watch(Server("Demo", demo.start().url), settings, is_demo=True)


def effective_settings(poller: Poller | None) -> Settings:
    """The settings over what the server offers, where it offers anything; never waits for long."""
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


def _watch(server: Server, settings: Settings, *, is_demo: bool = False) -> MonitoredServer:
    sharing = None if is_demo else _sharing(server, settings)  # each process has its own demo
    client = VpoClient(server) if sharing is None else sharing.client
    history = History(
        None if is_demo else settings.history.value,  # made-up jobs are not worth remembering
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
    """What shares the poll with other processes, where a store is set; else nothing is imported."""
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
    """Be as in a new process."""
    app_settings.forget()
    monitored_servers.forget()
    _with_offer.cache_clear()
