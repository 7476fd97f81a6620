"""The sections of a log, as VPO writes them.

VPO starts each of its own lines with the time; what a program printed is indented, or has no time.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

MAX_SECTIONS = 200
"""Sections kept, the newest."""
MAX_TITLE = 80
_READ = 400
"""Characters read of a line; VPO's own lines are shorter."""
_NEAR = 3
"""Lines from a command's title to its exit code."""

_LINE = re.compile(r"\[(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?)Z\] (?=\S)(.+)", re.DOTALL)
_PHASE = re.compile(r"Phase (\S.*): ([A-Z]+) \(\d+ changes?, (\d{1,9}(?:\.\d{1,6})?)s\)\s*")
_END = re.compile(r"JOB END: ([A-Z]+)\s*")
_DURATION = re.compile(r"Duration: (\d{1,9}(?:\.\d{1,6})?)s\s*")
_EXIT_CODE = re.compile(r"Exit code: (-?\d{1,9})\s*")
_RULE = re.compile(r"-{20,100}\s*")


class Outcome(StrEnum):
    """How a section ended; unknown for one that only marks a place."""

    OK = "ok"
    FAILED = "failed"
    UNKNOWN = ""


@dataclass(frozen=True)
class Section:
    """A section that starts at a line, counted from 1.

    `seconds` is None if the log doesn't say how long it took. `errors` is the number of lines in
    this section if they are errors that follow each other.
    """

    line: int
    title: str
    outcome: Outcome = Outcome.UNKNOWN
    seconds: float | None = None
    errors: int = 0


@dataclass(frozen=True)
class Outline:
    """The newest sections of some lines, in order, after `omitted` earlier ones."""

    sections: tuple[Section, ...] = ()
    omitted: int = 0


def outline(lines: Sequence[str], first: int = 1) -> Outline:
    """Return the sections of consecutive lines, starting at line number `first`."""
    reading = _Reading()
    written = [_LINE.fullmatch(line[:_READ]) for line in lines]
    texts = [match[2] if match else "" for match in written]
    index = 0
    while index < len(lines):
        match = written[index]
        if match is not None:
            title = _title_between_rules(texts, index)
            if title:
                index += 1
                reading.add(first + index, title, match[1], takes_time=True)
                index += 1  # the rule below the title is not one above the next
            else:
                reading.read(first + index, match[2], match[1])
        index += 1
    sections = reading.sections
    return Outline(tuple(sections[-MAX_SECTIONS:]), max(0, len(sections) - MAX_SECTIONS))


def _title_between_rules(texts: Sequence[str], index: int) -> str:
    """Return the title if these lines are a rule, a title and a rule; otherwise an empty text."""
    around = texts[index : index + 3]
    is_title = len(around) == 3 and _RULE.fullmatch(around[0]) and _RULE.fullmatch(around[2])  # noqa: PLR2004
    return around[1] if is_title and not _RULE.fullmatch(around[1]) else ""


class _Reading:
    """The sections found so far. The last one is open: later lines tell how it went."""

    def __init__(self) -> None:
        self.sections: list[Section] = []
        self._written = ""
        """The time of the last section, if it lasts until the next one."""

    def add(
        self,
        line: int,
        title: str,
        written: str,
        outcome: Outcome = Outcome.UNKNOWN,
        seconds: float | None = None,
        *,
        takes_time: bool = False,
    ) -> None:
        if self._written and self.sections[-1].seconds is None:
            self.sections[-1] = replace(
                self.sections[-1], seconds=_seconds_between(self._written, written)
            )
        # VPO writes all about a command once it has ended.
        is_command = title.startswith("Command: ")
        self._written = written if takes_time and not is_command else ""
        self.sections.append(Section(line, _short(title), outcome, seconds))

    def read(self, line: int, text: str, written: str) -> None:
        """Add the section that this line begins, or what it says about the last one."""
        if text.startswith("ERROR: "):
            self._add_error(line, text, written)
        elif text.startswith("Phase "):
            if phase := _PHASE.fullmatch(text):
                self.add(line, phase[1], written, _outcome(phase[2]), float(phase[3]))
        elif text.startswith(("Workflow phases: ", "Command: ")):
            self.add(line, text, written)
        elif text.startswith("JOB START: "):
            self.add(line, "Job start", written)
        elif text.startswith("JOB END: "):
            if end := _END.fullmatch(text):
                self.add(line, "Job end", written, _outcome(end[1]))
        elif self.sections:
            self._complete(line, text)

    def _add_error(self, line: int, text: str, written: str) -> None:
        last = self.sections[-1] if self.sections else None
        if last is not None and last.errors:
            self.sections[-1] = replace(last, errors=last.errors + 1)
            return
        self.add(line, text.removeprefix("ERROR: "), written, Outcome.FAILED)
        self.sections[-1] = replace(self.sections[-1], errors=1)

    def _complete(self, line: int, text: str) -> None:
        last = self.sections[-1]
        if last.title == "Job end" and line == last.line + 1:
            if duration := _DURATION.fullmatch(text):
                self.sections[-1] = replace(last, seconds=float(duration[1]))
        elif (
            last.title.startswith("Command: ")
            and line - last.line < _NEAR
            and (code := _EXIT_CODE.fullmatch(text))
        ):
            outcome = Outcome.OK if int(code[1]) == 0 else Outcome.FAILED
            self.sections[-1] = replace(last, outcome=outcome)


def _outcome(word: str) -> Outcome:
    if word in ("OK", "SUCCESS"):
        return Outcome.OK
    return Outcome.FAILED if word in ("FAILED", "ERROR") else Outcome.UNKNOWN


def _short(title: str) -> str:
    return title if len(title) <= MAX_TITLE else f"{title[: MAX_TITLE - 1]}…"


def _seconds_between(start: str, end: str) -> float | None:
    """Seconds between two times as VPO writes them; None if they are none or go back."""
    try:
        passed = datetime.fromisoformat(end) - datetime.fromisoformat(start)
    except ValueError:
        return None
    seconds = passed.total_seconds()
    return seconds if seconds >= 0 else None
