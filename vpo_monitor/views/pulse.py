"""The small part of a page that a tick draws, and what listens to it in the browser.

A tick that finds nothing new must cost next to nothing, so it draws one element of a few hundred
bytes, the pulse. What it tells is shown by elements that stand outside of it and are not sent
again; where there is more to show, it asks the browser to have the page drawn: at once, or at the
moment when there surely will be.
"""

from dataclasses import asdict, dataclass
from typing import Any, Self

import streamlit as st

_KEY = "pulse"

# The listener finds the latest pulse here, and through it the way back to the app.
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

# Tells of three things. The tab was hidden or shown. The page is to be drawn. And the browser has
# found its app again: after a restart of the app, or a long absence, that has a new session, which
# knows no fragment, so that ticks and buttons do nothing until the whole page has run once.
#
# A page is also to be drawn where the end of its last drawing was not heard. Streamlit's part in
# the browser takes away what a drawing did not draw once it hears of its end; but that waits in a
# queue, and is taken back where the next run, such as a tick's, begins before it is sent. Then
# what is no longer true stays on screen, and with it what stood for the drawing before.
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

# Streamlit's part in the browser empties a page where something is run in the name of another, and
# nothing would ever fill it. `left_page` keeps a late tick from being run like that; where a page
# is empty all the same, this outlives it, and has it drawn as Back would.
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
    """Draw the listeners, once a page and outside of what is drawn again."""
    _listener(key="listener", on_back_change=lambda: None)
    _guard(key="guard")


def redraw_on_request(drawing: int) -> None:
    """Draw what a pulse can ask for a redraw of the fragment that this stands in.

    It stands in two places by turns of `drawing`, so that it is in both where one was not ended.
    """
    for turn in range(2):
        with st.container(key=f"drawing-{turn}"):
            if drawing % 2 == turn:
                _redraw(key=f"redraw-{turn}", on_turn_change=lambda: None)


def move_on_request() -> None:
    """Draw what a pulse can ask for a new drawing of the moving part that this stands in."""
    _move(key="move", on_turn_change=lambda: None)


@dataclass(frozen=True)
class Heard:
    """What a browser tab has said of itself.

    Whether it is in view, whether its viewer wants to be notified also while it is not, and the
    jobs that it followed in an earlier session, as the browser remembers them.
    """

    visible: bool = True
    notified: bool = False
    followed: tuple[str, ...] = ()

    @classmethod
    def now(cls) -> Self:
        """As it has said so far. To be read once a run: each time takes Streamlit 0.1 ms."""
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
    """What a pulse has the browser ask for; a number is a new one each time.

    `redraw` is for the whole live part, `move` for what moves in it alone. `redraw_in` is the time
    in seconds after which a tab in view asks for what moves, or for all where nothing is marked as
    moving: where a tick would surely find news, it would cost as much as the drawing itself.
    """

    redraw: int | None = None
    move: int | None = None
    redraw_in: float | None = None


def pulse(data: dict[str, Any], heard: Heard, ask: Ask, *, is_drawing: bool) -> None:
    """Tell `data` to the elements that show it, and what to ask for.

    `is_drawing` tells that this is part of a drawing, whose end is still to be heard.

    It also tells what the browser was heard to say. What an element says while one page follows
    another can go to the pulse of the page that is gone; so it sees that, and says it again.
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
