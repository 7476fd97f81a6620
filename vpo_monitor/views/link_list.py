"""A list of queued jobs or events, each line linking to its job."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from vpo_monitor.plain_text import LONGEST_NAME, plain_line
from vpo_monitor.views.duration_js import DURATION_JS
from vpo_monitor.views.navigation import GO_TO_JS, target

_LONGEST_TEXT = 500

# Not in a shadow tree, so that the page's style can fade old data.
_list = st.components.v2.component(
    "vpo_monitor_link_list",
    html='<ul class="vpo-list"></ul>',
    css="""
    .vpo-list { list-style: none; margin: 0; padding: 0; border: 1px solid var(--st-border-color);
      border-radius: var(--st-base-radius); }
    .vpo-list:empty { display: none; }
    .vpo-list li { display: grid; grid-template-columns: 1.4rem 1fr auto; gap: 0 .5rem; margin: 0;
      padding: .4rem .75rem; font-size: .9rem; line-height: 1.35; }
    .vpo-list li + li { border-top: 1px solid var(--st-border-color); }
    .vpo-list i { grid-row: span 2; font-style: normal; text-align: center; }
    .vpo-list .red i { color: var(--st-red-text-color); }
    .vpo-list .green i { color: var(--st-green-text-color); }
    .vpo-list .blue i { color: var(--st-blue-text-color); }
    .vpo-list .faint { background: color-mix(in srgb, var(--st-text-color) 6%, transparent); }
    .vpo-list a { color: var(--st-link-color); text-decoration: none;
      scroll-margin-top: 4rem; }  /* below the bar that stays in view */
    .vpo-list a:hover { text-decoration: underline; }
    .vpo-list :is(.title, .text) { overflow-wrap: anywhere; min-width: 0; }
    .vpo-list .text { grid-column: 2 / 4; font-size: .8rem; opacity: .85; }
    .vpo-list time { font-size: .8rem; opacity: .8; white-space: nowrap;
      font-variant-numeric: tabular-nums; }
    .vpo-list [hidden] { display: none; }
    """,
    js=DURATION_JS
    + GO_TO_JS
    + """
    const make = (id) => {
      const line = document.createElement("li");
      const parts = {};
      for (const [name, kind] of [["icon", "i"], ["title", "span"], ["ago", "time"],
                                  ["text", "span"]]) {
        parts[name] = document.createElement(kind);
        parts[name].className = name;
        line.append(parts[name]);
      }
      parts.icon.ariaHidden = "true";
      parts.link = document.createElement("a");
      follow(parts.link);
      return { line, parts };
    };
    const put = (element, text) => {
      if (element.textContent !== text) element.textContent = text;
    };
    export default function ({ data, parentElement }) {
      clearInterval(parentElement.timer);  // it may be called more than once
      const box = parentElement.querySelector(".vpo-list");
      const lines = (parentElement.lines ??= new Map());
      const drawn = Date.now();
      const wanted = new Set(data.items.map((item) => item.id));
      for (const [id, { line }] of lines) if (!wanted.has(id)) { line.remove(); lines.delete(id); }
      data.items.forEach((item, place) => {
        if (!lines.has(item.id)) lines.set(item.id, make());
        const { line, parts } = lines.get(item.id);
        line.className = item.tone;
        put(parts.icon, item.icon);
        if (item.target) {
          parts.link.href = item.target;
          put(parts.link, item.title);
          if (parts.link.parentElement !== parts.title) parts.title.replaceChildren(parts.link);
        } else put(parts.title, item.title);
        put(parts.text, item.text);
        parts.text.hidden = !item.text;
        parts.ago.hidden = item.ago === null;
        parts.ago.title = item.at;
        if (box.children[place] !== line) box.insertBefore(line, box.children[place] ?? null);
      });
      const isOld = () => document.querySelector(".stMain")?.hasAttribute("data-old");
      const tick = () => {
        for (const item of data.items)
          // With old data, nobody knows if a job is still queued.
          if (item.ago !== null &&
              !(item.waits && isOld() && lines.get(item.id).parts.ago.textContent)) {
            const ago = formatDuration(item.ago + (Date.now() - drawn) / 1000);
            put(lines.get(item.id).parts.ago, item.waits ? "waiting " + ago : ago + " ago");
          }
      };
      tick();
      parentElement.timer = setInterval(tick, 1000);
      return () => clearInterval(parentElement.timer);
    }
    """,
    isolate_styles=False,
)


@dataclass(frozen=True)
class Line:
    """One line. `title` and `text` may come from the server and are shown as plain text.

    `ago` is in seconds, or None if there is no time; `at` is the full timestamp for the tooltip.
    `tone` is the icon's colour: red, green, blue, or faint for a line that isn't an event.
    `waits` marks a queued job, which has been waiting for `ago` seconds.
    """

    id: str
    icon: str
    title: str
    text: str = ""
    job_id: str | None = None
    ago: float | None = None
    at: str = ""
    tone: str = ""
    waits: bool = False


def link_list(lines: Sequence[Line], *, key: str) -> None:
    """Draw the lines; the browser keeps their ages up to date."""
    _list(key=key, data={"items": [_data(line) for line in lines]})


def _data(line: Line) -> dict[str, Any]:
    return {
        "id": line.id,
        "icon": line.icon,
        "title": plain_line(line.title, LONGEST_NAME),
        "text": plain_line(line.text, _LONGEST_TEXT),
        "target": None if line.job_id is None else target("job", {"id": line.job_id}),
        "ago": None if line.ago is None else round(max(0.0, line.ago), 1),
        "at": line.at,
        "tone": line.tone,
        "waits": line.waits,
    }
