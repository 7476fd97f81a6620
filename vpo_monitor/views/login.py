"""The login: nothing of a page is drawn, and nothing asked, for somebody who is not in."""

import hmac
import sys
from collections.abc import Mapping
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from vpo_monitor.access import openness
from vpo_monitor.access.attempts import Attempts, Verdict
from vpo_monitor.access.logins import Logins, digest
from vpo_monitor.access.oidc import Oidc, identity, is_allowed
from vpo_monitor.config import Settings
from vpo_monitor.insight.wording import duration
from vpo_monitor.plain_text import plain_line
from vpo_monitor.views.login_cookie import clear_login_cookie, login_cookie, set_login_cookie
from vpo_monitor.views.servers import app_settings

_TOKEN = "login-token"  # noqa: S105 - where the token of this session stands
_VERDICT = "login-verdict"
_GIVEN = "login-password"
_REFUSED = "login-refused"
_LEFT = "login-left"
_LEFT_ACCOUNT = "login-left-account"


# Not in Streamlit's caches: any session can have those cleared, also one that is not in.
_LOGINS = Logins()
_ATTEMPTS = Attempts()


def require_login() -> None:
    """End the run at the login where somebody has to give proof first, and has not."""
    settings = app_settings()
    problem = openness.refusal(
        address=st.get_option("server.address"),
        hosts=st.get_option("server.allowedHosts"),
        has_password=settings.password.value is not None,
        oidc=settings.oidc,
        problem=settings.access_problem,
        doubt=settings.access_doubt,
        is_open_wanted=openness.NO_PASSWORD in sys.argv,
    )
    if problem:
        _bare_page()
        st.error("The app shows nothing yet.", icon=":material/lock:")
        st.text(problem)
        st.stop()
    if is_logged_in():
        if _is_login_wanted(settings):
            refused = st.session_state.get(_REFUSED)
            set_login_cookie(st.session_state.get(_TOKEN), refused=refused, on_other=_go_by)
        return
    _bare_page()
    is_account = st.session_state.get(_LEFT_ACCOUNT, False)
    clear_login_cookie(st.session_state.get(_LEFT), is_account=is_account)
    if is_account:
        st.text("Logging out …")  # the browser is on its way; who logs in now would be out again
        st.stop()
    if settings.password.value is not None:
        _password_form()
    if settings.oidc is not None:
        _accounts(settings.oidc)
    st.stop()


def _bare_page() -> None:
    """A title and nothing beside it: not even the empty place of a menu that was there.

    Streamlit forgets what drew parts of a page when the whole page has been drawn anew, but not
    where that ends early. A late tick would then draw in a place that is no more, over which its
    part in the browser breaks down and leaves a white screen.
    """
    context = get_script_run_ctx()
    if context is not None:
        context.fragment_storage.clear(new_fragment_ids=frozenset())
    st.html("<style>.stSidebar, [data-testid=stExpandSidebarButton] { display: none }</style>")
    st.title("VPO Monitor", anchor=False)


def is_logged_in() -> bool:
    """Whether this session may see pages now: another tab may have logged out since."""
    settings = app_settings()
    if not _is_login_wanted(settings):
        return True
    for token in (st.session_state.get(_TOKEN), login_cookie()):
        if token is not None and _LOGINS.is_in(token):
            st.session_state[_TOKEN] = token
            return True
    oidc = settings.oidc
    return oidc is not None and is_allowed(_account(oidc), oidc.allowed)


def log_out_button() -> None:
    """Draw the way out, where there is a login."""
    if _is_login_wanted(app_settings()):
        st.button("Log out", icon=":material/logout:", type="tertiary", on_click=_log_out)


def _is_login_wanted(settings: Settings) -> bool:
    return settings.password.value is not None or settings.oidc is not None


def _password_form() -> None:
    with st.form("login", width=360):
        st.text_input("Password", type="password", key=_GIVEN, autocomplete="current-password")
        st.form_submit_button("Log in", on_click=_try_password)
    verdict: Verdict | None = st.session_state.get(_VERDICT)
    if verdict is not None:
        st.text(_words(verdict))


def _try_password() -> None:
    given = st.session_state[_GIVEN]
    st.session_state[_GIVEN] = ""  # neither the page nor the session keeps it
    wanted = app_settings().password.value
    if wanted is None or not given:
        return
    # Of digests, so that not even the length of the password shows in the time that it takes.
    verdict = _ATTEMPTS.check(
        st.context.ip_address, lambda: hmac.compare_digest(digest(given), digest(wanted))
    )
    if verdict.is_right:
        st.session_state[_TOKEN] = _LOGINS.let_in()
        st.session_state.pop(_VERDICT, None)
        st.session_state.pop(_LEFT, None)
    else:
        st.session_state[_VERDICT] = verdict


def _words(verdict: Verdict) -> str:
    wait = duration(max(verdict.wait, 1.0))
    if not verdict.is_tried:
        return f"Too many wrong passwords were given, so this one was not looked at. Try in {wait}."
    if verdict.wait:
        return f"That password is not right. The next one can be tried in {wait}."
    return "That password is not right. Ask whoever runs this page."


def _accounts(oidc: Oidc) -> None:
    """Draw the login with an account elsewhere."""
    if oidc.problem:
        st.text("Login with an account is not set up. What is missing stands in the app's output.")
        return
    user = _account(oidc)
    if user:
        email = user.get("email")
        st.text(f"Your account, {plain_line(str(email))}, may not see this page.")
        st.text("Ask whoever runs it, or log in with another account.")
        st.button("Use another account", on_click=_log_out)
        return
    for provider in oidc.providers:
        name = "your account" if provider == "default" else provider.capitalize()
        st.button(
            f"Log in with {name}", key=f"login-{provider}", on_click=st.login, args=(provider,)
        )


def _account(oidc: Oidc) -> Mapping[str, Any]:
    """What the provider says of this viewer; empty where they are not logged in with it."""
    user = _user()
    return {} if oidc.problem or user is None or _LOGINS.is_barred(identity(user)) else user


def _user() -> Mapping[str, Any] | None:
    """Whom Streamlit knows by an account elsewhere, also when it was logged out here."""
    return st.user.to_dict() if st.user.get("is_logged_in") else None


def _go_by(other: str) -> None:
    """Go by the token that the browser holds, as another of its tabs does: they leave together."""
    own = st.session_state.get(_TOKEN)
    if not _LOGINS.is_in(other):
        st.session_state[_REFUSED] = other
    elif own is not None and own != other:
        _LOGINS.put_out(own)
        st.session_state[_TOKEN] = other


def _log_out() -> None:
    """End all that lets this session in, in every tab that goes by the same."""
    token, user = st.session_state.get(_TOKEN), _user()
    if token is not None:
        _LOGINS.put_out(token)
    if user is not None:
        _LOGINS.bar(identity(user))
    st.session_state.clear()
    st.session_state[_LEFT] = token or ""
    st.session_state[_LEFT_ACCOUNT] = user is not None
