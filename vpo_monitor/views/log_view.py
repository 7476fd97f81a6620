"""A job's log in a read-only text area that keeps the reader's place.

Streamlit's own text area sends its whole text back on every run; this one sends nothing.
"""

import streamlit as st

from vpo_monitor.insight.wording import plain
from vpo_monitor.polling.log_tail import LogTail

_MAX_CHARACTERS = 1_000_000

_text_area = st.components.v2.component(
    "vpo_monitor_log",
    html='<textarea readonly spellcheck="false" aria-label="Log" wrap="off"></textarea>',
    css="""
    textarea { box-sizing: border-box; width: 100%; height: 24rem; resize: vertical;
      padding: .75rem; border: 1px solid var(--st-border-color); tab-size: 8;
      border-radius: var(--st-base-radius); background: var(--st-secondary-background-color);
      color: var(--st-text-color); font: .8rem/1.4 var(--st-code-font); }
    """,
    js="""
    export default function ({ data, parentElement }) {
      const area = parentElement.querySelector("textarea");
      if (area.value === data.text) return;
      const atEnd = area.scrollTop + area.clientHeight >= area.scrollHeight - 8;
      const first = area.value === "";
      const { scrollTop, scrollLeft } = area;
      area.value = data.text;
      area.scrollLeft = scrollLeft;
      area.scrollTop = first || atEnd ? area.scrollHeight : scrollTop;
    }
    """,
)


def log_view(tail: LogTail) -> None:
    """Draw the newest lines, at their end unless the reader has scrolled away from it."""
    shown = len(tail.lines)
    st.caption(
        f"Last {shown:,} of {tail.total_lines:,} lines" if shown else "No lines in this log."
    )
    text = plain("\n".join(tail.lines))[-_MAX_CHARACTERS:]
    with st.container(key="job-log"):
        _text_area(key="job-log-text", data={"text": text})
