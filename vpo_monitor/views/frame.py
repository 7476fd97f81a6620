"""The frame of every page: menu, title, style, demo banner and status bar."""

from collections.abc import Mapping

import streamlit as st

from vpo_monitor import services
from vpo_monitor.app_files import PAGES_FOLDER
from vpo_monitor.insight.number_format import set_locale
from vpo_monitor.views.connection_guide import connection_guide
from vpo_monitor.views.demo_banner import demo_banner
from vpo_monitor.views.frontend import stylesheet
from vpo_monitor.views.kiosk import enter_kiosk_mode, is_kiosk
from vpo_monitor.views.live_memory import TAB_TITLE
from vpo_monitor.views.log_out import log_out_button
from vpo_monitor.views.server_choice import current_server, has_multiple_servers, unknown_server
from vpo_monitor.views.server_switch import mark_current_server, server_switch
from vpo_monitor.views.unseen import unseen

# A new page takes a file in pages/ and a line here. Icons aren't given to `st.Page`: browsers would
# fetch them from an outside host, as the tab's icon.
_MENU = (
    ("overview", "Overview", ":material/dashboard:"),
    ("jobs", "Jobs", ":material/list:"),
    ("timeline", "Timeline", ":material/view_timeline:"),
    ("statistics", "Statistics", ":material/bar_chart:"),
    ("server", "Server", ":material/dns:"),
)
_NOT_IN_MENU = (("job", "Job"),)


def run_page() -> None:
    """Draw the frame and the page that the URL names, for one viewer."""
    set_locale(st.context.locale)
    pages = {name: _page(name, title) for name, title, *_icon in (*_MENU, *_NOT_IN_MENU)}
    page = st.navigation(list(pages.values()), position="hidden")
    st.session_state[TAB_TITLE] = f"{page.title} · VPO Monitor"
    st.set_page_config(page_title=st.session_state[TAB_TITLE], page_icon="🎞️", layout="wide")
    # Not a bare <style>, which Streamlit moves to the end of the page: the browser would load its
    # element last, half a second later.
    head = st.container(gap=None)
    with head, unseen("style"):
        st.html(stylesheet("page") + "<i></i>")
    if is_kiosk():
        enter_kiosk_mode()
    else:
        _menu(pages)
    head.title(page.title, anchor=False)
    problem = services.current().problem
    if problem is not None:
        st.error("Can't connect to VPO", icon=":material/error:")
        st.text(problem)
        connection_guide()
        return
    server = current_server()
    if server.is_demo:
        demo_banner(has_note=page.url_path != "server" and not is_kiosk())  # which explains it
    if has_multiple_servers():
        name = server.server.name
        st.session_state[TAB_TITLE] = f"{page.title} · {name} · VPO Monitor"
        st.set_page_config(page_title=st.session_state[TAB_TITLE])
        _several(name)
    page.run()


def _page(name: str, title: str) -> st.Page:
    is_default = name == "overview"
    file = PAGES_FOLDER / f"{name}.py"
    return st.Page(file, title=title, url_path="" if is_default else name, default=is_default)


def _several(name: str) -> None:
    """Show the current server, and a note if the URL names an unknown one."""
    unknown = unknown_server()
    mark_current_server(name, is_asked_for=unknown is None)
    if unknown is not None:
        with st.container(border=True):
            st.text(
                f"No server named {unknown}. Showing {name} instead; choose another in the menu."
            )


def _menu(pages: Mapping[str, st.Page]) -> None:
    with st.sidebar:
        st.subheader("VPO Monitor", anchor=False)
        if has_multiple_servers():
            server_switch(current_server().server.name)
        for name, label, icon in _MENU:
            st.page_link(pages[name], label=label, icon=icon)
        log_out_button()
