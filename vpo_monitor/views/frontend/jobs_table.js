// Tells the app whether a cell of the job table was selected by mouse or by keyboard.
//
// Streamlit reports the selected cell, but not how it was selected. Tab and arrow keys must not open a
// job, so this script reports the input device first; Enter then opens the job.
//
// Streamlit also ignores cells selected by keyboard if the pointer was last seen outside the table.
// Before each key, this script therefore simulates a pointer over a column header.
const REPORTED = 300; // ms; Streamlit reports a selected cell after 150
const HEADER = { x: 180, y: 17 }; // the header of the type column, which has no tooltip

// React handles a pointer move later, perhaps after the next key, but a key press at once. It goes by
// the event's type.
class PromptMove extends PointerEvent {
  get type() {
    return "keydown";
  }
}

export default function ({ data, parentElement, setStateValue, setTriggerValue }) {
  parentElement.stop?.(); // this may be called more than once
  const state = (parentElement.state ??= {});
  const table = () => document.querySelector(`.st-key-${data.table}`);
  const grid = () => table()?.querySelector("canvas[tabindex]");
  const inTable = (event) => event.target.closest?.(`.st-key-${data.table}`);
  const report = (byKeyboard) => {
    if (byKeyboard === Boolean(state.reported)) return;
    state.reported = byKeyboard;
    setStateValue("by_keyboard", byKeyboard);
  };
  const simulatePointer = () => {
    if (state.isNear || !grid()) return;
    const { left, top } = grid().getBoundingClientRect();
    const place = { clientX: left + HEADER.x, clientY: top + HEADER.y };
    grid().dispatchEvent(new PromptMove("pointermove", { bubbles: true, ...place }));
  };
  const step = (key) => {
    const hasSelection = table()?.querySelector('[aria-label="Clear selection"]');
    if (hasSelection && grid().contains(document.activeElement)) {
      const press = { key, bubbles: true, cancelable: true };
      document.activeElement.dispatchEvent(new KeyboardEvent("keydown", press));
    } else {
      grid()?.blur(); // gaining focus selects the first cell
      grid()?.focus();
    }
  };
  const onPointer = (event) => {
    state.lastWasKey = false;
    if (inTable(event)) report(false);
  };
  const onMove = (event) => {
    const isNear = Boolean(inTable(event) && event.target.matches(".dvn-scroller"));
    if (!event.isTrusted || isNear === state.isNear) return;
    state.isNear = isNear;
    event.target.dispatchEvent(new PromptMove("pointermove", event));
  };
  const onFocus = (event) => {
    if (!state.lastWasKey || !inTable(event)) return;
    report(true);
    simulatePointer();
  };
  const onKey = (event) => {
    state.lastWasKey = true;
    // The table's toolbar is outside the canvas and has its own buttons.
    if (!inTable(event) || !event.target.closest("canvas")) return;
    if (event.key === "Enter") {
      event.stopPropagation();
      event.preventDefault();
      clearTimeout(state.entering);
      state.entering = setTimeout(() => setTriggerValue("enter", true), REPORTED);
      return;
    }
    report(true);
    simulatePointer();
  };
  const onStep = (event) => {
    simulatePointer();
    queueMicrotask(() => step(event.detail > 0 ? "ArrowDown" : "ArrowUp"));
  };
  // At the window, so that these run before the shortcuts' listeners.
  const listeners = { pointerdown: onPointer, pointermove: onMove, keydown: onKey, focusin: onFocus };
  for (const [name, act] of Object.entries(listeners)) window.addEventListener(name, act, true);
  document.addEventListener("vpo-step", onStep);
  parentElement.stop = () => {
    for (const [name, act] of Object.entries(listeners)) window.removeEventListener(name, act, true);
    document.removeEventListener("vpo-step", onStep);
  };
  return parentElement.stop;
}
