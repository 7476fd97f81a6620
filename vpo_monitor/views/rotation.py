"""Rotation of wall screens: `?kiosk=1&rotate=overview,timeline&every=30` shows page after page."""

import math
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import streamlit as st

from vpo_monitor.plain_text import plain_line
from vpo_monitor.views.kiosk import EVERY, ROTATE, is_kiosk
from vpo_monitor.views.navigation import target

_DEFAULT_SECONDS, _LEAST_SECONDS, _MOST_SECONDS = 30.0, 10.0, 3600.0
_MOST_UNKNOWN = 5
_LONGEST_NAME = 30


@dataclass(frozen=True)
class Rotation:
    """The pages to show in turn, by name, and for how many seconds each; `unknown` are no pages."""

    pages: tuple[str, ...]
    seconds: float = _DEFAULT_SECONDS
    unknown: tuple[str, ...] = ()

    def after(self, page: str) -> str | None:
        """Return the page that follows this one; None if there are no two pages to rotate."""
        if len(self.pages) <= 1:
            return None
        if page not in self.pages:
            return self.pages[0]
        return self.pages[(self.pages.index(page) + 1) % len(self.pages)]

    @property
    def problem(self) -> str | None:
        """What is wrong with the pages, as plain text."""
        if not self.unknown:
            return None if len(self.pages) > 1 else "Rotation needs at least two pages."
        names = ", ".join(plain_line(name, _LONGEST_NAME) for name in self.unknown[:_MOST_UNKNOWN])
        more = ", …" if len(self.unknown) > _MOST_UNKNOWN else ""
        said = f"No such pages to rotate: {names}{more}"
        return said if len(self.pages) > 1 else f"{said}. Rotation needs at least two pages."


def parse_rotation(rotate: str, every: str, known: Collection[str]) -> Rotation:
    """Parse the parameters of the URL; `known` are the names of pages.

    Each page has one turn. `every` is moved into its range, or replaced if it is no number.
    """
    named = [name for name in (part.strip() for part in rotate.split(",")) if name]
    pages = dict.fromkeys(name for name in named if name in known)
    unknown = dict.fromkeys(name for name in named if name not in known)
    return Rotation(tuple(pages), _seconds(every), tuple(unknown))


def current_rotation(known: Collection[str]) -> Rotation | None:
    """Return the rotation in the URL, if it is a wall screen's."""
    rotate = st.query_params.get(ROTATE)
    if rotate is None or not is_kiosk():
        return None
    return parse_rotation(rotate, st.query_params.get(EVERY, ""), known)


def rotation_data(rotation: Rotation | None, page: str) -> dict[str, Any] | None:
    """Return what the browser needs to go from `page` to the next one, if there is one."""
    following = None if rotation is None else rotation.after(page)
    if rotation is None or following is None:
        return None
    path = "" if following == "overview" else following
    return {"target": target(path, {}), "seconds": rotation.seconds}


def _seconds(every: str) -> float:
    try:
        seconds = float(every)
    except ValueError:
        return _DEFAULT_SECONDS
    if math.isnan(seconds):
        return _DEFAULT_SECONDS
    return min(max(seconds, _LEAST_SECONDS), _MOST_SECONDS)
