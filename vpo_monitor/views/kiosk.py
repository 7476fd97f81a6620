"""For a screen on the wall: large type, nothing to press, and nothing that waits for a hand.

`?kiosk=1` in the address of any page asks for it, and holds for whatever page is opened from there.
"""

import streamlit as st

from vpo_monitor.views.navigation import keep_in_address

PARAMETER = "kiosk"
_KEPT = "is-kiosk"
# All sizes follow the root's: 24 px on 1920 wide, 48 on 3840. Nobody is there who could scroll, so
# the lists of the overview stand side by side, each as far as the screen goes.
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
  .stColumn:has(.st-key-queue) { flex: 2 1 0 !important; }
  .stColumn:has(.st-key-activity) { flex: 1 1 0 !important; }
  .stColumn:has(.st-key-queue) > [data-testid="stVerticalBlock"] { display: grid;
    grid: auto auto / auto-flow 1fr; column-gap: 1rem; align-items: start; }
  :is(.st-key-queue, .st-key-failures, .st-key-activity) li:nth-child(n+5) { display: none; }
  .stMain .vpo-list :is(.title, .text) { white-space: nowrap; overflow: hidden;
    text-overflow: ellipsis; }
}
</style>"""


def is_kiosk() -> bool:
    """Whether this session is one: as the address says, or said on the page before."""
    asked = st.query_params.get(PARAMETER)
    if asked is not None:
        st.session_state[_KEPT] = asked == "1"
    return bool(st.session_state.get(_KEPT, False))


def kiosk() -> None:
    """Make this page one, once a page; what its address says stays there."""
    st.html(_STYLE)
    keep_in_address(PARAMETER, "1", key="kiosk-address")
