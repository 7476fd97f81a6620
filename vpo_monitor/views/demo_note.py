"""Says that what is shown is made-up, and, until it has been read, what this app is."""

import streamlit as st

from vpo_monitor.api.server import DEFAULT_ADDRESS
from vpo_monitor.views.browser_storage import STORAGE_JS
from vpo_monitor.views.navigation import GO_TO_JS

# Hidden in the browser alone, for as long as its tab lives: that costs the app nothing.
_note = st.components.v2.component(
    "vpo_monitor_demo_note",
    html="""
    <div class="vpo-note" role="note" hidden>
      <p></p>
      <p><a href="server">Connect to your server</a>
        <button type="button">Hide this note</button></p>
    </div>
    """,
    css="""
    .vpo-note { padding: .7rem .9rem; border: 1px solid var(--st-border-color);
      border-radius: var(--st-base-radius); }
    .vpo-note[hidden] { display: none; }
    .vpo-note p { margin: 0; }
    .vpo-note p + p { margin-top: .5rem; display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; }
    .vpo-note a { color: var(--st-link-color); font-weight: 600; }
    .vpo-note button { all: unset; cursor: pointer; text-decoration: underline; }
    .vpo-note button:focus-visible { outline: 2px solid var(--st-primary-color); }
    """,
    js=STORAGE_JS
    + GO_TO_JS
    + """
    const SEEN = "vpo-monitor-demo-note";
    export default function ({ data, parentElement }) {
      const note = parentElement.querySelector(".vpo-note");
      note.querySelector("p").textContent = data.text;
      follow(note.querySelector("a"));
      note.hidden = storageOf("sessionStorage")?.getItem(SEEN) === "seen";
      note.querySelector("button").onclick = () => {
        storageOf("sessionStorage")?.setItem(SEEN, "seen");
        note.hidden = true;
      };
    }
    """,
    isolate_styles=False,
)
_TEXT = (
    "VPO Monitor watches the job queue of a Video Policy Orchestrator (VPO) server: what runs, "
    "what waits, what failed. It only looks. No server is set, and no VPO answered at its default "
    f"address ({DEFAULT_ADDRESS}) when the app was started, so this is a demo that moves by itself."
)


def demo_banner(*, has_note: bool) -> None:
    """Draw the banner, which stays, and the note, which a viewer can hide."""
    with st.container(key="demo-banner"):
        st.info("**Demo data.** What you see are made-up jobs.", icon=":material/science:")
        if has_note:
            _note(key="demo-note", data={"text": _TEXT})
