"""The part of a page that is shown when it has been put together, and not piece by piece.

Streamlit loads most elements, the page's style among them, a third of a second and more after it
has drawn the first, and has grey bars stand for them until then. Those are of other heights, and
what stands for elements that nobody sees takes room too: each part that came moved all below it.
"""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from vpo_monitor.views.kiosk import is_kiosk
from vpo_monitor.views.unseen import unseen

_STYLE = """<style>
.st-key-late, :has(> .st-key-late) { height: auto; overflow: visible; }
/* The badge marks a page that it was told of. Where nothing comes, what there is, is shown. */
.stMain:not([data-told]) :is(.st-key-late, :has(> .st-key-late)) {
  animation: show-late 0s 8s both; }
@keyframes show-late {
  from { height: 1px; overflow: hidden; visibility: hidden; }
  to { height: auto; overflow: visible; visibility: visible; }
}
</style><i></i>"""


def late() -> DeltaGenerator:
    """Draw the place of all of a page that follows its title and the demo's banner, once a page.

    What is `live` has to stand in it, as its first tick has all be shown. Nobody waits for a screen
    on the wall, whose style goes by how deep its parts lie.
    """
    if is_kiosk():
        return st.container()
    place = st.container(key="late", height=1, border=False)
    with place, unseen("late-style"):
        st.html(_STYLE)
    return place
