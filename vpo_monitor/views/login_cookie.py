"""What a browser holds to stay in: a cookie until it is closed, which all its tabs share.

Streamlit can read cookies and not set them, so a script in the page does. It is no more than a
random number that is worth nothing once it is put out.
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
        else if (held !== parentElement.told) { // another tab has logged in: both go by one
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
    """Have the browser hold a token, if any, and this session run when another tab logs out.

    `on_other` is called with another token that the browser holds already, and is not given again
    as long as that is `refused`: then this one takes its place.
    """
    _draw({"token": token, "refused": refused}, on_other)


def clear_login_cookie(left: str | None, *, is_account: bool) -> None:
    """Have the browser forget the token that was `left`, and tell its other tabs.

    It may be drawn again, as long as the session has not logged in anew: a token of a later login
    is let be. Where an account elsewhere was left, Streamlit's own cookie goes as well.
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
            on_news_change=lambda: None,  # the run that this causes meets the login
            on_held_change=held,
            on_left_change=st.logout,
        )


def login_cookie() -> str | None:
    """The token that the browser held when this session began."""
    return initial_cookies().get(cookie_name())
