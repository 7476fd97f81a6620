"""How to have the app watch one's own server, and a test of what was written for that."""

import streamlit as st

from vpo_monitor.api.server import Server
from vpo_monitor.app_files import INIT_COMMAND
from vpo_monitor.checks.finding import Verdict, how_many
from vpo_monitor.settings_sources import SOURCES
from vpo_monitor.trial import Outcome, Trials, try_settings
from vpo_monitor.views.login import is_logged_in
from vpo_monitor.views.servers import app_settings

_FOUND = "connect-found"
_TRIALS = Trials()
_IN_THE_FILE = """\
[vpo_monitor]
api_url = "http://192.168.1.5:8321"
# api_token = "VPO's own token"
"""
_IN_THE_LIST = """\
[[vpo_monitor.servers]]
name = "NAS"
address = "http://192.168.1.5:8321"
# token = "VPO's own token"
"""
_IN_THE_ENVIRONMENT = """\
export VPO_MONITOR_API_URL='http://192.168.1.5:8321'
# export VPO_MONITOR_API_TOKEN='token of VPO'
"""


def connection_guide(server: Server | None = None) -> None:
    """Draw it, once a page and outside of what is drawn again.

    `server` is the one that is watched, None where there is none or the demo is; with one, this is
    in view only while no answer comes, as the page's style has it.
    """
    with st.container(key="connect" if server is None else "connect-again"):
        st.subheader("Connect to your server", anchor=False)
        st.text("1. Write VPO's address, and its token if it has one, into this file:")
        _lines(str(SOURCES.own_file))
        if not SOURCES.own_file.exists():
            st.text("The file does not exist yet. Create it with:")
            _lines(INIT_COMMAND)
        if app_settings().server_list.is_given:
            _lines(_IN_THE_LIST)
        else:
            _lines(_IN_THE_FILE)
            st.text("Or set both where the app is started; that goes before the file:")
            _lines(_IN_THE_ENVIRONMENT)
        st.text("2. Test what the file says now. It asks that server and changes nothing.")
        _test(server)
        st.text("3. Stop the app and start it again: it reads its settings when it starts.")


def _lines(text: str) -> None:
    """Draw what can be copied; in one colour, as those of a language are too pale to be read."""
    st.code(text, language=None, wrap_lines=True)


@st.fragment
def _test(server: Server | None) -> None:
    """Draw the button, and what it found."""
    if not is_logged_in():
        st.rerun()
    if st.button("Test this", key="test-settings", icon=":material/network_check:"):
        with st.spinner("Asking the server …"):
            st.session_state[_FOUND] = _TRIALS.run(lambda: try_settings(SOURCES.load(), server))
    found: Outcome | None = st.session_state.get(_FOUND)
    if found is None:
        return
    if found.why_not is not None:
        st.info("Not tested.", icon=":material/hourglass:")
        st.text(found.why_not)
    elif found.to_mend:
        st.error(how_many(found.to_mend), icon=":material/error:")
    else:
        st.success("It works.", icon=":material/check:")
    for place, finding in enumerate(found.findings):
        is_good = finding.verdict is Verdict.GOOD
        with st.container(key=f"{'good' if is_good else 'mend'}-{place}"):
            mark = "✓" if is_good else "✗"
            st.text(f"{mark} {finding.tried.capitalize()}: {finding.said}")
