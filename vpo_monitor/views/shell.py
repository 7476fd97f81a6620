"""The frame of every page: title, style, login, menu and demo banner."""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from vpo_monitor.api.server import Server
from vpo_monitor.config import Settings
from vpo_monitor.insight.watching.watch import Watch
from vpo_monitor.polling.poller import Poller
from vpo_monitor.views.demo_banner import demo_banner
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
# Less room above the first element, and none for the timer's frame. Server data fades once the
# badge has marked it as old; the message that says why does not.
_STYLE = """<style>
.stMainBlockContainer { padding: 2rem 2rem 2rem; }
@media (min-width: 641px) { .st-key-filters-more { display: none; } }
@media (max-width: 640px) {
  .stMainBlockContainer { padding: 4rem 1rem 1rem; }
  .st-key-filters-more { flex: 1 1 100%; }
  .st-key-filters:not(:has(.st-key-filters-more input:checked)) :is(.st-key-filter-type,
  .st-key-filter-since, .st-key-filter-sort, .st-key-filter-order) { display: none; }
  :has(> .st-key-connection) { flex: 1 1 100%; }
}
/* Without hover, Streamlit always shows the toolbar, over the text above a table. */
@media (hover: none), (max-width: 640px) {
  .stMain [data-testid="stElementToolbar"] { display: none; }
}
.stMainBlockContainer h1 { font-size: 1.75rem; padding: 0 0 .75rem; }
.stMainBlockContainer h3 { font-size: 1.2rem; padding: .6rem 0 .2rem; }
.stMain [data-testid="stCaptionContainer"] { color: inherit; opacity: .8; }
.st-key-server-name { margin-top: -1rem; opacity: .8; }
/* Two adjacent groups of cards look like one. */
.stHorizontalBlock:has(> .stColumn .st-key-outlook) { gap: .75rem; }
.st-key-statistics > * { flex: 1 1 9.5rem; }
.st-key-job-progress { min-height: .5rem; }
.st-key-jobs-download { min-height: 2.5rem; }
.st-key-job-file [data-testid="stText"] { font-size: 1.25rem; font-weight: 600; }
[class*="st-key-mend-"] { border-left: .25rem solid; padding-left: .6rem; }
[class*="st-key-mend-"] [data-testid="stText"] { font-weight: 600; }
.st-key-job-error [data-testid="stText"] { font-weight: 600; overflow-wrap: anywhere; }
:is([class*="st-key-unseen"], :has(> [class*="st-key-unseen"]), .st-key-tick, .st-key-jump-to,
.st-key-pulse, :has(> * > .st-key-pulse)) {
  position: absolute; width: 0; height: 0; overflow: hidden; visibility: hidden; }
.stMain[data-old] :is([data-testid="stDataFrame"]:not(.st-key-settings *),
[data-testid="stVegaLiteChart"], .st-key-server-facts, .st-key-job-facts, .st-key-statistics,
.st-key-outlook, .st-key-running, .st-key-queue,
.st-key-failures, .st-key-activity, .st-key-timeline),
.stMain[data-old-counts] .st-key-counts { opacity: .65; }
/* A transition interrupted by a page change leaks the whole page: Streamlit's UI library expects
   one transition end, but a border has four colours. */
.stMain details { transition: none; }
.stMain:not([data-failing]) .st-key-connect-again { display: none; }
.st-key-demo-note { padding: .7rem .9rem; }
.st-key-demo-note-ways { height: 1.75rem; column-gap: 1.25rem; }  /* while loading, too */
.st-key-demo-note-ways :is(a, button) { min-height: 0; margin: 0; padding: 0; line-height: 1.6;
  background: none; text-decoration: underline; }
.st-key-demo-note-ways [data-testid="stMarkdownContainer"] p { font-size: 1rem; }
:is(.st-key-refresh, .st-key-retry) button { min-width: 6.5rem; }  /* the same width for both */
.stMain[data-failing] .st-key-refresh, .stMain:not([data-failing]) .st-key-retry { display: none; }
/* Sticky above the scrolling page; on a phone only its second row, with the badge, stays visible
   below Streamlit's header. */
.stApp :has(.st-key-status-bar) { background-color: inherit; }
:has(> .st-key-status-bar) { position: sticky; top: 0; z-index: 10; padding: .25rem 0; }
@media (max-width: 640px) {
  .st-key-status-bar > :has(> .st-key-connection) { order: 1; }
  :has(> .st-key-status-bar) { top: calc(3.75rem - 3.25rem); }
}
</style><i></i>"""


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
        st.html(_STYLE)
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
