"""Kiosk mode for wall screens: large type and no controls.

`?kiosk=1` in the URL of any page turns it on for the session; `?kiosk=0` turns it off.
"""

import streamlit as st

from vpo_monitor.views.navigation import keep_in_address
from vpo_monitor.views.unseen import unseen

PARAMETER = "kiosk"
_KEPT = "is-kiosk"
# All sizes scale with the root font size: 24 px at a width of 1920, 48 at 3840. Nobody can scroll,
# so the overview is exactly as high as the screen: its lists fill the remaining space side by side,
# each with as many whole lines as fit; further lines wrap out of view. If no space remains, each
# list keeps room for one line, and the page is higher than the screen.
_STYLE = """<style>
html { font-size: max(16px, 1.25vw) !important; }
.stMain { scrollbar-width: none; }
.stMainBlockContainer { padding: .75rem 1.5rem; }
.stMainBlockContainer h1 { position: absolute; clip-path: inset(50%); }  /* for screen readers */
:is(.st-key-counts, .st-key-outlook) .vpo-cards.large dd:not(.note) { font-size: 2rem; }
.stMain .vpo-running { grid-template-columns: repeat(auto-fit, minmax(min(100%, 21rem), 1fr)); }
.stMain [data-testid="stVerticalBlock"] { gap: .5rem; }
.stMainBlockContainer h3 { padding: .3rem 0 .9rem; }
[data-testid="stHeader"], .stSidebar, .st-key-bell-place, .st-key-interval-choice,
.st-key-refresh-place, .st-key-filters, .st-key-follow, .st-key-back, .st-key-connect,
.st-key-connect-again, .st-key-log-controls, .st-key-log-ways,
.stMain :is(details, [data-testid="stButton"], [data-testid="stDownloadButton"],
[data-testid="stElementToolbar"], [data-testid="stTextInput"], [data-testid="stSelectbox"],
[data-testid="stCheckbox"]) { display: none !important; }
@media (min-width: 1200px) {
  :has(> .st-key-server-name) { position: absolute; top: 1.9rem; right: 1.5rem; z-index: 11;
    width: auto; }
  :has(.st-key-queue) > * > * > :has(> .st-key-server-name) { top: 1.5rem; }
  .st-key-server-name [data-testid="stText"] { font-weight: 600; opacity: 1; }
  .stMainBlockContainer:has(.st-key-queue) { display: flex; height: 100vh;
    padding: 0 1.5rem 1rem; }
  :has(.st-key-queue) [data-testid="stVerticalBlock"]:has(> * > [data-testid="stText"]) {
    padding-block: .35rem; }
  /* All that contains the lists' columns, however deeply nested. */
  .stMainBlockContainer :is([data-testid="stVerticalBlock"], [data-testid="stLayoutWrapper"]):has(
    .stColumn .st-key-queue) { flex: 1 1 0; min-height: 0; }
  .stMainBlockContainer [data-testid="stLayoutWrapper"]:has(> * > .stColumn .st-key-queue) {
    flex: 1 0 5.8rem; container-type: size; }
  .stColumn:has(.st-key-queue) { flex: 2 1 0 !important; }
  .stColumn:has(.st-key-activity) { flex: 1 1 0 !important; }
  .stColumn:has(.st-key-queue) > [data-testid="stVerticalBlock"] { display: grid;
    grid: auto auto / auto-flow 1fr; column-gap: 1rem; align-items: start;
    align-content: start; }
  :is(.st-key-queue, .st-key-failures, .st-key-activity) .vpo-list { display: flex;
    flex-flow: column wrap; max-height: calc(100cqh - 2.8rem); overflow: hidden;
    border: 0; border-radius: 0; }
  .st-key-activity .vpo-list { max-height: calc(100cqh - 4.8rem); }  /* a line of text follows */
  .st-key-activity [data-testid="stCaptionContainer"] { white-space: nowrap; }
  :is(.st-key-queue, .st-key-failures, .st-key-activity) li { width: 100%; flex: none;
    box-sizing: border-box; padding-block: .25rem; border-top: 1px solid var(--st-border-color); }
  .st-key-queue:has(li) [data-testid="stCaptionContainer"] { display: none; }  /* of all jobs */
  /* From four jobs on, show only progress, times and problems. */
  .vpo-running:has(article:nth-child(4)) :is(.kind, .ground, dd span) { display: none; }
  .vpo-running:has(article:nth-child(4)) :is(.name, dt, dd) { white-space: nowrap;
    overflow: hidden; text-overflow: ellipsis; }
  .vpo-running:has(article:nth-child(4)) article { padding-block: .4rem; }
  .vpo-running:has(article:nth-child(4)) dl > div { display: flex; gap: .4rem;
    align-items: baseline; }
  .vpo-running:has(article:nth-child(4)) dl { margin: 0; }
  .vpo-running:has(article:nth-child(4)) .bar { margin: .15rem 0 .1rem; }
  .stMain .vpo-list :is(.title, .text) { white-space: nowrap; overflow: hidden;
    text-overflow: ellipsis; }
}
@container (max-height: 8rem) {  /* too low for a list and the text below it */
  .st-key-activity .vpo-list { max-height: calc(100cqh - 2.8rem); }
  .st-key-activity:has(li) [data-testid="stCaptionContainer"] { display: none; }
}
</style>"""


def is_kiosk() -> bool:
    """Whether this session is in kiosk mode, by the URL of this page or an earlier one."""
    in_url = st.query_params.get(PARAMETER)
    if in_url is not None:
        st.session_state[_KEPT] = in_url == "1"
    return bool(st.session_state.get(_KEPT, False))


def enter_kiosk_mode() -> None:
    """Apply the style, once per page, and keep the parameter in the URL."""
    st.html(_STYLE)
    with unseen("kiosk"):
        keep_in_address(PARAMETER, "1", key="kiosk-address")
