"""Presses that reach the app together with a tick.

A browser sends all changes of one moment as one request, which Streamlit runs as the first fragment
among them. If that is the timer's, or one that the status element has requested, callbacks run, but
what was pressed isn't drawn. A tick notices this by the session's values, as nothing else tells it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import streamlit as st

_OF_TICKS = {"timer", "tick-message", "rerun-view", "rerun-rows"}
"""The keys of what ticks themselves change."""

Values = Mapping[str, object]


@dataclass(eq=False)
class Presses:
    """The session's values as they were drawn.

    Streamlit resets what is pressed once, such as a button, to False or None after its run. So
    these count as presses only if the values before were already reset.
    """

    _values: Values = field(default_factory=dict)
    _are_reset: bool = False

    def drawn(self) -> None:
        """Note that all of the session's values have been drawn."""
        self._values, self._are_reset = _session_values(), False

    def has_new(self) -> bool:
        """Whether anything was pressed, chosen or typed since then, or since the last call."""
        before, were_reset, now = self._values, self._are_reset, _session_values()
        self._values, self._are_reset = now, True
        return any(
            _differs(before.get(key, value), value, counts_off=were_reset)
            for key, value in now.items()
        )


def _session_values() -> Values:
    """Return the values of widgets with a key and of what the session keeps, but not of ticks."""
    values: dict[str, object] = st.session_state.to_dict()
    return {key: value for key, value in values.items() if key not in _OF_TICKS}


def _differs(before: object, now: object, *, counts_off: bool) -> bool:
    """Whether the value has changed, to False or None only if that counts."""
    if isinstance(before, Mapping) and isinstance(now, Mapping):
        return any(
            _differs(before.get(name), value, counts_off=counts_off) for name, value in now.items()
        )
    return now != before and (counts_off or (now is not None and now is not False))
