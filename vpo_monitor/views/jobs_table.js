// What the table of jobs needs to know of keys and clicks, and cannot tell by itself.
//
// It reports the cell that is selected, not how. Neither Tab into it nor arrow keys within may open a
// job, so what the viewer used is told first; Enter then opens. And it takes no cell that keys choose
// while the pointer rests elsewhere: it is told then that the pointer is above one of its heads.
const TOLD = 300; // ms after which Streamlit has told of a cell; it waits for 150
const HEAD = { x: 180, y: 17 }; // of the types, which shows no hint
const MOVES = ["ArrowDown", "ArrowUp", "ArrowLeft", "ArrowRight", "PageDown", "PageUp", "Home", "End"];
const KEY_CODES = { ArrowDown: 40, ArrowUp: 38 };

export default function ({ data, parentElement, setStateValue, setTriggerValue }) {
  parentElement.stop?.(); // it may be called more than once
  const state = (parentElement.state ??= { waiting: [] });
  const grid = () => document.querySelector(`.st-key-${data.table} canvas[tabindex]`);
  const inTable = (event) => event.target.closest?.(".st-key-" + data.table);
  const tell = (byKeyboard) => {
    if (byKeyboard === Boolean(state.told)) return;
    state.told = byKeyboard;
    setStateValue("by_keyboard", byKeyboard);
  };
  const drawn = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  const come = () => {
    const { left, top } = grid().getBoundingClientRect();
    const place = { clientX: left + HEAD.x, clientY: top + HEAD.y };
    state.away = false;
    grid().dispatchEvent(new PointerEvent("pointermove", { bubbles: true, buttons: 0, ...place }));
    return drawn();
  };
  const inOrder = async (act) => {
    state.waiting.push(act);
    if (state.busy) return; // whoever is takes it along
    state.busy = true;
    try {
      while (state.waiting.length) {
        if (state.away && grid()) await come();
        state.waiting.shift()();
        if (state.waiting.length) await drawn();
      }
    } finally {
      state.busy = false;
    }
  };
  const focus = () => {
    grid()?.blur(); // a table that had no ear for it selects its first cell with the next focus
    grid()?.focus();
  };
  const press = (key) =>
    (grid()?.contains(document.activeElement) ? document.activeElement : grid())?.dispatchEvent(
      new KeyboardEvent("keydown", { bubbles: true, cancelable: true, ...key })
    );
  const enter = () => {
    clearTimeout(state.entering);
    state.entering = setTimeout(() => setTriggerValue("enter", true), TOLD);
  };
  const onPointer = (event) => {
    state.lastWasKey = false;
    if (inTable(event)) tell(false);
  };
  const onMove = (event) => {
    if (event.isTrusted) state.away = event.target !== grid();
  };
  const onFocus = (event) => {
    if (!state.lastWasKey || !inTable(event)) return;
    tell(true);
    if (state.away) inOrder(focus);
  };
  const onKey = (event) => {
    state.lastWasKey = true;
    // The table's toolbar, with buttons of its own, stands outside the canvas.
    const isIn = inTable(event) && event.target.closest("canvas");
    if (event.key === "Enter" && (isIn || state.busy)) {
      event.stopPropagation();
      event.preventDefault();
      inOrder(enter);
      return;
    }
    if (!isIn) return;
    tell(true);
    if (event.isTrusted && MOVES.includes(event.key) && (state.away || state.busy)) {
      event.stopImmediatePropagation();
      event.preventDefault();
      const { key, code, keyCode, ctrlKey, metaKey, shiftKey } = event;
      inOrder(() => press({ key, code, keyCode, ctrlKey, metaKey, shiftKey }));
    }
  };
  const onStep = (event) => {
    const key = event.detail > 0 ? "ArrowDown" : "ArrowUp";
    inOrder(() =>
      grid()?.contains(document.activeElement)
        ? press({ key, code: key, keyCode: KEY_CODES[key] })
        : grid()?.focus()
    );
  };
  // Before what a shortcut does of a key, hence at the window.
  const heard = { pointerdown: onPointer, pointermove: onMove, keydown: onKey, focusin: onFocus };
  for (const [name, act] of Object.entries(heard)) window.addEventListener(name, act, true);
  document.addEventListener("vpo-step", onStep);
  parentElement.stop = () => {
    for (const [name, act] of Object.entries(heard)) window.removeEventListener(name, act, true);
    document.removeEventListener("vpo-step", onStep);
  };
  return parentElement.stop;
}
