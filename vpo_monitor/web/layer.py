"""Puts the parts of this package together, for `st.App`."""

from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.middleware import Middleware
from starlette.routing import Route

from vpo_monitor import exposure
from vpo_monitor.config import Settings, reveal
from vpo_monitor.metrics.sources import Sources, Target
from vpo_monitor.oidc_settings import Oidc
from vpo_monitor.web.connections import Connections
from vpo_monitor.web.feed import FeedRoute
from vpo_monitor.web.headers import SecurityHeaders
from vpo_monitor.web.hosts import AllowedHosts
from vpo_monitor.web.login import Lock, LoginMiddleware
from vpo_monitor.web.login_routes import LoginRoutes
from vpo_monitor.web.login_throttle import LoginThrottle
from vpo_monitor.web.logins import Logins
from vpo_monitor.web.metrics import Metrics
from vpo_monitor.web.page_style import PageStyle, style_handler
from vpo_monitor.web.pages import Pages, Theme
from vpo_monitor.web.paths import (
    FEED,
    HEALTH,
    LOGIN,
    LOGOUT,
    METRICS,
    OAUTH_CALLBACK,
    SESSION,
    STYLE,
    SUMMARY,
    Paths,
    account_paths,
)
from vpo_monitor.web.program_reader import ProgramReader
from vpo_monitor.web.read_key import ReadKey
from vpo_monitor.web.responses import Endpoint, health
from vpo_monitor.web.sessions import Sessions
from vpo_monitor.web.static_files import CompressedStaticFiles
from vpo_monitor.web.summary import SummaryRoute
from vpo_monitor.web.web_app import OPEN_PATHS, WebApp

_DAY = 86_400.0
_BROKEN_ACCOUNTS = "Account login is not configured. See the app's log for details."


@dataclass(frozen=True)
class ServerOptions:
    """How the server is started: Streamlit's options `server.*` of the same names, and its theme.

    `allow_no_password` is true if somebody chose to run without a login. `stylesheet` is the CSS of
    all pages.
    """

    address: str | None = "127.0.0.1"
    base_path: str = ""
    allowed_hosts: tuple[str, ...] = ("localhost", "127.0.0.1", "::1")
    allow_no_password: bool = False
    theme: Theme = field(default_factory=dict)
    stylesheet: str = ""


class WebLayer:
    """The middleware and the routes of one process, for `st.App`.

    A scrape reads from `targets`. If others could reach the app and there is no login, or if it is
    misconfigured, the app shows nothing but that.
    """

    def __init__(
        self,
        settings: Settings,
        options: ServerOptions,
        *,
        targets: Callable[[], tuple[Target, ...]] = tuple,
    ) -> None:
        self.paths = Paths(options.base_path)
        self._hosts = AllowedHosts(options.allowed_hosts)
        self._pages = Pages(options.theme)
        self._web_app = WebApp(self.paths, options.theme)
        self._settings = settings
        self._options = options
        sessions = Sessions(
            lifetime=settings.session_days * _DAY,
            idle=settings.session_idle_days * _DAY,
        )
        self.logins = Logins(sessions, self.paths, is_required=settings.requires_login)
        self.connections = Connections(sessions)
        self._sources = Sources(targets, lambda: len(self.connections))

    def middleware(self) -> list[Middleware]:
        """What every request passes, from the outside in."""
        return [
            Middleware(SecurityHeaders, paths=self.paths, hosts=self._hosts),
            Middleware(
                LoginMiddleware,
                paths=self.paths,
                logins=self.logins,
                connections=self.connections,
                open_paths=self._open_paths(),
                lock=self._lock(),
            ),
            Middleware(
                PageStyle,
                paths=self.paths,
                css=self._options.stylesheet,
                head=self._web_app.head(),
            ),
            Middleware(CompressedStaticFiles, paths=self.paths),
        ]

    def routes(self) -> list[Route]:
        """What is served beside Streamlit's pages."""
        settings = self._settings
        oidc = self._usable_oidc
        accounts: list[tuple[str, str]] = []
        routes: list[Route] = []
        if oidc is not None:
            from vpo_monitor.web.oidc import OidcRoutes  # noqa: PLC0415 - its library is optional

            accounts = list(
                zip(map(_label, oidc.providers), account_paths(oidc.providers), strict=True)
            )
            routes = OidcRoutes(
                oidc, paths=self.paths, pages=self._pages, logins=self.logins
            ).routes()
        login = LoginRoutes(
            paths=self.paths,
            pages=self._pages,
            logins=self.logins,
            throttle=LoginThrottle(),
            password=reveal(settings.password),
            accounts=accounts,
            note=_BROKEN_ACCOUNTS if settings.oidc is not None and oidc is None else "",
        )
        key = ReadKey(
            reveal(settings.read_key),
            LoginThrottle(subject="The read key"),
            is_login_required=settings.requires_login,
        )
        metrics = Metrics(self._sources, key)
        reader = ProgramReader()
        summary = SummaryRoute(self._sources.targets, key, reader)
        feed = FeedRoute(self._sources.targets, key, reader, self.paths)
        return [
            *login.routes(),
            *routes,
            *self._web_app.routes(),
            Route(self.paths.url(STYLE), Endpoint(get=style_handler(self._options.stylesheet))),
            Route(self.paths.url(HEALTH), Endpoint(get=health)),
            Route(self.paths.url(METRICS), Endpoint(get=metrics.scrape)),
            Route(self.paths.url(SUMMARY), Endpoint(get=summary.get)),
            Route(self.paths.url(FEED), Endpoint(get=feed.get)),
        ]

    def _lock(self) -> Lock:
        settings, options = self._settings, self._options
        problem = exposure.problem_at_start(
            address=options.address,
            hosts=options.allowed_hosts,
            has_password=settings.password is not None,
            oidc=settings.oidc,
            problem=settings.access_problem,
            doubt=settings.access_doubt,
            allow_no_password=options.allow_no_password,
        )
        page = self._pages.message(
            "VPO Monitor is locked", problem or exposure.REACHABLE, status=503
        )
        is_for_others = not settings.requires_login and not options.allow_no_password
        return Lock(page, is_for_all=problem is not None, is_for_others=is_for_others)

    @property
    def _usable_oidc(self) -> Oidc | None:
        oidc = self._settings.oidc
        return None if oidc is None or oidc.problem else oidc

    def _open_paths(self) -> tuple[str, ...]:
        oidc = self._usable_oidc
        of_accounts = () if oidc is None else (OAUTH_CALLBACK, *account_paths(oidc.providers))
        own = (LOGIN, LOGOUT, SESSION, HEALTH, METRICS, SUMMARY, FEED)
        return (*own, *OPEN_PATHS, *of_accounts)


def _label(provider: str) -> str:
    """The text of the button that leads to a login with this provider."""
    name = "your account" if provider == "default" else provider.capitalize()
    return f"Log in with {name}"
