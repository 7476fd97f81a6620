"""Display settings for logs, kept for the browser session."""

from dataclasses import dataclass, replace

import streamlit as st

from vpo_monitor.analysis.logs.log_rows import Timestamps
from vpo_monitor.analysis.number_format import count, decimal
from vpo_monitor.polling.line_pattern import InvalidPattern, LinePattern
from vpo_monitor.polling.log_search import MAX_CONTEXT

SIZES = (500, 1000, 2000, 5000)
_SAVED = "log-settings"
_FASTER = (2.0, 5.0)
FOLLOW_OFF = "off"


@dataclass(frozen=True)
class LogSettings:
    """`follow` is empty for the configured interval, seconds as text, or `off`."""

    find: str = ""
    is_regex: bool = False
    only_matching: bool = False
    context: int = 0
    follow: str = ""
    timestamps: Timestamps = Timestamps.WRITTEN
    wrap: bool = False
    numbers: bool = True
    newest_first: bool = False
    size: int = SIZES[0]

    @property
    def pattern(self) -> LinePattern | None:
        """The search pattern; None if empty. Raises InvalidPattern if it isn't usable."""
        if not self.find:
            return None
        pattern = LinePattern(self.find, self.is_regex)
        pattern.check()
        return pattern

    def log_interval(self, usual: float) -> float:
        """Seconds between two polls of the log; infinite if it isn't followed."""
        if self.follow == FOLLOW_OFF:
            return float("inf")
        return float(self.follow) if self.follow else usual


class LogControls:
    """The controls of one log, from the moment its page is opened."""

    def __init__(self) -> None:
        # A widget's default must not change while it is on screen.
        self._opened_with = saved_settings()

    def draw(self, log_interval: float, *, is_live: bool) -> LogSettings:
        """Draw the controls and return their settings; `log_interval` is in seconds."""
        first = self._opened_with
        with st.container(key="log-controls", horizontal=True, vertical_alignment="bottom"):
            find = st.text_input("Find in log", first.find, key="log-find", width=220)
            is_regex = st.checkbox(
                "Regular expression", first.is_regex, key="log-regex", width="content"
            )
            only_matching = st.checkbox(
                "Only matching lines", first.only_matching, key="log-only", width="content"
            )
            follow = _follow(first.follow, log_interval, is_live=is_live)
            with st.popover("Display", icon=":material/tune:", key="log-display"):
                size = st.selectbox(
                    "Lines shown",
                    SIZES,
                    SIZES.index(first.size),
                    key="log-size",
                    format_func={size: count(size) for size in SIZES}.__getitem__,
                )
                timestamps = st.radio(
                    "Timestamps",
                    list(Timestamps),
                    list(Timestamps).index(first.timestamps),
                    key="log-time",
                )
                wrap = st.checkbox("Wrap long lines", first.wrap, key="log-wrap")
                numbers = st.checkbox("Line numbers", first.numbers, key="log-numbers")
                newest_first = st.checkbox(
                    "Newest first", first.newest_first, key="log-newest-first"
                )
                context = st.slider(
                    "Context lines", 0, MAX_CONTEXT, first.context, key="log-context"
                )
        chosen = LogSettings(
            find=find.strip(),
            is_regex=is_regex,
            only_matching=only_matching,
            context=context,
            follow=follow,
            timestamps=timestamps or Timestamps.WRITTEN,
            wrap=wrap,
            numbers=numbers,
            newest_first=newest_first,
            size=size,
        )
        st.session_state[_SAVED] = replace(chosen, find="")
        return chosen


def saved_settings() -> LogSettings:
    """Return the settings saved in this session."""
    settings: LogSettings = st.session_state.get(_SAVED, LogSettings())
    return settings


def _follow(first: str, log_interval: float, *, is_live: bool) -> str:
    choices = ["", *(f"{seconds:g}" for seconds in _FASTER if seconds < log_interval), FOLLOW_OFF]
    labels = {choice: _follow_words(choice, log_interval) for choice in choices}
    return st.selectbox(
        "Follow",
        choices,
        choices.index(first) if first in choices else 0,
        key="log-follow",
        format_func=labels.__getitem__,
        width=130,
        disabled=not is_live,  # not hidden: nothing moves when the job finishes
    )


def valid_pattern(settings: LogSettings) -> tuple[LinePattern | None, str | None]:
    """Return the search pattern, or a message saying why it isn't valid."""
    try:
        return settings.pattern, None
    except InvalidPattern as error:
        return None, str(error)


def _follow_words(choice: str, log_interval: float) -> str:
    if choice == FOLLOW_OFF:
        return "Off"
    return f"Every {decimal(float(choice or log_interval))} s"
