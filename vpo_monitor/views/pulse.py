"""The pulse: the small element that each tick sends, and its listeners in the browser.

A tick that finds nothing new must cost next to nothing, so it sends one element of a few hundred
bytes. Other elements, which aren't sent again, show its data. If more has changed, the pulse makes
the browser request a redraw: at once, or at the time when new data is certain.
"""

from dataclasses import asdict, dataclass
from typing import Any, Self

import streamlit as st

from vpo_monitor.views.frontend import component

_KEY = "pulse"

_pulse = component("pulse")

_redraw = component("redraw")

_move = component("move")

_listener = component("listener")

_guard = component("guard")


def listen() -> None:
    """Draw the listeners: once per page, outside the live part."""
    _listener(key="listener", on_back_change=lambda: None)
    _guard(key="guard")


def redraw_on_request(drawing: int) -> None:
    """Draw the component through which a pulse requests a redraw of the enclosing fragment.

    It alternates between two containers with `drawing`, so that both hold one if a redraw was not
    finished.
    """
    for turn in range(2):
        with st.container(key=f"drawing-{turn}"):
            if drawing % 2 == turn:
                _redraw(key=f"redraw-{turn}", on_turn_change=lambda: None)


def move_on_request() -> None:
    """Draw the component through which a pulse requests a redraw of the enclosing moving part."""
    _move(key="move", on_turn_change=lambda: None)


@dataclass(frozen=True)
class Heard:
    """The state reported by a browser tab.

    Whether it is visible, whether browser notifications are on, and the jobs followed in an earlier
    session, as remembered by the browser.
    """

    visible: bool = True
    notified: bool = False
    followed: tuple[str, ...] = ()

    @classmethod
    def now(cls) -> Self:
        """Return the latest state. Read it once per run: each read takes Streamlit 0.1 ms."""
        told = st.session_state.get(_KEY) or {}
        followed = told.get("followed")
        return cls(
            visible=bool(told.get("visible", True)),
            notified=bool(told.get("notified", False)),
            followed=tuple(one for one in followed if isinstance(one, str))
            if isinstance(followed, list)
            else (),
        )


@dataclass(frozen=True)
class Ask:
    """The redraws that a pulse makes the browser request; each has a new number.

    `redraw` is for the whole live part, `move` for its moving part alone. After `redraw_in` seconds
    a visible tab requests the moving part, or the whole if there is none: a tick that is certain to
    find changes would cost as much as the redraw itself.
    """

    redraw: int | None = None
    move: int | None = None
    redraw_in: float | None = None


def pulse(data: dict[str, Any], heard: Heard, ask: Ask, *, is_drawing: bool) -> None:
    """Send `data` to the elements that show it, and the redraws to request.

    `is_drawing` means that this is part of a redraw that isn't finished yet.

    The pulse also repeats what the browser has reported. A report during a page change can get lost
    with the old page's pulse; the browser then notices, and reports it again.
    """
    _pulse(
        key=_KEY,
        data={
            **data,
            "heard": asdict(heard),
            **{name: value for name, value in asdict(ask).items() if value is not None},
            **({"drawing": True} if is_drawing else {}),
        },
        default={"visible": True, "notified": False, "followed": []},
        on_visible_change=lambda: None,
        on_notified_change=lambda: None,
        on_followed_change=lambda: None,
    )
