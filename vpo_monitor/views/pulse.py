"""The pulse: the small element that each tick sends, and its listeners in the browser.

A tick that finds nothing new must cost next to nothing, so it sends one element of a few hundred
bytes. Other elements, which aren't sent again, show its data. If more has changed, the pulse makes
the browser request a redraw: at once, or at the time when new data is certain.
"""

from dataclasses import asdict, dataclass
from typing import Any, Self

import streamlit as st

_KEY = "pulse"

# Keeps the latest pulse for the listeners, which also use it to send values back to the app.
_pulse = st.components.v2.component(
    "vpo_monitor_pulse",
    js="""
    export default (pulse) => { window.vpoPulse = pulse; dispatchEvent(new Event("vpo-pulse")); };
    """,
)

_redraw = st.components.v2.component(
    "vpo_monitor_redraw",
    js="""
    window.vpoDrawings ??= new Set();
    export default ({ parentElement, setTriggerValue }) => {
      window.vpoRedraw = (turn) => setTriggerValue("turn", turn);
      window.vpoDrawings.add(parentElement);
      return () => window.vpoDrawings.delete(parentElement);
    };
    """,
)

_move = st.components.v2.component(
    "vpo_monitor_move",
    js="""
    export default ({ setTriggerValue }) => {
      const move = window.vpoMove = (turn) => setTriggerValue("turn", turn);
      return () => { if (window.vpoMove === move) delete window.vpoMove; };
    };
    """,
)

# Reports three events. The tab was hidden or shown. The page needs a redraw. The browser has
# reconnected: after an app restart or a long absence there is a new session without fragments, so
# ticks and buttons do nothing until the whole page has run once.
#
# A page also needs a redraw if its last one was never finished in the browser. Streamlit's frontend
# removes stale elements when a run ends, but the server drops that message if the next run, such as
# a tick, begins before it is sent. Then outdated elements stay on screen.
_listener = st.components.v2.component(
    "vpo_monitor_listener",
    js="""
    const SETTLED = 200; // milliseconds after a tick
    const app = document.querySelector(".stApp");
    const isDone = () => app.dataset.testScriptState === "notRunning";
    const isTwice = () => [...window.vpoDrawings ?? []].filter((e) => e.isConnected).length > 1;
    export default function ({ parentElement, setTriggerValue }) {
      parentElement.stop?.();  // it may be called more than once
      const tell = () => {
        const visible = document.visibilityState !== "hidden";
        if (!visible) clearTimeout(parentElement.timer);
        if (!window.vpoPulse || visible === parentElement.told) return;
        parentElement.told = visible;
        window.vpoPulse.setStateValue("visible", visible);
      };
      const onPulse = () => {
        parentElement.told = window.vpoPulse.data.heard.visible;
        tell();
        clearTimeout(parentElement.timer);
        clearTimeout(parentElement.settling);
        const { redraw, move, redraw_in: wait, drawing } = window.vpoPulse.data;
        if (!drawing)
          parentElement.settling = setTimeout(
            () => { if (isDone() && isTwice()) window.vpoRedraw(Date.now()); }, SETTLED);
        if (wait !== undefined)
          parentElement.timer = setTimeout(
            () => (window.vpoMove ?? window.vpoRedraw)?.(Date.now()), wait * 1000);
        const turn = redraw ?? move;
        if (!turn || turn === parentElement.turn) return;
        parentElement.turn = turn;
        (redraw ? window.vpoRedraw : window.vpoMove)?.(turn);
      };
      const isConnected = () => app.dataset.testConnectionState === "CONNECTED";
      const watch = new MutationObserver(() => {
        if (!isConnected()) parentElement.wasAway = true;
        else if (parentElement.wasAway) {
          parentElement.wasAway = false;
          setTriggerValue("back", true);
        }
      });
      watch.observe(app, { attributeFilter: ["data-test-connection-state"] });
      document.addEventListener("visibilitychange", tell);
      addEventListener("vpo-pulse", onPulse);
      if (window.vpoPulse) onPulse();
      parentElement.stop = () => {
        clearTimeout(parentElement.timer);
        clearTimeout(parentElement.settling);
        watch.disconnect();
        document.removeEventListener("visibilitychange", tell);
        removeEventListener("vpo-pulse", onPulse);
      };
      return () => { parentElement.stop(); delete window.vpoPulse; };
    }
    """,
)

# If a fragment of another page runs, Streamlit's frontend empties the page for good.
# `left_page` drops such runs. If a page is empty anyway, this guard reloads it, as Back would.
_guard = st.components.v2.component(
    "vpo_monitor_guard",
    js="""
    const EVERY = 400; // milliseconds
    const DONE = 2, AT_WORK = 12, ASKED = -10; // of them
    export default function () {
      if (window.vpoGuard) return;
      const app = document.querySelector(".stApp");
      const isEmpty = () =>
        app.dataset.testConnectionState === "CONNECTED" &&
        !app.querySelector(".stMain [data-testid=stElementContainer]");
      let seen = 0;
      window.vpoGuard = setInterval(() => {
        seen = isEmpty() ? seen + 1 : 0;
        if (seen < (app.dataset.testScriptState === "notRunning" ? DONE : AT_WORK)) return;
        seen = ASKED;
        dispatchEvent(new PopStateEvent("popstate"));
      }, EVERY);
    }
    """,
)


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
