"""What a browser holds to stay in: a cookie until it is closed, which all its tabs share.

Streamlit can read cookies and not set them, so a script in the page does. It is no more than a
random number that is worth nothing once it is put out.
"""

from collections.abc import Callable

import streamlit as st

_component = st.components.v2.component(
    "vpo_monitor_login_cookie",
    js="""
    export default function ({ data, parentElement, setTriggerValue }) {
      const secure = location.protocol === "https:" ? "; Secure" : "";
      const set = (value, more) => {
        document.cookie =
          `${data.name}=${value}; Path=${data.path}; SameSite=Strict${secure}${more}`;
      };
      parentElement.channel ??= new BroadcastChannel(data.name + data.path);
      const channel = parentElement.channel;
      channel.onmessage = () => setTriggerValue("elsewhere", true);
      const isNews = data.leaving !== parentElement.leaving;
      parentElement.leaving = data.leaving;
      if (data.token) set(data.token, "");
      else if (data.leaving && isNews) {
        set("", "; Max-Age=0");
        channel.postMessage("out");
        if (data.leaving === "account") setTriggerValue("left", true);
      }
      return () => { channel.close(); delete parentElement.channel; };
    }
    """,
)


def hold_cookie(token: str | None, *, on_log_out: Callable[[], None]) -> None:
    """Have the browser tell this session when another tab logs out; and hold a token, if any."""
    _draw({"token": token}, on_log_out)


def remove_cookie(*, leaving: str | None) -> None:
    """Have the browser forget the token and tell its other tabs, where this tab has just left.

    Where it leaves an "account" elsewhere, Streamlit's own cookie goes as well.
    """
    _draw({"leaving": leaving}, lambda: None)


def _draw(data: dict[str, str | None], on_log_out: Callable[[], None]) -> None:
    _component(
        key="login-cookie",
        data={
            **data,
            "name": _name(),
            "path": f"/{st.get_option('server.baseUrlPath').strip('/')}",
        },
        on_elsewhere_change=on_log_out,  # the run that this causes meets the login
        on_left_change=st.logout,
    )


def cookie() -> str | None:
    """The token that the browser held when this session began."""
    return st.context.cookies.to_dict().get(_name())


def _name() -> str:
    """One for each app on a machine: browsers do not tell cookies apart by port."""
    return f"vpo-monitor-{st.get_option('server.port')}"
