// Keys are ignored while the viewer types, and together with Ctrl, Alt or Command. They can be
// turned off, as speech input can trigger them by accident (WCAG 2.2, 2.1.4).
import { storageOf } from "./shared/storage.js";

const OFF = "vpo-monitor-keys-off";
const TYPED_INTO =
  "input, textarea, select, [contenteditable], [role=combobox], [role=listbox]";
const SEARCH = ".st-key-filter-search input, .st-key-log-find input";
const ROWS = ":is(.vpo-running, .vpo-list) a";
const REPEATED = ["j", "k"];  // while the key is held
const go = (step) => {
  const rows = [...document.querySelectorAll(ROWS)].filter((row) => row.checkVisibility());
  const place = rows.indexOf(document.activeElement);
  rows[place < 0 ? 0 : place + step]?.focus();
};
export default function ({ data, parentElement, setTriggerValue }) {
  parentElement.stop?.();  // it may be called more than once
  const list = parentElement.querySelector("dialog");
  const choice = parentElement.querySelector("input");
  const storage = storageOf("localStorage");
  choice.checked = !storage?.getItem(OFF);
  choice.onchange = () =>
    choice.checked ? storage?.removeItem(OFF) : storage?.setItem(OFF, "1");
  parentElement.querySelector(".opener").onclick = () => list.showModal();
  const acts = {
    r: () => setTriggerValue("refresh", true),
    p: () => setTriggerValue("pause", true),
    "/": () => document.querySelector(SEARCH)?.focus(),
    "?": () => list.showModal(),
    j: () => go(1),
    k: () => go(-1),
  };
  const onKey = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.repeat && !REPEATED.includes(event.key)) return;
    if (!choice.checked) return;
    if (event.composedPath()[0].closest?.(TYPED_INTO)) return;
    if (list.open || document.querySelector("[role=dialog]")) return;
    const act = Object.hasOwn(acts, event.key) ? acts[event.key] : null;
    if (!act) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    act();
  };
  const onRerun = () => setTriggerValue("rerun", Date.now());
  addEventListener("vpo-rerun", onRerun);
  // On a phone the menu covers the page: once a page is chosen, it closes as if touched outside.
  const menu = data.kiosk ? null : (parentElement.host ?? parentElement).closest("section");
  const onChoice = (event) => {
    if (!event.composedPath().some((element) => element.tagName === "A")) return;
    const outside = document.querySelector(".st-key-page");
    setTimeout(() => outside?.dispatchEvent(new MouseEvent("mousedown", { bubbles: true })));
  };
  menu?.addEventListener("click", onChoice);
  if (!data.kiosk) document.addEventListener("keydown", onKey, true);
  parentElement.stop = () => {
    removeEventListener("vpo-rerun", onRerun);
    menu?.removeEventListener("click", onChoice);
    document.removeEventListener("keydown", onKey, true);
  };
  return parentElement.stop;
}
