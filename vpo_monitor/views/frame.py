"""The frame of every page: title, menu, demo banner and status bar."""

import streamlit as st

from vpo_monitor import services
from vpo_monitor.analysis.number_format import set_locale
from vpo_monitor.app_files import PAGES_FOLDER
from vpo_monitor.services import MonitoredServer
from vpo_monitor.streamlit_patches.fragment_place import leave_fragment
from vpo_monitor.views.connection_guide import connection_guide
from vpo_monitor.views.demo_banner import demo_banner
from vpo_monitor.views.filters import current_filter
from vpo_monitor.views.kiosk import enter_kiosk_mode, is_kiosk
from vpo_monitor.views.log_out import log_out_button
from vpo_monitor.views.navigation import page_link
from vpo_monitor.views.refresh import begin_page, end_page, refresh_now, tick
from vpo_monitor.views.rotation import current_rotation, rotation_data
from vpo_monitor.views.server_choice import current_server, has_multiple_servers, unknown_server
from vpo_monitor.views.server_switch import mark_current_server, server_switch
from vpo_monitor.views.shortcuts import shortcuts
from vpo_monitor.views.status import status_element
from vpo_monitor.views.unseen import unseen
from vpo_monitor.views.viewer_polling import interval_choice, toggle_pause

# A new page takes a file in pages/ and a line here. Icons aren't given to `st.Page`: browsers would
# fetch them from an outside host, as the tab's icon.
_MENU = (
    ("overview", "Overview", ":material/dashboard:"),
    ("jobs", "Jobs", ":material/list:"),
    ("timeline", "Timeline", ":material/view_timeline:"),
    ("statistics", "Statistics", ":material/bar_chart:"),
    ("library", "Library", ":material/video_library:"),
    ("server", "Server", ":material/dns:"),
)
_NOT_IN_MENU = (("job", "Job"),)
"""These have the way back instead of a visible title."""
_LOOK_EVERY = 5.0
"""Seconds; how often a page with invalid settings checks if they were corrected."""


def run_page() -> None:
    """Draw the frame and the page that the URL names, for one viewer."""
    leave_fragment()
    set_locale(st.context.locale)
    pages = [_page(name, title) for name, title, *_icon in (*_MENU, *_NOT_IN_MENU)]
    page = st.navigation(pages, position="hidden")
    title = f"{page.title} · VPO Monitor"
    st.set_page_config(page_title=title, page_icon="🎞️", layout="wide")
    head = st.container(key="head", horizontal=True, vertical_alignment="center")
    if is_kiosk():
        enter_kiosk_mode()
    else:
        _menu()
    with head.container(key="title", width="content"):
        st.title(page.title, anchor=False)
    problem = services.current().problem
    if problem is not None:
        st.error("Can't connect to VPO", icon=":material/error:")
        st.text(problem)
        connection_guide()
        _follow_correction()
        return
    server = current_server()
    if server.is_demo:
        demo_banner(has_link=page.url_path != "server" and not is_kiosk())
    if has_multiple_servers():
        name = server.server.name
        title = f"{page.title} · {name} · VPO Monitor"
        st.set_page_config(page_title=title)
        _several(name)
    rotation = current_rotation([name for name, *_rest in _MENU])
    if rotation is not None and rotation.problem is not None:
        st.text(rotation.problem)
    shortcuts(refresh=refresh_now, pause=lambda: toggle_pause(server))
    begin_page(title)
    with head:
        with st.container(width="content"):  # always drawn, so that nothing after it moves
            if page.url_path == "job":
                _way_back()
        _status_bar(server)
    with st.container(key="page"):
        page.run()
    with unseen("tick"):
        tick(page.url_path, rotation_data(rotation, page.url_path or "overview"))
    end_page()


@st.fragment(run_every=_LOOK_EVERY)
def _follow_correction() -> None:
    """Run the page again once its settings are valid, as another viewer may have applied some."""
    if services.current().problem is None:
        st.rerun()


def _page(name: str, title: str) -> st.Page:
    is_default = name == "overview"
    file = PAGES_FOLDER / f"{name}.py"
    return st.Page(file, title=title, url_path="" if is_default else name, default=is_default)


def _way_back() -> None:
    """Draw a link to the job list as it was left."""
    back_to = {**current_filter().to_query_string(), "selected": st.query_params.get("id", "")}
    with st.container(key="back", width="content"):
        page_link("jobs", "← All jobs", back_to)


def _status_bar(server: MonitoredServer) -> None:
    """Draw the bar beside the title."""
    with st.container(key="status-bar", horizontal=True, vertical_alignment="center"):
        with st.container(key="connection", width="stretch"):
            status_element()
        if not is_kiosk():
            interval_choice(server)
            st.button(
                "Refresh",
                icon=":material/refresh:",
                key="refresh",
                type="tertiary",
                on_click=refresh_now,
            )


def _several(name: str) -> None:
    """Show the current server, and a note if the URL names an unknown one."""
    unknown = unknown_server()
    mark_current_server(name)
    if unknown is not None:
        with st.container(border=True):
            st.text(
                f"No server named {unknown}. Showing {name} instead; choose another in the menu."
            )


def _menu() -> None:
    with st.sidebar:
        st.subheader("VPO Monitor", anchor=False)
        if has_multiple_servers():
            server_switch(current_server().server.name)
        for name, label, icon in _MENU:
            page_link(name, label, icon=icon)
        log_out_button()
