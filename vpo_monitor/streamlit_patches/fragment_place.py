"""Draw a page in its place, not inside the fragment that was drawn before.

Symptom: after a page change on a wall screen the page stays blank. Seen in 5 of about 630 page
changes beside two busy loops.

With `runner.fastReruns` off, a page that is requested in the moment in which a fragment ends is run
by the same thread. Streamlit leaves the place of a fragment only if its run was cut short, so it
would draw the page inside the fragment. There is no public alternative: `st.rerun()` at the start
of a page leaves the place, too, but forgets the buttons that came with the request. Delete this
file when Streamlit leaves the place itself.
"""

import logging

try:
    from streamlit.delta_generator_singletons import (
        context_dg_stack,
        get_default_dg_stack_value,
    )
except ImportError:
    logging.getLogger(__name__).warning(
        "This version of Streamlit keeps the place at which it draws elsewhere. "
        "A page may stay blank after a page change; reload it."
    )
    context_dg_stack = None  # type: ignore[assignment]


def leave_fragment() -> None:
    """Draw what follows at the top of the page; first in a page."""
    if context_dg_stack is not None:
        context_dg_stack.set(get_default_dg_stack_value())
