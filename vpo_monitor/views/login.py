"""The login. Until a viewer is logged in, no page is drawn and VPO isn't polled for them."""

import hmac
import sys
from collections.abc import Mapping
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from vpo_monitor import services
from vpo_monitor.access import exposure
from vpo_monitor.access.login_throttle import AttemptResult, LoginThrottle
from vpo_monitor.access.login_tokens import LoginTokens, digest
from vpo_monitor.access.oidc import Oidc, identity, is_allowed
from vpo_monitor.config import Settings
from vpo_monitor.insight.formatting import duration
from vpo_monitor.plain_text import plain_line
from vpo_monitor.views.frontend import stylesheet
from vpo_monitor.views.login_cookie import clear_login_cookie, login_cookie, set_login_cookie

_TOKEN = "login-token"  # noqa: S105 - the key of the session's token
_VERDICT = "login-verdict"
_ENTERED = "login-password"
_REFUSED = "login-refused"
_LEFT = "login-left"
_LEFT_ACCOUNT = "login-left-account"


# Not in Streamlit's caches, which any session can clear, even one that isn't logged in.
_TOKENS = LoginTokens()
_THROTTLE = LoginThrottle()


def require_login() -> None:
    """Show the login and end the run unless the viewer is logged in or needs no login."""
    settings = services.current().settings
    problem = exposure.problem_at_start(
        address=st.get_option("server.address"),
        hosts=st.get_option("server.allowedHosts"),
        has_password=settings.password.value is not None,
        oidc=settings.oidc,
        problem=settings.access_problem,
        doubt=settings.access_doubt,
        allow_no_password=exposure.NO_PASSWORD in sys.argv,
    )
    if problem:
        _bare_page()
        st.error("VPO Monitor is locked", icon=":material/lock:")
        st.text(problem)
        st.stop()
    if is_logged_in():
        if _requires_login(settings):
            refused = st.session_state.get(_REFUSED)
            set_login_cookie(st.session_state.get(_TOKEN), refused=refused, on_other=_adopt_token)
        return
    _bare_page()
    is_account = st.session_state.get(_LEFT_ACCOUNT, False)
    clear_login_cookie(st.session_state.get(_LEFT), is_account=is_account)
    if is_account:
        st.text("Logging out …")  # a login before the browser is done would be undone
        st.stop()
    if settings.password.value is not None:
        _password_form()
    if settings.oidc is not None:
        _accounts(settings.oidc)
    st.stop()


def _bare_page() -> None:
    """Draw the title alone, without the menu.

    Streamlit forgets a page's fragments only when a run ends normally, not when it is stopped. A
    late tick would then draw into a container that no longer exists, which crashes Streamlit's
    frontend and leaves a white screen. So the fragments are cleared here.
    """
    context = get_script_run_ctx()
    if context is not None:
        context.fragment_storage.clear(new_fragment_ids=frozenset())
    st.html(stylesheet("login"))
    st.title("VPO Monitor", anchor=False)


def is_logged_in() -> bool:
    """Whether this session is logged in now: another tab may have logged out."""
    settings = services.current().settings
    if not _requires_login(settings):
        return True
    for token in (st.session_state.get(_TOKEN), login_cookie()):
        if token is not None and _TOKENS.is_in(token):
            st.session_state[_TOKEN] = token
            return True
    oidc = settings.oidc
    return oidc is not None and is_allowed(_account(oidc), oidc.allowed)


def log_out_button() -> None:
    """Draw the logout button, if a login is required."""
    if _requires_login(services.current().settings):
        st.button("Log out", icon=":material/logout:", type="tertiary", on_click=_log_out)


def _requires_login(settings: Settings) -> bool:
    return settings.password.value is not None or settings.oidc is not None


def _password_form() -> None:
    with st.form("login", width=360):
        st.text_input("Password", type="password", key=_ENTERED, autocomplete="current-password")
        st.form_submit_button("Log in", on_click=_try_password)
    verdict: AttemptResult | None = st.session_state.get(_VERDICT)
    if verdict is not None:
        st.text(_verdict_message(verdict))


def _try_password() -> None:
    entered = st.session_state[_ENTERED]
    st.session_state[_ENTERED] = ""  # kept neither on the page nor in the session
    expected = services.current().settings.password.value
    if expected is None or not entered:
        return
    # Compare digests, so that timing doesn't reveal even the password's length.
    verdict = _THROTTLE.check(
        st.context.ip_address, lambda: hmac.compare_digest(digest(entered), digest(expected))
    )
    if verdict.is_right:
        st.session_state[_TOKEN] = _TOKENS.let_in()
        st.session_state.pop(_VERDICT, None)
        st.session_state.pop(_LEFT, None)
    else:
        st.session_state[_VERDICT] = verdict


def _verdict_message(verdict: AttemptResult) -> str:
    wait = duration(max(verdict.wait, 1.0))
    if not verdict.is_checked:
        return f"Too many attempts. Try again in {wait}."
    if verdict.wait:
        return f"Wrong password. Try again in {wait}."
    return "Wrong password. Try again, or ask your administrator."


def _accounts(oidc: Oidc) -> None:
    """Draw the login with an OpenID Connect account."""
    if oidc.problem:
        st.text("Account login is not configured. See the app's log for details.")
        return
    user = _account(oidc)
    if user:
        email = user.get("email")
        st.text(f"{plain_line(str(email))} does not have access.")
        st.text("Ask your administrator, or use another account.")
        st.button("Use another account", on_click=_log_out)
        return
    for provider in oidc.providers:
        name = "your account" if provider == "default" else provider.capitalize()
        st.button(
            f"Log in with {name}", key=f"login-{provider}", on_click=st.login, args=(provider,)
        )


def _account(oidc: Oidc) -> Mapping[str, Any]:
    """The provider's claims about this viewer; empty if they aren't logged in with an account."""
    user = _user()
    return {} if oidc.problem or user is None or _TOKENS.is_barred(identity(user)) else user


def _user() -> Mapping[str, Any] | None:
    """The account that Streamlit knows, even if the viewer has logged out here."""
    return st.user.to_dict() if st.user.get("is_logged_in") else None


def _adopt_token(other: str) -> None:
    """Adopt the token in the browser's cookie, as its other tabs do: they log out together."""
    own = st.session_state.get(_TOKEN)
    if not _TOKENS.is_in(other):
        st.session_state[_REFUSED] = other
    elif own is not None and own != other:
        _TOKENS.put_out(own)
        st.session_state[_TOKEN] = other


def _log_out() -> None:
    """Revoke this session's token and account, which logs out every tab that uses them."""
    token, user = st.session_state.get(_TOKEN), _user()
    if token is not None:
        _TOKENS.put_out(token)
    if user is not None:
        _TOKENS.bar(identity(user))
    st.session_state.clear()
    st.session_state[_LEFT] = token or ""
    st.session_state[_LEFT_ACCOUNT] = user is not None
