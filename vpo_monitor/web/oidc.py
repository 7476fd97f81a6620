"""Login with an account elsewhere (OpenID Connect)."""

import logging
import secrets
import ssl
import time
from collections.abc import Mapping
from functools import cache, partial
from typing import Any
from urllib.parse import urlsplit

import httpx
from authlib.integrations.starlette_client import OAuth
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from vpo_monitor.oidc_settings import Oidc, is_allowed
from vpo_monitor.plain_text import plain_line
from vpo_monitor.web.logins import Logins
from vpo_monitor.web.pages import Pages, link_button
from vpo_monitor.web.paths import (
    LOGIN,
    OAUTH_CALLBACK,
    Paths,
    account_paths,
    next_query,
    page_to_return_to,
)
from vpo_monitor.web.responses import NO_STORE, Endpoint

_log = logging.getLogger(__name__)
_PENDING = "login"
_MAX_AGE = 900
"""Seconds that somebody has for logging in at the provider."""
_CLIENT_PARAMETERS = (
    *("client_id", "client_secret", "server_metadata_url", "authorize_url", "authorize_params"),
    *("access_token_url", "access_token_params", "api_base_url"),
)
_CLIENT_KWARGS = {
    "scope": "openid email profile",
    "prompt": "select_account",
    "code_challenge_method": "S256",  # providers that don't know it ignore it (RFC 6749, 3.1)
}
_LOGGED_EVERY = 60.0


class OidcRoutes:
    """Sends viewers to a provider, and logs them in when they come back.

    What has to be remembered meanwhile is in a signed cookie of its own, for these routes only.
    """

    def __init__(self, oidc: Oidc, *, paths: Paths, pages: Pages, logins: Logins) -> None:
        self._oidc = oidc
        self._paths = paths
        self._pages = pages
        self._logins = logins
        table = oidc.table.get_secret_value()
        self._redirect_uri = str(table["redirect_uri"])
        self._cookie_secret = str(table["cookie_secret"])
        self._oauth = OAuth()
        for name in oidc.providers:
            self._oauth.register(name, **_client(oidc.provider(name)))
        self._logged_at = -_LOGGED_EVERY

    def routes(self) -> list[Route]:
        """All of them."""
        endpoints = {OAUTH_CALLBACK: Endpoint(get=self._finish)}
        for path, name in zip(
            account_paths(self._oidc.providers), self._oidc.providers, strict=True
        ):
            endpoints[path] = Endpoint(get=partial(self._start, name))
        return [
            Route(self._paths.url(path), self._with_memory(endpoint))
            for path, endpoint in endpoints.items()
        ]

    def _with_memory(self, app: ASGIApp) -> ASGIApp:
        uri = urlsplit(self._redirect_uri.replace("{port}", "0"))
        remembering = SessionMiddleware(
            app,
            self._cookie_secret,
            session_cookie=f"vpo-monitor-oidc-{uri.port or uri.scheme}",
            max_age=_MAX_AGE,
            path=self._paths.cookie_path,
            same_site="lax",
            https_only=uri.scheme == "https",
        )
        return _Apart(remembering)

    async def _start(self, name: str, request: Request) -> Response:
        page = page_to_return_to(request.query_params.get("next"))
        port = (request.scope.get("server") or ("", None))[1]
        redirect_uri = self._redirect_uri.replace("{port}", str(port))
        state = secrets.token_urlsafe(32)
        try:
            client = self._oauth.create_client(name)
            response: Response = await client.authorize_redirect(request, redirect_uri, state=state)
        except Exception as error:  # noqa: BLE001 - whatever the provider and the library do
            self._report(error)
            return self._failed("The identity provider can't be reached.", 502, page)
        request.session[_PENDING] = {"state": state, "provider": name, "page": page}
        response.headers.update(NO_STORE)
        return response

    async def _finish(self, request: Request) -> Response:
        pending = request.session.pop(_PENDING, None)
        if not isinstance(pending, dict) or pending["state"] != request.query_params.get("state"):
            origin = urlsplit(self._redirect_uri).netloc
            return self._failed(
                f"This login has expired, or wasn't started at {plain_line(origin)}.", 400
            )
        try:
            client = self._oauth.create_client(pending["provider"])
            token = await client.authorize_access_token(request)
        except Exception as error:  # noqa: BLE001 - whatever the provider and the library do
            self._report(error)
            return self._failed("The identity provider refused the login.", 403, pending["page"])
        user: Mapping[str, Any] = token.get("userinfo") or {}
        allow_unverified = self._oidc.allow_unverified
        if not is_allowed(user, self._oidc.allowed, allow_unverified=allow_unverified):
            return self._not_allowed(user, pending["page"])
        response = RedirectResponse(self._paths.url(pending["page"]), 303, NO_STORE)
        email = user.get("email")
        self._logins.start(request.scope, response, email if isinstance(email, str) else None)
        return response

    def _not_allowed(self, user: Mapping[str, Any], page: str) -> Response:
        email = plain_line(str(user.get("email") or "This account"))
        return self._failed(f"{email} does not have access.", 403, page)

    def _failed(self, why: str, status: int, page: str = "/") -> Response:
        advice = {
            400: "Log in again.",
            403: "Ask your administrator, or use another account.",
            502: "Try again later, or ask your administrator.",
        }
        back = link_button("Back to login", self._paths.url(LOGIN) + next_query(page))
        return self._pages.message("Login failed", why, advice[status], status=status, ways=back)

    def _report(self, error: Exception) -> None:
        """Log an error, but not each one: anybody can cause them."""
        if time.monotonic() - self._logged_at >= _LOGGED_EVERY:
            self._logged_at = time.monotonic()
            _log.warning(
                "Login with an account failed. %s: %s", type(error).__name__, plain_line(str(error))
            )


class _Apart:
    """Keeps what an app adds to the scope from the apps around it, such as Streamlit's session."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app({**scope}, receive, send)


def _client(section: Mapping[str, Any]) -> dict[str, Any]:
    known = {name: section[name] for name in _CLIENT_PARAMETERS if section.get(name)}
    kwargs = {**_CLIENT_KWARGS, "verify": _tls_context(), **section.get("client_kwargs", {})}
    return {**known, "client_kwargs": kwargs}


@cache
def _tls_context() -> ssl.SSLContext:
    """HTTPX's own; it would load its certificates for each login, which takes 40 ms."""
    return httpx.create_ssl_context()
