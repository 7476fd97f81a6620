"""Presses that reach the app together with a tick.

A browser batches all changes of one moment into one request, which Streamlit runs as the first
fragment among them. If that is the timer's, or one that the status element has requested, callbacks
run, but what was pressed isn't drawn. A tick notices this by the session's values, as nothing else
tells it.

Only what was off and is on counts. Another value may be what the browser held before *Back* or a
link changed it: a tick sends it, too, until the browser has received the new one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import streamlit as st

_OF_TICKS = {"timer", "tick-message", "rerun-view", "rerun-rows"}
"""The keys of what ticks themselves change."""

Values = Mapping[str, object]


@dataclass(eq=False)
class Presses:
    """The session's values when they were last drawn, or at the last tick."""

    _values: Values = field(default_factory=dict)

    def drawn(self) -> None:
        """Note that what was pressed so far has been drawn."""
        self._values = _session_values()

    def has_new(self) -> bool:
        """Whether a button was pressed, a box ticked, or a component triggered since then."""
        before, self._values = self._values, _session_values()
        return any(
            key in before and _is_press(before[key], value) for key, value in self._values.items()
        )


def _session_values() -> Values:
    """Return the values of widgets with a key and of what the session keeps, but not of ticks."""
    values: dict[str, object] = st.session_state.to_dict()
    return {key: value for key, value in values.items() if key not in _OF_TICKS}


def _is_press(before: object, now: object) -> bool:
    """Whether it is on and was off. Streamlit turns off what is pressed once after its run."""
    if isinstance(before, Mapping) and isinstance(now, Mapping):
        return any(_is_press(before.get(name), value) for name, value in now.items())
    return (before is None or before is False) and not (now is None or now is False)
