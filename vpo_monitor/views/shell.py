"""The frame of every page: title, style, login, menu and demo banner."""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from vpo_monitor.api.server import Server
from vpo_monitor.config import Settings
from vpo_monitor.insight.watching.watch import Watch
from vpo_monitor.polling.poller import Poller
from vpo_monitor.views.demo_banner import demo_banner
from vpo_monitor.views.frontend import stylesheet
from vpo_monitor.views.kiosk import enter_kiosk_mode, is_kiosk
from vpo_monitor.views.login import log_out_button, require_login
from vpo_monitor.views.server_choice import current_server, has_multiple_servers, unknown_server
from vpo_monitor.views.server_switch import mark_current_server, server_switch
from vpo_monitor.views.servers import effective_settings
from vpo_monitor.views.start_up import start_up
from vpo_monitor.views.unseen import unseen

_PAGES = (
    ("app.py", "Overview", ":material/dashboard:"),
    ("pages/jobs.py", "Jobs", ":material/list:"),
    ("pages/timeline.py", "Timeline", ":material/view_timeline:"),
    ("pages/statistics.py", "Statistics", ":material/bar_chart:"),
    ("pages/server.py", "Server", ":material/dns:"),
)


@dataclass(frozen=True)
class Shell:
    """What a page needs to draw: its server, poller and watch."""

    title: str
    poller: Poller
    server: Server
    watch: Watch
    is_demo: bool = False

    @property
    def settings(self) -> Settings:
        """The effective settings; the server's polling hints may arrive later than the page."""
        return effective_settings(self.poller)


def open_page(title: str, otherwise: Callable[[], None] = lambda: None) -> Shell:
    """Draw the frame of a page, or end the run at the login or at an invalid setting.

    At an invalid setting, `otherwise` is called before the run ends.
    """
    start_up()
    tab_title = f"{title} · VPO Monitor"
    st.set_page_config(page_title=tab_title, page_icon="🎞️", layout="wide")
    # Not a bare <style>, which Streamlit moves to the end of the page: the browser would load its
    # element last, half a second later.
    head = st.container(gap=None)
    with head, unseen("style"):
        st.html(stylesheet("page") + "<i></i>")
    require_login()
    target = current_server()
    if is_kiosk():
        enter_kiosk_mode()
    else:
        _menu(target.server)
    head.title(title, anchor=False)
    if target.poller is None or target.server is None or target.watch is None:
        st.error("Can't connect to VPO", icon=":material/error:")
        st.text(target.problem or "")
        otherwise()
        st.stop()
    if target.is_demo:
        demo_banner(has_note=title != "Server" and not is_kiosk())  # which explains it
    if has_multiple_servers():
        tab_title = f"{title} · {target.server.name} · VPO Monitor"
        st.set_page_config(page_title=tab_title)  # not revealed before the login
        _several(target.server)
    return Shell(tab_title, target.poller, target.server, target.watch, target.is_demo)


def _several(server: Server) -> None:
    """Show the current server, and a note if the URL names an unknown one."""
    unknown = unknown_server()
    mark_current_server(server.name, is_asked_for=unknown is None)
    if unknown is not None:
        with st.container(border=True):
            st.text(
                f"No server named {unknown}. Showing {server.name} instead; "
                "choose another in the menu."
            )


def _menu(server: Server | None) -> None:
    with st.sidebar:
        st.subheader("VPO Monitor", anchor=False)
        if server is not None and has_multiple_servers():
            server_switch(server.name)
        for page, label, icon in _PAGES:
            st.page_link(page, label=label, icon=icon)
        log_out_button()
