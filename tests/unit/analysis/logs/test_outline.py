"""The sections of a log: of recorded ones, and of lines that only look like sections."""

import json
import time
from pathlib import Path

import pytest

from vpo_monitor.analysis.logs.outline import MAX_SECTIONS, MAX_TITLE, Outline, outline
from vpo_monitor.plain_text import plain_line

RECORDINGS = Path(__file__).parents[3] / "data" / "recordings"
RULE = "-" * 40


def recorded(name: str) -> list[str]:
    answer = json.loads((RECORDINGS / f"logs_{name}.json").read_text("utf-8"))
    return [plain_line(line) for line in answer["body"]["lines"]]


def stamped(*texts: str, second: int = 0) -> list[str]:
    """Lines as VPO writes them, each a second after the one before."""
    return [
        f"[2026-11-23T21:52:{second + index:02}.500000Z] {text}" for index, text in enumerate(texts)
    ]


def told(found: Outline) -> list[tuple[int, str, str, float | None]]:
    return [(one.line, one.title, one.outcome.value, one.seconds) for one in found.sections]


def test_the_phases_of_a_process_job() -> None:
    assert told(outline(recorded("process_phases"))) == [
        (1, "Workflow phases: tracks, compress", "", None),
        (2, "tracks", "ok", 0.1),
        (9, "compress", "ok", 4.8),
    ]


def test_the_sections_of_a_transcode() -> None:
    assert told(outline(recorded("real_transcode"))) == [
        (2, "Job start", "", None),
        (9, "Introspecting file", "", pytest.approx(0.206, abs=0.001)),
        (17, "Executing transcode", "", pytest.approx(71.247, abs=0.001)),
        (23, "Job end", "ok", 71.45),
    ]


def test_the_sections_of_a_failed_transcode() -> None:
    assert told(outline(recorded("real_failed_transcode"))) == [
        (2, "Job start", "", None),
        (9, "Introspecting file", "", pytest.approx(0.109, abs=0.001)),
        (11, "Unexpected exception", "failed", None),
        (17, "Job end", "failed", 0.11),
    ]


@pytest.mark.parametrize("name", ["none", "process_skipped", "unknown_job", "long_tail"])
def test_every_recorded_log_has_an_outline(name: str) -> None:
    lines = recorded(name)
    numbers = [one.line for one in outline(lines, 11_900).sections]
    assert numbers == sorted(set(numbers))
    assert bool(numbers) == bool(lines)


def test_a_failed_phase_is_marked() -> None:
    ((_, *phase),) = told(outline(stamped("Phase a: b: FAILED (1 change, 12s)")))
    assert phase == ["a: b", "failed", 12.0]


@pytest.mark.parametrize(("code", "outcome"), [("0", "ok"), ("1", "failed"), ("-9", "failed")])
def test_a_command_went_as_its_exit_code_says(code: str, outcome: str) -> None:
    lines = stamped(RULE, "Command: mkvmerge", RULE, f"Exit code: {code}", "STDERR:", "  ERROR: x")
    assert told(outline(lines)) == [(2, "Command: mkvmerge", outcome, None)]


def test_errors_that_follow_each_other_are_one_section() -> None:
    found = outline(
        stamped("ERROR: one", "frame=1", "ERROR: two", "Workflow phases: a", "ERROR: 3")
    )
    assert [(one.line, one.title, one.errors) for one in found.sections] == [
        (1, "one", 2),
        (4, "Workflow phases: a", 0),
        (5, "3", 1),
    ]


def test_lines_are_counted_from_the_first_loaded_one() -> None:
    assert [one.line for one in outline(stamped("x", "Command: y"), 501).sections] == [502]


@pytest.mark.parametrize(
    "lines",
    [
        ["Phase compress: OK (1 changes, 25.3s)"],  # a program's line, without VPO's time
        stamped("  ERROR: what a program printed is indented"),
        stamped("Phase compress: OK"),
        stamped("Phase compress: OK (1 changes, -3s)"),
        stamped("Phase compress: OK (1 changes, 1e99s)"),
        stamped("Phase compress: OK (1 changes, 9999999999s)"),
        stamped("Phase compress: ok (1 changes, 1.0s)"),
        stamped("Phase 2 of 3 begins"),
        stamped("Phase : OK (1 changes, 1.0s)"),
        stamped("JOB END: maybe"),
        stamped("Exit code: 1"),
        stamped("ERRORS: none"),
        stamped(RULE, RULE, RULE),
        stamped(RULE, "a title without a rule below it"),
        stamped("a title", RULE),
        ["[yesterday] Command: x", "[2026-11-23T21:52:29] Command: x", "[]", "", " "],
    ],
)
def test_what_only_looks_like_a_section_is_none(lines: list[str]) -> None:
    assert outline(lines) == Outline()


def test_times_that_are_none_or_go_back_are_no_duration() -> None:
    title = stamped(RULE, "one", RULE, second=30)
    assert outline([*title, *stamped("Command: x")]).sections[0].seconds is None
    no_time = "[2026-13-99T99:99:99.000000Z] Command: x"
    assert outline([*title, no_time]).sections[0].seconds is None


def test_a_title_is_plain_text_of_bounded_length() -> None:
    (section,) = outline(stamped("Command: <b>" + "x" * 1000)).sections
    assert section.title.startswith("Command: <b>xxx")
    assert len(section.title) == MAX_TITLE


def test_thousands_of_sections_are_bounded_to_the_newest() -> None:
    found = outline([stamped(f"Command: {n}")[0] for n in range(5000)])
    assert (len(found.sections), found.omitted) == (MAX_SECTIONS, 5000 - MAX_SECTIONS)
    assert found.sections[-1].title == "Command: 4999"


@pytest.mark.parametrize(
    "line",
    [
        "[2026-11-23T21:52:29.609764Z] Phase " + "a: OK (1 changes, " * 600_000,
        "[2026-11-23T21:52:29.609764Z] " + "-" * 10_000_000,
        "[2026-11-23T21:52:29.609764Z] ERROR: " + "x" * 10_000_000,
        " " * 10_000_000,
    ],
)
def test_a_line_of_ten_megabytes_costs_no_more_than_a_short_one(line: str) -> None:
    started = time.thread_time()
    found = outline([line, RULE, line])
    assert time.thread_time() - started < 0.1
    assert all(len(one.title) <= MAX_TITLE for one in found.sections)
