"""The colours of the theme can be told from what they stand on, light and dark.

Contrast is that of WCAG 2.1: 4.5 for text (1.4.3), 3 for what is no text (1.4.11).
"""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from vpo_monitor.views.charts import AXIS_COLORS
from vpo_monitor.views.frontend import stylesheet

CONFIG = Path(__file__).parents[2] / ".streamlit" / "config.toml"
THEMES = tomllib.loads(CONFIG.read_text("utf-8"))["theme"]
TEXT, NO_TEXT = 4.5, 3.0
COLOURS = ("red", "orange", "blue", "green", "gray")
GROUNDS = ("backgroundColor", "secondaryBackgroundColor")


def luminance(colour: str) -> float:
    """Relative luminance of `#rrggbb`, as WCAG defines it."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def pairs() -> Iterator[tuple[str, str, str, float]]:
    for name in ("light", "dark"):
        for ground in GROUNDS:
            yield from ((name, text, ground, TEXT) for text in ("textColor", "linkColor"))
            yield name, "primaryColor", ground, TEXT
            for colour in COLOURS:
                yield name, f"{colour}TextColor", ground, TEXT
                yield name, f"{colour}Color", ground, NO_TEXT
        for colour in COLOURS:
            yield name, f"{colour}TextColor", f"{colour}BackgroundColor", TEXT
        for text, ground in (
            ("codeTextColor", "codeBackgroundColor"),
            ("dataframeHeaderTextColor", "dataframeHeaderBackgroundColor"),
            ("textColor", "dataframeHeaderBackgroundColor"),
        ):
            yield name, text, ground, TEXT


def test_what_is_written_can_be_read() -> None:
    assert [
        (theme, colour, ground)
        for theme, colour, ground, least in pairs()
        if contrast(THEMES[theme][colour], THEMES[theme][ground]) < least
    ] == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_faded_old_data_can_still_be_read(theme: str) -> None:
    faded = re.search(r"\[data-old[^{]*{ opacity: (\.\d+); }", stylesheet("page"))
    assert faded
    strength, colours = float(faded[1]), THEMES[theme]
    text, ground = colours["textColor"], colours["backgroundColor"]
    mixed = "#"
    for p in (1, 3, 5):
        above, below = (int(colour[p : p + 2], 16) for colour in (text, ground))
        mixed += f"{round(strength * above + (1 - strength) * below):02x}"
    assert contrast(mixed, ground) >= TEXT


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_axes_of_charts_can_be_read(theme: str) -> None:
    assert contrast(AXIS_COLORS[theme], THEMES[theme]["backgroundColor"]) >= TEXT


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
