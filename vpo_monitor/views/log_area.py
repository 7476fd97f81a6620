"""A read-only text area for logs, as a component.

Streamlit's own text area sends its whole text back on every run. This one receives its lines once,
then only new ones, and sends back only requests for other lines.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from vpo_monitor.insight.logs.log_rows import Row
from vpo_monitor.polling.log_tail import MAX_CHARACTERS

_KEY = "job-log-area"


def _step(mark: str, step: int, label: str) -> str:
    sign = "›" if step > 0 else "‹"
    return f'<button data-mark="{mark}" data-step="{step}" aria-label="{label}">{sign}</button>'


_MARKS = "".join(
    f'<span class="marks-{mark}" hidden>{_step(mark, -1, f"Previous {word}")}<b></b>'
    f"{_step(mark, 1, f'Next {word}')}</span>"
    for mark, word in (("h", "match"), ("e", "error"), ("w", "warning"))
)
_HTML = f"""
<div class="log">
  <div class="bar">
    <span class="count"></span>{_MARKS}
    <span class="status" role="status"></span>
    <button class="link" title="Copy a link to the line at the cursor">Link to line</button>
    <button class="copy" title="Copy the selection, or all lines shown">Copy</button>
    <button class="save" title="Save the lines shown as a text file">Save</button>
  </div>
  <div class="frame">
    <div class="back"><div class="rows" aria-hidden="true"></div></div>
    <textarea readonly spellcheck="false" aria-label="Log"></textarea>
    <span role="status"><button class="new" hidden></button></span>
  </div>
</div>
"""

_CSS = """
.log { font-family: var(--st-font); color: var(--st-text-color); font-size: .875rem; }
.bar { display: flex; flex-wrap: wrap; align-items: center; gap: .25rem .9rem;
  min-height: 2rem; padding-bottom: .35rem; }
.bar b { font-weight: 600; padding: 0 .25rem; }
.marks-e b { color: var(--st-red-text-color); }
.marks-w b { color: var(--st-orange-text-color); }
.status { margin-left: auto; opacity: .8; }
button { font: inherit; color: inherit; cursor: pointer; padding: .15rem .6rem;
  border: 1px solid var(--st-border-color); border-radius: var(--st-base-radius);
  background: var(--st-background-color); }
button:hover { border-color: var(--st-primary-color); }
:is(button, textarea):focus-visible { outline: 2px solid var(--st-primary-color); }
.frame { position: relative; height: 26rem; min-height: 8rem; overflow: hidden; resize: vertical;
  border: 1px solid var(--st-border-color); border-radius: var(--st-base-radius);
  background: var(--st-secondary-background-color); --gutter: 1.6rem; }
.frame.numbered { --gutter: 5.2rem; }
textarea, .rows { font: 13px/18px var(--st-code-font); tab-size: 8; }
textarea { position: absolute; left: var(--gutter); top: 0; height: 100%; box-sizing: border-box;
  width: calc(100% - var(--gutter)); margin: 0; padding: 0 .5rem; border: 0; resize: none;
  background: transparent; color: var(--st-text-color); white-space: pre; overflow: auto;
  overscroll-behavior: contain; }
textarea.wrap, .t { white-space: pre-wrap; overflow-wrap: break-word; }
.back { position: absolute; inset: 0; overflow: hidden; }
.rows { position: absolute; inset: 0 0 auto; }
@media (max-width: 640px) { .frame.numbered { --gutter: 3.6rem; } }
.row { display: flex; min-height: 18px; }
.n { flex: none; width: var(--gutter); box-sizing: border-box; padding: 0 .4rem 0 .2rem;
  text-align: right; color: var(--st-text-color); opacity: .75; cursor: pointer;
  white-space: nowrap; overflow: hidden; user-select: none; }
.frame:not(.numbered) .n { text-indent: 0; text-align: left; width: 1.6rem; }
.t { visibility: hidden; box-sizing: border-box; width: var(--text-width); padding: 0 .5rem; }
.row.h { background: var(--st-yellow-background-color); }
.row.e { background: var(--st-red-background-color); }
.row.w { background: var(--st-orange-background-color); }
.row.e .n { color: var(--st-red-text-color); opacity: 1; }
.row.w .n { color: var(--st-orange-text-color); opacity: 1; }
.row.h .n { text-decoration: underline; }
.row.g { border-top: 1px dashed var(--st-border-color); margin-top: -1px; }
.row.chosen { box-shadow: inset 3px 0 var(--st-primary-color); }
.new { position: absolute; right: 1.5rem; bottom: .75rem; z-index: 1; font-weight: 600;
  background: var(--st-primary-color); color: var(--st-background-color); }
[hidden] { display: none !important; }
"""

_log_area = st.components.v2.component(
    "vpo_monitor_log",
    html=_HTML,
    css=_CSS,
    js="".join(
        (Path(__file__).parent / name).read_text(encoding="utf-8")
        for name in ("log_rows.js", "log_area.js")
    ),
)


@dataclass(frozen=True)
class LogContent:
    """All rows to show, and how. The browser replaces its rows if `gen` has changed.

    `end` is the number of the newest known line, `total` the number of lines in the log. If
    `follows`, new lines are appended, up to `limit` rows and `characters` in total. `target` is a
    line to scroll to, once per `turn`. `has_more` means that lines not in `rows` may match.
    Saved files are named `file_stem` plus the time of saving.
    """

    gen: int
    job: str
    file_stem: str
    find: str
    rows: tuple[Row, ...]
    end: int
    total: int
    limit: int
    follows: bool
    kind: str
    wrap: bool
    numbers: bool
    newest_first: bool
    target: int | None = None
    turn: int = 0
    has_more: bool = False
    characters: int = MAX_CHARACTERS


def log_area(content: LogContent, on_request: Callable[[dict[str, Any]], None]) -> None:
    """Draw the text area, and call `on_request` with each position that the viewer requests.

    A position's `to` is `end`, `line` (with the number `line`) or `match` (the next match after the
    line `from` in `direction`).
    """

    def requested() -> None:
        if position := st.session_state[_KEY].get("go"):
            on_request(position)

    data = dict(vars(content))
    data["newestFirst"], data["hasMore"] = data.pop("newest_first"), data.pop("has_more")
    data["fileStem"] = data.pop("file_stem")
    with st.container(key="job-log"):
        _log_area(key=_KEY, data=data, on_go_change=requested, on_lost_change=lambda: None)


def needs_resend() -> bool:
    """Whether the browser has missed an update and requests all rows again."""
    return st.session_state.get(_KEY, {}).get("lost") is not None
