"""Puts the parts of this package together, for `st.App`."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.middleware import Middleware
from starlette.routing import Route

from vpo_monitor.access.login_throttle import LoginThrottle
from vpo_monitor.access.oidc import Oidc
from vpo_monitor.config import Settings
from vpo_monitor.metrics.sources import Sources, Target
from vpo_monitor.web.accounts import label, start_paths
from vpo_monitor.web.connections import Connections
from vpo_monitor.web.endpoint import Endpoint
from vpo_monitor.web.headers import SecurityHeaders
from vpo_monitor.web.health import health
from vpo_monitor.web.hosts import AllowedHosts
from vpo_monitor.web.login import LoginMiddleware
from vpo_monitor.web.login_routes import LoginRoutes
from vpo_monitor.web.logins import Logins
from vpo_monitor.web.metrics import Metrics
from vpo_monitor.web.pages import Pages, Theme
from vpo_monitor.web.paths import HEALTH, LOGIN, LOGOUT, METRICS, OAUTH_CALLBACK, SESSION, Paths
from vpo_monitor.web.read_key import ReadKey
from vpo_monitor.web.sessions import Sessions
from vpo_monitor.web.static_files import CompressedStaticFiles

_log = logging.getLogger(__name__)
_DAY = 86_400.0
_BROKEN_ACCOUNTS = "Account login is not configured. See the app's log for details."


@dataclass(frozen=True)
class ServerOptions:
    """How Streamlit is configured: `server.baseUrlPath`, `server.allowedHosts`, and its theme."""

    base_path: str = ""
    allowed_hosts: tuple[str, ...] = ()
    theme: Theme = field(default_factory=dict)


class WebLayer:
    """The middleware and the routes of one process, for `st.App`.

    A scrape reads from `targets`. If `problem` is given, the app shows nothing but that.
    """

    def __init__(
        self,
        settings: Settings,
        options: ServerOptions,
        *,
        targets: Callable[[], tuple[Target, ...]] = tuple,
        problem: str | None = None,
    ) -> None:
        self.paths = Paths(options.base_path)
        self._hosts = AllowedHosts(options.allowed_hosts)
        self._pages = Pages(options.theme)
        self._settings = settings
        self._problem = problem
        sessions = Sessions(
            lifetime=settings.session_days.value * _DAY,
            idle=settings.session_idle_days.value * _DAY,
        )
        self.logins = Logins(sessions, self.paths, is_required=settings.requires_login)
        self.connections = Connections(sessions)
        self._sources = Sources(targets, lambda: len(self.connections))

    def middleware(self) -> list[Middleware]:
        """What every request passes, from the outside in."""
        locked = None
        if self._problem is not None:
            locked = self._pages.message("VPO Monitor is locked", self._problem, status=503)
        return [
            Middleware(SecurityHeaders, paths=self.paths, hosts=self._hosts),
            Middleware(
                LoginMiddleware,
                paths=self.paths,
                logins=self.logins,
                connections=self.connections,
                open_paths=self._open_paths(),
                locked=locked,
            ),
            Middleware(CompressedStaticFiles, paths=self.paths),
        ]

    def routes(self) -> list[Route]:
        """What is served beside Streamlit's pages."""
        settings = self._settings
        oidc = self._usable_oidc
        if settings.oidc is not None and settings.oidc.problem:
            _log.warning("%s", settings.oidc.problem)
        accounts: list[tuple[str, str]] = []
        routes: list[Route] = []
        if oidc is not None:
            from vpo_monitor.web.oidc import OidcRoutes  # noqa: PLC0415 - its library is optional

            accounts = list(zip(map(label, oidc.providers), start_paths(oidc), strict=True))
            routes = OidcRoutes(
                oidc, paths=self.paths, pages=self._pages, logins=self.logins
            ).routes()
        login = LoginRoutes(
            paths=self.paths,
            pages=self._pages,
            logins=self.logins,
            throttle=LoginThrottle(),
            password=settings.password.value,
            accounts=accounts,
            note=_BROKEN_ACCOUNTS if settings.oidc is not None and oidc is None else "",
        )
        key = ReadKey(
            settings.read_key.value,
            LoginThrottle(subject="The read key"),
            is_login_required=settings.requires_login,
        )
        metrics = Metrics(self._sources, key)
        return [
            *login.routes(),
            *routes,
            Route(self.paths.url(HEALTH), Endpoint(get=health)),
            Route(self.paths.url(METRICS), Endpoint(get=metrics.scrape)),
        ]

    @property
    def _usable_oidc(self) -> Oidc | None:
        oidc = self._settings.oidc
        return None if oidc is None or oidc.problem else oidc

    def _open_paths(self) -> tuple[str, ...]:
        oidc = self._usable_oidc
        of_accounts = () if oidc is None else (OAUTH_CALLBACK, *start_paths(oidc))
        return (LOGIN, LOGOUT, SESSION, HEALTH, METRICS, *of_accounts)
