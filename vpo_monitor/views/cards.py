"""Cards with a label and a value. The browser updates running times, so ticks send nothing."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from vpo_monitor.insight.formatting import duration
from vpo_monitor.views.frontend import component

# No shadow DOM, so that the page's style can fade stale data.
_cards = component("cards", isolate_styles=False)


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
