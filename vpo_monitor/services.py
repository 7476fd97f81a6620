"""The process-wide objects: settings, store, and one client, poller and tracker per VPO server.

The app's lifespan opens them with `running`; pages and routes get them from `current`.
"""

import contextlib
import logging
import threading
import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vpo_monitor import demo
from vpo_monitor.analysis.feed import note_stalled
from vpo_monitor.api.client import VpoClient
from vpo_monitor.api.errors import VpoError
from vpo_monitor.api.server import InvalidAddress, Server, parse_address
from vpo_monitor.config import SOURCES, PollingConfig, Settings, SettingsEdits, reveal
from vpo_monitor.history.job_tracker import JobTracker
from vpo_monitor.history.store import Store
from vpo_monitor.history.watcher import ServerWatch, Watcher
from vpo_monitor.metrics.sources import Target
from vpo_monitor.polling import queries
from vpo_monitor.polling.limits import Budget
from vpo_monitor.polling.poller import Poller

if TYPE_CHECKING:
    from vpo_monitor.polling.shared.sharing import Sharing

_LOGGER = logging.getLogger(__name__)

_PROBE_TIMEOUT = 2.0
"""Seconds; VPO answers health requests at once, and the app's start waits for this one."""
_OFFER_MAX_AGE = 300.0
_MILLISECONDS = 1000


@dataclass(frozen=True)
class MonitoredServer:
    """A VPO server with its poller and tracker.

    `store_problem` returns a message if polling should be shared with other processes but isn't.
    """

    server: Server
    poller: Poller
    tracker: JobTracker
    own_settings: Settings
    is_demo: bool = False
    store_problem: Callable[[], str | None] = lambda: None

    @property
    def settings(self) -> Settings:
        """The settings merged with the server's polling hints, if known; never waits."""
        offer = self.poller.read(queries.polling_offer(), _OFFER_MAX_AGE, patience=0.0).data
        if offer is None:
            return self.own_settings
        values: dict[str, float | bool] = {}
        if offer.interval_ms is not None:
            values["interval"] = offer.interval_ms / _MILLISECONDS
        if offer.log_interval_ms is not None:
            values["log_interval"] = offer.log_interval_ms / _MILLISECONDS
        if offer.enabled is not None:
            values["enabled"] = offer.enabled
        return self.own_settings.with_hints(PollingConfig.model_validate(values))


