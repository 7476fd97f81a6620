"""A list of queued jobs or events, each line linking to its job."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from vpo_monitor.plain_text import LONGEST_NAME, plain_line
from vpo_monitor.views.frontend import component
from vpo_monitor.views.navigation import target

_LONGEST_TEXT = 500

# Not in a shadow tree, so that the page's style can fade old data.
_list = component("link_list", isolate_styles=False)


@dataclass(frozen=True)
class Line:
    """One entry. `title` and `text` may come from the server and are shown as plain text.

    `more` is a further line below the text.

    `ago` is in seconds, or None if there is no time; `at` is the full timestamp for the tooltip.
    `tone` is the icon's color: red, green, blue, or faint for a line that isn't an event.
    `waits` marks a queued job, which has been waiting for `ago` seconds.
    """

    id: str
    icon: str
    title: str
    text: str = ""
    more: str = ""
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
        "more": line.more,
        "target": None if line.job_id is None else target("job", {"id": line.job_id}),
        "ago": None if line.ago is None else round(max(0.0, line.ago), 1),
        "at": line.at,
        "tone": line.tone,
        "waits": line.waits,
    }
