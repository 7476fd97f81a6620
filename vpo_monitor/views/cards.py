"""Figures and times as cards; the browser counts what runs, so that a tick sends nothing."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

import streamlit as st

from vpo_monitor.insight.wording import duration
from vpo_monitor.views.counted_time import DURATION_JS

# In the page itself, not in a shadow tree of its own, so that the page's style fades old data.
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
    + """
    export default function ({ data, parentElement }) {
      clearInterval(parentElement.timer);  // it may be called more than once
      const drawn = Date.now();
      const box = parentElement.querySelector(".vpo-cards");
      const running = [];
      box.classList.toggle("large", data.large);
      box.replaceChildren(...data.cards.map((card) => {
        const list = document.createElement("dl"), name = document.createElement("dt");
        const value = document.createElement("dd");
        list.className = card.wide ? "vpo-card wide" : "vpo-card";
        list.style.margin = 0;
        name.textContent = card.label;
        value.textContent = card.text;
        if (card.running !== null) running.push([value, card.running]);
        list.append(name, value);
        if (card.note || data.large) {
          const note = document.createElement("dd");
          note.className = "note";
          note.textContent = card.note;
          list.append(note);
        }
        return list;
      }));
      const isOld = () => document.querySelector(".stMain")?.hasAttribute("data-old");
      const show = () => {
        if (isOld()) return;  // nobody knows whether it still runs
        const passed = (Date.now() - drawn) / 1000;
        for (const [value, seconds] of running) value.textContent = words(seconds + passed);
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
    """A name with a value, or with a time; one that `is_running` is counted on from `time`.

    `note` is a few words below; a card that `is_wide` has room for more of them.
    """

    label: str
    text: str = ""
    time: timedelta | None = None
    is_running: bool = False
    note: str = ""
    is_wide: bool = False


def cards(
    shown: Iterable[Card], age: float | None, *, key: str = "job-cards", large: bool = False
) -> None:
    """Draw the cards of data that is `age` seconds old; its times are those of its own moment.

    With None the data is too old for its times to be counted on.
    """
    _cards(key=key, data={"cards": [_data(card, age) for card in shown], "large": large})


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
    }
