"""The login cookie: a session cookie that all tabs of a browser share.

Streamlit can read cookies but not set them, so a script on the page does. The cookie holds a random
token, which is worthless once revoked.
"""

from collections.abc import Callable
from typing import Any

import streamlit as st

from vpo_monitor.views.browser_storage import cookie_name, cookie_path, initial_cookies
from vpo_monitor.views.frontend import component
from vpo_monitor.views.unseen import unseen

_KEY = "login-cookie"

_component = component("login_cookie")


def set_login_cookie(
    token: str | None, *, refused: str | None, on_other: Callable[[str], None]
) -> None:
    """Store a token, if any, in the browser's cookie; rerun this session if another tab logs out.

    If the cookie already holds another token, `on_other` is called with it, once. If it holds the
    token `refused`, that is replaced.
    """
    _draw({"token": token, "refused": refused}, on_other)


def clear_login_cookie(left: str | None, *, is_account: bool) -> None:
    """Remove the revoked token `left` from the browser's cookie, and notify its other tabs.

    It may be called repeatedly: a token of a later login is kept. With `is_account`, Streamlit's
    own login cookie is removed, too.
    """
    _draw({} if left is None else {"left": left, "account": is_account})


def _draw(data: dict[str, Any], on_other: Callable[[str], None] = lambda _token: None) -> None:
    def held() -> None:
        other = st.session_state[_KEY].get("held")
        if isinstance(other, str):
            on_other(other)

    with unseen("login"):
        _component(
            key=_KEY,
            data={
                **data,
                "name": cookie_name(),
                "path": cookie_path(),
            },
            on_news_change=lambda: None,  # the rerun shows the login
            on_held_change=held,
            on_left_change=st.logout,
        )


def login_cookie() -> str | None:
    """Return the token in the browser's cookie when this session began."""
    return initial_cookies().get(cookie_name())
