"""Labels with values, as cards or as a list of facts.

The browser updates running times, so ticks send nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType

from vpo_monitor.analysis.formatting import duration
from vpo_monitor.plain_text import plain
from vpo_monitor.views.frontend import component

# No shadow DOM, so that the page's style can fade stale data.
cards_component = component("cards", isolate_styles=False)
_NO_AGES: Mapping[str, float | None] = MappingProxyType({})


@dataclass(frozen=True)
class Card:
    """A label with a text or a time.

    If `is_running`, the browser keeps counting from `time`. `note` is a short line below the value,
    with more room if `is_wide`. `target` is the URL that the card links to, with `hint` as its
    tooltip; a card that `is_running` has neither. An `is_alarm` is red.
    """

    label: str
    text: str = ""
    time: timedelta | None = None
    is_running: bool = False
    note: str = ""
    is_wide: bool = False
    target: str | None = None
    hint: str = ""
    is_alarm: bool = False


def cards(
    items: Iterable[Card], age: float | None, *, key: str = "job-cards", large: bool = False
) -> None:
    """Draw cards. Their times were measured `age` seconds ago.

    If `age` is None, the data is too old to keep counting.
    """
    layout = "large" if large else "small"
    cards_component(key=key, data={"layout": layout, "cards": [_data(card, age) for card in items]})


def facts(
    values: Mapping[str, str | None],
    *,
    key: str,
    copyable: str = "",
    ages: Mapping[str, float | None] = _NO_AGES,
) -> None:
    """Draw a list in one or two columns: the values that aren't empty, as plain text.

    The value called `copyable` has a button that copies it. Values with `ages`, in seconds, say how
    long ago they were; the browser keeps counting.
    """
    shown = [
        {
            "label": name,
            "text": plain(value),
            "copyable": name == copyable,
            "ago": ages.get(name),
        }
        for name, value in values.items()
        if value
    ]
    cards_component(key=key, data={"layout": "facts", "cards": shown})


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
        "hint": card.hint,
        "alarm": card.is_alarm,
    }
