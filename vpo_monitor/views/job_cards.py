"""A job's status and times as cards; the browser counts what runs, so that a tick sends nothing."""

from dataclasses import dataclass
from datetime import timedelta

import streamlit as st

from vpo_monitor.insight.wording import duration
from vpo_monitor.views.counted_time import DURATION_JS

# In the page itself, not in a shadow tree of its own, so that the page's style fades old data.
_cards = st.components.v2.component(
    "vpo_monitor_job_cards",
    html='<div class="vpo-cards"></div>',
    css="""
    .vpo-cards { display: flex; flex-wrap: wrap; gap: .75rem; }
    .vpo-card { box-sizing: border-box; flex: 1 1 130px; max-width: 200px; padding: .6rem .9rem;
      border: 1px solid var(--st-border-color); border-radius: var(--st-base-radius); }
    .vpo-card dt { font-size: .875rem; opacity: .8; }
    .vpo-card dd { margin: 0; font-variant-numeric: tabular-nums; }
    """,
    js=DURATION_JS
    + """
    export default function ({ data, parentElement }) {
      clearInterval(parentElement.timer);  // it may be called more than once
      const drawn = Date.now();
      const box = parentElement.querySelector(".vpo-cards");
      const running = [];
      box.replaceChildren(...data.cards.map((card) => {
        const list = document.createElement("dl"), name = document.createElement("dt");
        const value = document.createElement("dd");
        list.className = "vpo-card";
        list.style.margin = 0;
        name.textContent = card.label;
        value.textContent = card.text;
        if (card.running !== null) running.push([value, card.running]);
        list.append(name, value);
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
    """A name with a value, or with a time; one that `is_running` is counted on from `time`."""

    label: str
    text: str = ""
    time: timedelta | None = None
    is_running: bool = False


def job_cards(cards: tuple[Card, ...], age: float | None) -> None:
    """Draw the cards of data that is `age` seconds old; its times are those of its own moment.

    With None the data is too old for its times to be counted on.
    """
    _cards(
        key="job-cards",
        data={"cards": [_data(card, age) for card in cards]},
    )


def _data(card: Card, age: float | None) -> dict[str, str | float | None]:
    if card.text or card.time is None:
        return {"label": card.label, "text": card.text or duration(card.time), "running": None}
    is_counted = card.is_running and age is not None
    running = round(card.time.total_seconds() + (age or 0.0), 1) if is_counted else None
    return {"label": card.label, "text": duration(card.time), "running": running}
