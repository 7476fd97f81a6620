// What the table of jobs needs to know of keys and clicks, and cannot tell by itself.
//
// It reports the cell that is selected, not how. Neither Tab into it nor arrow keys within may open a
// job, so what the viewer used is told first; Enter then opens.
//
// Nor does Streamlit take a cell that keys choose where it has heard last that the pointer is outside
// of the table. So the table hears before each key that the pointer is above one of its heads.
const TOLD = 300; // ms after which Streamlit has told of a cell; it waits for 150
const HEAD = { x: 180, y: 17 }; // of the types, which shows no hint

// Where a pointer has moved is heard in a moment, which may be after the next key; what a key does, at
// once, before the next listener. React tells them apart by their names.
class PromptMove extends PointerEvent {
  get type() {
    return "keydown";
  }
}

export default function ({ data, parentElement, setStateValue, setTriggerValue }) {
  parentElement.stop?.(); // it may be called more than once
  const state = (parentElement.state ??= {});
  const table = () => document.querySelector(`.st-key-${data.table}`);
  const grid = () => table()?.querySelector("canvas[tabindex]");
  const inTable = (event) => event.target.closest?.(`.st-key-${data.table}`);
  const tell = (byKeyboard) => {
    if (byKeyboard === Boolean(state.told)) return;
    state.told = byKeyboard;
    setStateValue("by_keyboard", byKeyboard);
  };
  const hear = () => {
    if (state.isNear || !grid()) return;
    const { left, top } = grid().getBoundingClientRect();
    const place = { clientX: left + HEAD.x, clientY: top + HEAD.y };
    grid().dispatchEvent(new PromptMove("pointermove", { bubbles: true, ...place }));
  };
  const step = (key) => {
    const isChosen = table()?.querySelector('[aria-label="Clear selection"]');
    if (isChosen && grid().contains(document.activeElement)) {
      const press = { key, bubbles: true, cancelable: true };
      document.activeElement.dispatchEvent(new KeyboardEvent("keydown", press));
    } else {
      grid()?.blur(); // with the focus it selects its first cell
      grid()?.focus();
    }
  };
  const onPointer = (event) => {
    state.lastWasKey = false;
    if (inTable(event)) tell(false);
  };
  const onMove = (event) => {
    const isNear = Boolean(inTable(event) && event.target.matches(".dvn-scroller"));
    if (!event.isTrusted || isNear === state.isNear) return;
    state.isNear = isNear;
    event.target.dispatchEvent(new PromptMove("pointermove", event));
  };
  const onFocus = (event) => {
    if (!state.lastWasKey || !inTable(event)) return;
    tell(true);
    hear();
  };
  const onKey = (event) => {
    state.lastWasKey = true;
    // The table's toolbar, with buttons of its own, stands outside the canvas.
    if (!inTable(event) || !event.target.closest("canvas")) return;
    if (event.key === "Enter") {
      event.stopPropagation();
      event.preventDefault();
      clearTimeout(state.entering);
      state.entering = setTimeout(() => setTriggerValue("enter", true), TOLD);
      return;
    }
    tell(true);
    hear();
  };
  const onStep = (event) => {
    hear();
    queueMicrotask(() => step(event.detail > 0 ? "ArrowDown" : "ArrowUp"));
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
