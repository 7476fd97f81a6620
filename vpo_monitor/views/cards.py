"""Cards with a label and a value. The browser updates running times, so ticks send nothing."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

import streamlit as st

from vpo_monitor.insight.formatting import duration
from vpo_monitor.views.duration_js import DURATION_JS
from vpo_monitor.views.navigation import GO_TO_JS

# No shadow DOM, so that the page's style can fade stale data.
_cards = st.components.v2.component(
    "vpo_monitor_cards",
    html='<div class="vpo-cards"></div>',
    css="""
    .vpo-cards { display: flex; flex-wrap: wrap; gap: .75rem; }
    .vpo-card { box-sizing: border-box; flex: 1 1 130px; max-width: 200px; padding: .6rem .9rem;
      border: 1px solid var(--st-border-color); border-radius: var(--st-base-radius); }
    .vpo-card dt { font-size: .875rem; opacity: .8; }
    .vpo-card dd { margin: 0; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
    .vpo-card .note { font-size: .8rem; opacity: .8; }
    .vpo-card [hidden] { display: none; }
    .vpo-card:has(a) { position: relative; }
    .vpo-card:has(a:hover) { border-color: var(--st-primary-color); }
    .vpo-card a { color: inherit; text-decoration: none; }
    .vpo-card a::after { content: ""; position: absolute; inset: 0; }  /* the whole card */
    .vpo-card:has(a:focus-visible) { outline: 2px solid var(--st-primary-color); }
    .vpo-card a:focus-visible { outline: none; }
    .vpo-cards.large .vpo-card { flex-basis: 5.2rem; max-width: none; }
    .vpo-cards.large .vpo-card.wide { flex-grow: 2; }
    .vpo-cards.large .note { min-height: 1.2rem; line-height: 1.2rem; }
    .vpo-cards.large :is(dt, dd:not(.note)) { white-space: nowrap; overflow: hidden;
      text-overflow: ellipsis; }
    .vpo-cards.large dd:not(.note) { font-size: 1.4rem; line-height: 1.3; }
    @media (max-width: 640px) {
      .vpo-cards { gap: .5rem; }
      .vpo-card { flex-basis: 100px; padding: .35rem .5rem; }
      .vpo-cards:not(.large):has(> :nth-child(4):last-child) .vpo-card { flex-basis: 40%; }
      .vpo-cards.large :is(dt, .note) { font-size: .75rem; }
      .vpo-cards.large dd:not(.note) { font-size: 1.1rem; }
    }
    """,
    js=DURATION_JS
    + GO_TO_JS
    + """
    const makeCard = () => {
      const card = document.createElement("dl");
      card.style.margin = 0;
      for (const kind of ["dt", "dd", "dd"]) card.append(document.createElement(kind));
      card.lastChild.className = "note";
      return card;
    };
    const fill = (card, { label, text, note, wide, target }, large) => {
      const [name, value, below] = card.children;
      card.className = wide ? "vpo-card wide" : "vpo-card";
      name.textContent = label;
      below.textContent = note;
      below.hidden = !note && !large;
      if (!target) return value.replaceChildren(text);
      if (!value.querySelector("a")) {
        value.replaceChildren(document.createElement("a"));
        follow(value.firstChild);
      }
      value.firstChild.href = target;
      value.firstChild.textContent = text;
      value.firstChild.ariaLabel = `${label}: ${text}`;
    };
    export default function ({ data, parentElement }) {
      clearInterval(parentElement.timer);  // this may be called more than once
      const drawn = Date.now();
      const box = parentElement.querySelector(".vpo-cards");
      box.classList.toggle("large", data.large);
      // Reuse the elements, so that a focused card keeps the focus.
      while (box.children.length > data.cards.length) box.lastChild.remove();
      while (box.children.length < data.cards.length) box.append(makeCard());
      data.cards.forEach((card, place) => fill(box.children[place], card, data.large));
      const running = data.cards.flatMap(({ running: seconds }, place) =>
        seconds === null ? [] : [[box.children[place].children[1], seconds]]
      );
      const isStale = () => document.querySelector(".stMain")?.hasAttribute("data-old");
      const show = () => {
        if (isStale()) return;  // the job may have finished
        const passed = (Date.now() - drawn) / 1000;
        for (const [value, seconds] of running)
          value.textContent = formatDuration(seconds + passed);
      };
      show();
      if (running.length) parentElement.timer = setInterval(show, 1000);
      return () => clearInterval(parentElement.timer);
    }
    """,
    isolate_styles=False,
)


@dataclass(frozen=True)
class Card:
    """A label with a text or a time.

    If `is_running`, the browser keeps counting from `time`. `note` is a short line below the value,
    with more room if `is_wide`. `target` is the URL that the card links to; a card that
    `is_running` has none.
    """

    label: str
    text: str = ""
    time: timedelta | None = None
    is_running: bool = False
    note: str = ""
    is_wide: bool = False
    target: str | None = None


def cards(
    items: Iterable[Card], age: float | None, *, key: str = "job-cards", large: bool = False
) -> None:
    """Draw cards. Their times were measured `age` seconds ago.

    If `age` is None, the data is too old to keep counting.
    """
    _cards(key=key, data={"cards": [_data(card, age) for card in items], "large": large})


def _data(card: Card, age: float | None) -> dict[str, str | float | None]:
    is_time = not card.text and card.time is not None
    text = duration(card.time) if is_time else card.text or duration(None)
    running = None
    if is_time and card.time is not None and card.is_running and age is not None:
        running = round(card.time.total_seconds() + age, 1)
    return {
        "label": card.label,
        "text": text,
        "running": running,
        "note": card.note,
        "wide": card.is_wide,
        "target": card.target,
    }
