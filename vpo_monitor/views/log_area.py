"""A read-only text area for logs, as a component.

Streamlit's own text area sends its whole text back on every run. This one receives its lines once,
then only new ones, and sends back only requests for other lines.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import streamlit as st

from vpo_monitor.analysis.logs.log_rows import Row
from vpo_monitor.polling.log_tail import MAX_CHARACTERS
from vpo_monitor.views.frontend import component
from vpo_monitor.views.log_state import LogState
from vpo_monitor.views.message import message
from vpo_monitor.views.unseen import unseen

_KEY = "job-log-area"


_log_area = component("log_area")


@dataclass(frozen=True)
class LogContent:
    """All rows to show, and how. The browser replaces its rows if `gen` has changed.

    `end` is the number of the newest known line, `total` the number of lines in the log. If
    `follows`, new lines are appended, up to `limit` rows and `characters` in total. `target` is a
    line to scroll to, once per `turn`.
    """

    gen: int
    job: str
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
    characters: int = MAX_CHARACTERS


@dataclass(frozen=True)
class LogNews:
    """The rows after those that the browser has of generation `gen`, from line number `first` on.

    A row that the browser already has is replaced. `total` is the number of lines in the log.
    """

    gen: int
    total: int
    first: int
    rows: tuple[Row, ...]


def log_area(
    content: LogContent,
    news: LogNews | None,
    state: LogState,
    on_request: Callable[[dict[str, Any]], None],
) -> None:
    """Draw the text area with its content and the rows since then, if any.

    `on_request` is called with each request of the viewer. Its `to` is `end` or `line` (with the
    number `line`) for another position, or `stop` to end the search.
    """

    def requested() -> None:
        if position := st.session_state[_KEY].get("go"):
            on_request(position)

    data: dict[str, Any] = dict(vars(content))
    data["newestFirst"] = data.pop("newest_first")
    with st.container(key="job-log"):
        # Streamlit doesn't send the same content again.
        _log_area(key=_KEY, data=data, on_go_change=requested, on_lost_change=lambda: None)
    with unseen("log-news"):
        message("log-state", asdict(state))
        if news is not None:
            message("log-news", vars(news))


def needs_resend() -> bool:
    """Whether the browser has missed an update and requests all rows again."""
    return st.session_state.get(_KEY, {}).get("lost") is not None
