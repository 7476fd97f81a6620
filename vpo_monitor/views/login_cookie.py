"""The login cookie: a session cookie that all tabs of a browser share.

Streamlit can read cookies but not set them, so a script on the page does. The cookie holds a random
token, which is worthless once revoked.
"""

from collections.abc import Callable
from typing import Any

import streamlit as st

from vpo_monitor.views.browser_storage import cookie_name, cookie_path, initial_cookies
from vpo_monitor.views.unseen import unseen

_KEY = "login-cookie"

_component = st.components.v2.component(
    "vpo_monitor_login_cookie",
    js="""
    export default function ({ data, parentElement, setTriggerValue }) {
      const secure = location.protocol === "https:" ? "; Secure" : "";
      const set = (value, more) => {
        document.cookie =
          `${data.name}=${value}; Path=${data.path}; SameSite=Strict${secure}${more}`;
      };
      const held = document.cookie.split("; ")
        .find((one) => one.startsWith(data.name + "="))?.slice(data.name.length + 1);
      parentElement.channel ??= new BroadcastChannel(data.name + data.path);
      const channel = parentElement.channel;
      channel.onmessage = () => setTriggerValue("news", true);
      if (data.token && held !== data.token) {
        if (!held || held === data.refused) set(data.token, "");
        else if (held !== parentElement.told) { // another tab has logged in: both use one token
          parentElement.told = held;
          setTriggerValue("held", held);
        }
      }
      if (data.left !== undefined && data.left !== parentElement.left) {
        parentElement.left = data.left;
        if (held === data.left) set("", "; Max-Age=0");
        channel.postMessage("out");
        if (data.account) setTriggerValue("left", true);
      }
      return () => { channel.close(); delete parentElement.channel; };
    }
    """,
)


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
