"""Instructions for connecting to a VPO server, with a test of the settings."""

import math
from typing import Any

import streamlit as st

from vpo_monitor import services
from vpo_monitor.api.server import Server
from vpo_monitor.app_files import INIT_COMMAND
from vpo_monitor.checks.check_result import CheckStatus, summary
from vpo_monitor.config import SOURCES
from vpo_monitor.connection_test import (
    GAP,
    ConnectionTest,
    ConnectionTestResult,
    run_connection_test,
)

_RESULT = "connect-result"
_PRESSED = "connect-pressed"
_CONNECTION_TEST = ConnectionTest()
_FILE_EXAMPLE = """\
[vpo_monitor]
api_url = "http://192.168.1.5:8321"
# api_token = "VPO's token"
"""
_LIST_EXAMPLE = """\
[[vpo_monitor.servers]]
name = "NAS"
address = "http://192.168.1.5:8321"
# token = "VPO's token"
"""
_ENVIRONMENT_EXAMPLE = """\
export VPO_MONITOR_API_URL='http://192.168.1.5:8321'
# export VPO_MONITOR_API_TOKEN='your token'
"""


def connection_guide(server: Server | None = None) -> None:
    """Draw the instructions, once per page and outside its live part.

    `server` is the server in use, None if there is none or it is the demo. If there is one, the
    page's style shows the instructions only while that server does not respond.
    """
    with st.container(key="connect" if server is None else "connect-again"):
        st.subheader("Connect your server", anchor=False)
        how, test = st.columns(2, gap="medium")
        with how:
            st.text("1. Add VPO's address, and its token if it has one, to this file:")
            _copyable(str(SOURCES.own_file))
            if not SOURCES.own_file.exists():
                st.markdown(f"The file does not exist yet. Create it with `{INIT_COMMAND}`.")
            if services.current().settings.server_list.is_given:
                _copyable(_LIST_EXAMPLE)
            else:
                _copyable(_FILE_EXAMPLE)
                st.text(
                    "Or set environment variables, which override the file, and restart the app:"
                )
                _copyable(_ENVIRONMENT_EXAMPLE)
        with test:
            st.text("2. Test the saved settings. This contacts the server and changes nothing.")
            _test(server)


def _copyable(text: str) -> None:
    """Draw text to copy, without syntax highlighting: its colors are too pale."""
    st.code(text, language=None, wrap_lines=True)


@st.fragment
def _test(server: Server | None) -> None:
    """Draw the test button and the latest result."""
    _button("Test settings", key="test-settings", icon=":material/network_check:")
    pressed = st.session_state.pop(_PRESSED, None)
    if pressed == "test-settings":
        wait = _CONNECTION_TEST.wait
        why = f"Testing in {math.ceil(wait)} s: at most one test in {GAP:.0f} s …"
        with st.spinner(why if wait else "Testing …"):
            st.session_state[_RESULT] = _CONNECTION_TEST.run(
                lambda: run_connection_test(SOURCES.load(), server)
            )
    result: ConnectionTestResult | None = st.session_state.get(_RESULT)
    if result is None:
        return
    _findings(result)
    if result.applicable is not None:
        st.text(
            "3. Use the tested settings now, for all viewers. Login settings and the port need a "
            "restart."
        )
        _button("Use this server", key="use-server", icon=":material/link:", type="primary")
        if pressed == "use-server":
            with st.spinner("Connecting …"):
                services.current().switch(result.applicable)
            st.rerun()


def _button(label: str, *, key: str, **looks: Any) -> None:
    """Draw a button. The session keeps its press until this part is drawn, maybe a run later."""

    def press() -> None:
        st.session_state[_PRESSED] = key

    st.button(label, key=key, on_click=press, **looks)


def _findings(result: ConnectionTestResult) -> None:
    if result.refusal is not None:
        st.info("Test not started", icon=":material/hourglass:")
        st.text(result.refusal)
    elif result.problem_count:
        st.error(summary(result.problem_count), icon=":material/error:")
    else:
        st.success(summary(0), icon=":material/check:")
    for place, finding in enumerate(result.findings):
        is_ok = finding.status is CheckStatus.OK
        with st.container(key=f"{'ok' if is_ok else 'fix'}-{place}"):
            mark = "✓" if is_ok else "✗"
            st.text(f"{mark} {finding.name.capitalize()}: {finding.message}")
