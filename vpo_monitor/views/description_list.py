"""A list of names with values, in one or two columns depending on the width."""

from collections.abc import Mapping

import streamlit as st

from vpo_monitor.plain_text import plain

# No shadow DOM, so that the page's style can fade stale data.
_description_list = st.components.v2.component(
    "vpo_monitor_facts",
    html='<dl class="vpo-facts"></dl>',
    css="""
    .vpo-facts { margin: 0; padding: .75rem 1rem; display: grid; gap: .3rem 2rem;
      grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr));
      border: 1px solid var(--st-border-color); border-radius: var(--st-base-radius); }
    .vpo-facts div { display: grid; grid-template-columns: 6rem 1fr; gap: .75rem; }
    .vpo-facts dt { opacity: .8; font-size: .875rem; line-height: 1.5rem; }
    .vpo-facts dd { margin: 0; overflow-wrap: anywhere; white-space: pre-wrap;
      line-height: 1.5rem; max-height: 12rem; overflow: auto; }
    """,
    js="""
    export default function ({ data, parentElement }) {
      const box = parentElement.querySelector(".vpo-facts");
      box.replaceChildren(...data.facts.map((fact) => {
        const pair = document.createElement("div");
        for (const [place, kind] of ["dt", "dd"].entries()) {
          const part = document.createElement(kind);
          part.textContent = fact[place];
          pair.append(part);
        }
        return pair;
      }));
      // Long values scroll in place, also by keyboard.
      for (const value of box.querySelectorAll("dd"))
        if (value.scrollHeight > value.clientHeight) value.tabIndex = 0;
    }
    """,
    isolate_styles=False,
)


def description_list(values: Mapping[str, str | None], *, key: str) -> None:
    """Draw the values that are not empty, as plain text."""
    _description_list(
        key=key,
        data={"facts": [(name, plain(value)) for name, value in values.items() if value]},
    )
