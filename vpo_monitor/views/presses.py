"""Presses that reach the app together with a tick.

A browser sends all that changes in one moment as one request, which Streamlit runs as the fragment
of what came first. If that is the timer's, a press beside it is handled, but its part of the page
isn't drawn again. A fragment can tell so only from the session's values.
"""

from collections.abc import Mapping

import streamlit as st

_OF_TICKS = {"timer", "tick-message", "rerun-view", "rerun-rows"}
"""The keys of what ticks themselves change."""

Values = Mapping[str, object]


def session_values() -> Values:
    """Return the values of all widgets, and what the session keeps, but not what ticks change."""
    values: dict[str, object] = st.session_state.to_dict()
    return {key: value for key, value in values.items() if key not in _OF_TICKS}


def has_press(before: Values, now: Values) -> bool:
    """Whether anything was pressed, chosen or typed since the values were those `before`.

    Streamlit resets what is pressed once, such as a button, to False or None after its run. So a
    box that is unticked counts as nothing, too.
    """
    return any(_is_press(before.get(key, value), value) for key, value in now.items())


def _is_press(before: object, now: object) -> bool:
    if isinstance(before, Mapping) and isinstance(now, Mapping):
        return any(_is_press(before.get(name), value) for name, value in now.items())
    return now is not None and now is not False and now != before