class Services:
    """Everything that lives as long as the app: opened by its lifespan, and closed with it.

    `servers` are the listed servers, or the one that is configured or found, or the embedded demo.
    It is empty if the settings are invalid; `problem` then says why. `viewers` are the sessions
    with a live page. `edits` tells whether the settings were edited since the app read them.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.edits = SettingsEdits(settings)
        self.problem: str | None = None
        self.servers: tuple[MonitoredServer, ...] = ()
        self.viewers: weakref.WeakSet[Any] = weakref.WeakSet()
        self._store: Store | None = None
        self._closing = contextlib.ExitStack()
        self._lock = threading.Lock()

    def open(self) -> None:
        """Look for a VPO if none is configured, and open everything. Takes up to 2 s."""
        servers: tuple[MonitoredServer, ...] = ()
        problem = None
        try:
            servers = self._open()
        except InvalidAddress as error:
            problem = str(error)
        # At once: meanwhile, pages may be drawn.
        self.servers, self.problem = servers, problem
        if (interval := self.settings.seconds_between_watches) is not None:
            work = [_watch(one, interval) for one in self.servers]
            self._closing.callback(Watcher(work, interval).close)

    def close(self) -> None:
        """Stop polling and the demo, and close the history."""
        self._closing.close()

    def switch(self, settings: Settings) -> None:
        """Poll the servers of these settings from now on. Login settings stay as they are.

        Pages that still show the servers before see their last data until they notice. Takes up to
        2 s, and more if polling was shared.
        """
        with self._lock:
            self.close()
            self._store = None
            self.settings = settings.with_access_of(self.settings)
            self.edits = SettingsEdits(self.settings)
            self.open()

    def _open(self) -> tuple[MonitoredServer, ...]:
        """Return the servers, opened. Raises InvalidAddress."""
        listed = self.settings.server_list
        if listed.problem is not None:
            raise InvalidAddress(listed.problem)
        return tuple(map(self._monitor, listed.servers)) or (self._only_one(),)

    def _only_one(self) -> MonitoredServer:
        """Return the configured server, or VPO at its default address, or the embedded demo.

        Raises InvalidAddress if the configured address is none.
        """
        settings = self.settings
        token, address = settings.api_token, reveal(settings.api_url)
        names = settings.origins["api_url"].written, settings.token_written
        public_url = reveal(settings.public_url)
        if address is not None:
            url = parse_address(address, *names)
            return self._monitor(Server("VPO", url, token, *names, public_url))
        default = Server("VPO", settings.default_address, token, *names, public_url)
        if _answers(default):
            return self._monitor(default)
        simulated = demo.start()
        self._closing.callback(simulated.stop)
        return self._monitor(Server("Demo", simulated.url), is_demo=True)

    def _monitor(self, server: Server, *, is_demo: bool = False) -> MonitoredServer:
        settings = self.settings.for_demo() if is_demo else self.settings
        sharing = _sharing(server, settings)
        client = VpoClient(server) if sharing is None else sharing.client
        if sharing is not None:
            self._closing.callback(sharing.close)
        if self._store is None:
            self._store = Store(settings.history)
            self._closing.callback(self._store.close)
        tracker = JobTracker(
            self._store,
            server.url,
            most_jobs=settings.history_jobs,
            days=settings.history_days,
            watch_interval=settings.seconds_between_watches,
            ahead=lambda: client.clock_ahead,
        )
        poller = Poller(
            client,
            Budget(settings.requests_per_minute),
            interval=settings.polling.interval,
            on_answer=tracker.ingest,
            client_for=None if sharing is None else sharing.client_for,
        )
        self._closing.callback(poller.close)
        if sharing is None:
            return MonitoredServer(server, poller, tracker, settings, is_demo)
        return MonitoredServer(
            server, poller, tracker, settings, is_demo, store_problem=lambda: sharing.problem
        )


def load_settings() -> Settings:
    """Read the settings, without any server's polling hints."""
    settings = SOURCES.load()
    if settings.oidc is not None and settings.oidc.problem:
        _LOGGER.warning("%s", settings.oidc.problem)
    return settings


def _watch(one: MonitoredServer, interval: float) -> Callable[[], None]:
    """Return what is done in every round of the watch, with what the last one has shown."""
    watch = ServerWatch(one.poller, one.tracker, interval)

    def work() -> None:
        note_stalled(one.tracker, one.own_settings.stalled_after)
        watch.poll()

    return work


_running: list[Services] = []


@contextlib.contextmanager
def running(settings: Settings) -> Iterator[Services]:
    """Make the services current for the app's lifetime, to be opened by the caller."""
    services = Services(settings)
    _running.append(services)
    try:
        yield services
    finally:
        _running.remove(services)
        services.close()


def metrics_targets() -> tuple[Target, ...]:
    """Return the servers whose state programs read, as from `/metrics`."""
    targets = []
    for one in current().servers:
        # With polling disabled in the app, not even the server's polling hints are fetched.
        own = one.own_settings
        polling = (one.settings if own.polling_enabled else own).polling
        targets.append(
            Target(
                one.server.name,
                one.poller,
                one.tracker,
                polling,
                is_demo=one.is_demo,
                stalled_after=own.stalled_after,
            )
        )
    return tuple(targets)


def is_running() -> bool:
    """Whether the app is within its lifespan."""
    return bool(_running)


def current() -> Services:
    """Return the services of the running app. Raises RuntimeError outside its lifespan."""
    if not _running:
        raise RuntimeError("The app isn't running: its lifespan opens the services.")
    return _running[-1]


def _sharing(server: Server, settings: Settings) -> "Sharing | None":
    """Return the sharing with other processes; None, without an import, if no store is set."""
    if settings.shared_store is None:
        return None
    from vpo_monitor.polling.shared.sharing import Sharing  # noqa: PLC0415 - see above

    name = settings.origins["shared_store"].name
    return Sharing(server, settings.shared_store, name, settings.requests_per_minute)


def _answers(server: Server) -> bool:
    try:
        VpoClient(server, read_timeout=_PROBE_TIMEOUT).health()
    except VpoError:
        return False
    return True
