"""The login form, logging out, and whether a session goes on."""

import html
from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from vpo_monitor.analysis.formatting import duration
from vpo_monitor.web.forms import BadForm, is_from_elsewhere, read_form
from vpo_monitor.web.login_throttle import AttemptResult, LoginThrottle, is_same_secret
from vpo_monitor.web.logins import Logins
from vpo_monitor.web.pages import Pages, link_button
from vpo_monitor.web.paths import LOGIN, LOGOUT, SESSION, Paths, next_query, page_to_return_to
from vpo_monitor.web.responses import NO_STORE, Endpoint, refusal

_ENDED = "Your session has ended. Log in to continue."
_BAD_FORMS = {400: "Bad request.", 413: "Too large.", 415: "Unsupported media type."}


class LoginRoutes:
    """The form asks for `password`, if there is one.

    `accounts` are other ways to log in, with a label and a path of the app for each. `note` is a
    sentence below them.
    """

    def __init__(
        self,
        *,
        paths: Paths,
        pages: Pages,
        logins: Logins,
        throttle: LoginThrottle,
        password: str | None,
        accounts: Sequence[tuple[str, str]] = (),
        note: str = "",
    ) -> None:
        self._paths = paths
        self._pages = pages
        self._logins = logins
        self._throttle = throttle
        self._password = password
        self._accounts = tuple(accounts)
        self._note = note

    def routes(self) -> list[Route]:
        """All of them."""
        return [
            Route(self._paths.url(LOGIN), Endpoint(get=self._show_form, post=self._log_in)),
            Route(self._paths.url(LOGOUT), Endpoint(post=self._log_out)),
            Route(self._paths.url(SESSION), Endpoint(get=self._check_session)),
        ]

    async def _show_form(self, request: Request) -> Response:
        if not self._logins.is_required or self._logins.find(request.scope) is not None:
            return self._return_to_page(request)
        return self._form(request)

    async def _log_in(self, request: Request) -> Response:
        if is_from_elsewhere(request):
            return refusal("Forbidden.", 403)
        try:
            entered = (await read_form(request)).get("password", "")
        except BadForm as bad:
            return refusal(_BAD_FORMS[bad.status], bad.status, {"Connection": "close"})
        if self._password is None:
            return self._return_to_page(request)
        expected = self._password
        if not entered:
            return self._form(request)
        address = request.client.host if request.client else None
        attempt = self._throttle.check(address, lambda: is_same_secret(entered, expected))
        if not attempt.is_right:
            return self._form(request, attempt)
        response = self._return_to_page(request)
        self._logins.start(request.scope, response)
        return response

    async def _log_out(self, request: Request) -> Response:
        if is_from_elsewhere(request):
            return refusal("Forbidden.", 403)
        target = LOGIN if self._logins.is_required else "/"
        response = RedirectResponse(self._paths.url(target), 303, NO_STORE)
        self._logins.end(request.scope, response)
        return response

    async def _check_session(self, request: Request) -> Response:
        if self._logins.is_required and self._logins.find(request.scope) is None:
            return refusal("Log in first.", 401)
        return Response(status_code=204, headers=NO_STORE)

    def _return_to_page(self, request: Request) -> Response:
        page = page_to_return_to(request.query_params.get("next"))
        return RedirectResponse(self._paths.url(page), 303, NO_STORE)

    def _form(self, request: Request, attempt: AttemptResult | None = None) -> Response:
        page = page_to_return_to(request.query_params.get("next"))
        query = next_query(page)
        main = ""
        if self._password is not None:
            message = None if attempt is None else _message(attempt)
            main = self._pages.password_form(self._paths.url(LOGIN) + query, message)
        if self._accounts:
            ways = (
                link_button(label, self._paths.url(path) + query) for label, path in self._accounts
            )
            main += f'<div class="ways">{"".join(ways)}</div>'
        if "ended" in request.query_params:  # an open tab's script sent the viewer here
            main = f'<p class="note" role="status">{_ENDED}</p>' + main
        if self._note:
            main += f'<p class="note">{html.escape(self._note)}</p>'
        status, headers = _status(attempt)
        return self._pages.page("Log in · VPO Monitor", main, status, headers)


def _message(attempt: AttemptResult) -> str:
    wait = duration(max(attempt.wait, 1.0))
    if not attempt.is_checked:
        return f"Too many attempts. Try again in {wait}."
    if attempt.wait:
        return f"Wrong password. Try again in {wait}."
    return "Wrong password. Try again, or ask your administrator."


def _status(attempt: AttemptResult | None) -> tuple[int, dict[str, str]]:
    if attempt is None:
        return 200, {}
    if attempt.is_checked:
        return 401, {}
    return 429, {"Retry-After": str(max(1, round(attempt.wait)))}
