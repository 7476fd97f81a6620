"""Keyboard shortcuts; `?` lists them on every page."""

from collections.abc import Callable

import streamlit as st

from vpo_monitor.views.browser_storage import STORAGE_JS

_KEY = "shortcuts"

# Keys are ignored while the viewer types, and together with Ctrl, Alt or Command. They can be
# turned off, as speech input can trigger them by accident (WCAG 2.2, 2.1.4).
_shortcuts = st.components.v2.component(
    "vpo_monitor_shortcuts",
    html="""
    <button type="button" class="opener">Shortcuts <kbd>?</kbd></button>
    <dialog aria-labelledby="keys">
      <form method="dialog">
        <h2 id="keys">Shortcuts</h2>
        <dl>
          <dt><kbd>r</kbd></dt><dd>Refresh now</dd>
          <dt><kbd>p</kbd></dt><dd>Pause or resume</dd>
          <dt><kbd>/</kbd></dt><dd>Search jobs by path, or the log</dd>
          <dt><kbd>j</kbd> <kbd>k</kbd></dt><dd>Next or previous job</dd>
          <dt><kbd>Enter</kbd></dt><dd>Open the selected job</dd>
          <dt><kbd>?</kbd></dt><dd>Show shortcuts</dd>
        </dl>
        <label><input type="checkbox"> Enable shortcuts in this browser</label>
        <button>Close</button>
      </form>
    </dialog>
    """,
    css="""
    .opener { border-color: transparent; font-size: .875rem; opacity: .8; margin-left: -.4rem; }
    dialog { max-width: min(26rem, calc(100vw - 4rem)); padding: 1.25rem;
      font-family: var(--st-font); color: var(--st-text-color);
      background: var(--st-background-color); border: 1px solid var(--st-border-color);
      border-radius: var(--st-base-radius); }
    dialog::backdrop { background: rgb(0 0 0 / 40%); }
    h2 { margin: 0 0 .75rem; font-size: 1.2rem; }
    dl { display: grid; grid-template-columns: auto 1fr; gap: .5rem 1rem; margin: 0 0 1rem; }
    dd { margin: 0; }
    kbd { padding: .1rem .4rem; font-family: var(--st-code-font);
      border: 1px solid var(--st-border-color); border-radius: .25rem; }
    button { font-family: var(--st-font); font-size: inherit; padding: .3rem .9rem;
      cursor: pointer; color: inherit; background: none; border: 1px solid var(--st-border-color);
      border-radius: var(--st-base-radius); }
    label { display: flex; gap: .5rem; margin: 0 0 1rem; }
    :is(button, input):focus-visible { outline: 2px solid var(--st-primary-color); }
    """,
    js=STORAGE_JS
    + """
    const OFF = "vpo-monitor-keys-off";
    const TYPED_INTO =
      "input, textarea, select, [contenteditable], [role=combobox], [role=listbox]";
    const SEARCH = ".st-key-filter-search input, .st-key-log-find input";
    const ROWS = ".stMain :is(.vpo-running, .vpo-list) a";
    const REPEATED = ["j", "k"];  // while the key is held
    const go = (step) => {
      const rows = [...document.querySelectorAll(ROWS)].filter((row) => row.checkVisibility());
      if (!rows.length) document.dispatchEvent(new CustomEvent("vpo-step", { detail: step }));
      const place = rows.indexOf(document.activeElement);
      rows[place < 0 ? 0 : place + step]?.focus();
    };
    export default function ({ parentElement, setTriggerValue }) {
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
      document.addEventListener("keydown", onKey, true);
      parentElement.stop = () => document.removeEventListener("keydown", onKey, true);
      return parentElement.stop;
    }
    """,
)


def shortcuts(*, refresh: Callable[[], None], pause: Callable[[], None]) -> None:
    """Listen for keys, once per page; only `refresh` and `pause` reach the app."""
    with st.sidebar:
        _shortcuts(key=_KEY, on_refresh_change=refresh, on_pause_change=pause)
