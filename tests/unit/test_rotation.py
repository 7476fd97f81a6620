"""What the parameters of a rotation mean, also if they make no sense."""

import pytest

from vpo_monitor.views.rotation import Rotation, parse_rotation

KNOWN = ("overview", "jobs", "timeline", "server")


@pytest.mark.parametrize(
    ("rotate", "pages"),
    [
        ("overview,timeline", ["overview", "timeline"]),
        (" overview , timeline ,", ["overview", "timeline"]),
        ("timeline,overview,timeline", ["timeline", "overview"]),
        ("overview,job,timeline", ["overview", "timeline"]),
        ("", []),
        (",,,", []),
        ("x" * 100_000, []),
    ],
)
def test_each_known_page_has_one_turn(rotate: str, pages: list[str]) -> None:
    assert list(parse_rotation(rotate, "30", KNOWN).pages) == pages


@pytest.mark.parametrize(
    ("every", "seconds"),
    [
        *(("10", 10), ("3600", 3600), ("12.5", 12.5)),
        *(("9", 10), ("0", 10), ("-1", 10), ("-inf", 10)),
        *(("3601", 3600), ("1e99", 3600), ("inf", 3600), ("9" * 5000, 3600)),
        *(("", 30), ("soon", 30), ("nan", 30), ("10s", 30)),
    ],
)
def test_the_seconds_are_moved_into_their_range(every: str, seconds: float) -> None:
    assert parse_rotation("overview,jobs", every, KNOWN).seconds == seconds


def test_pages_follow_each_other_and_the_first_follows_the_last() -> None:
    rotation = Rotation(("overview", "timeline", "server"))
    assert rotation.after("overview") == "timeline"
    assert rotation.after("server") == "overview"
    assert rotation.after("job") == "overview"


@pytest.mark.parametrize("rotate", ["", "overview", "overview,overview", "overview,none", "a,b"])
def test_fewer_than_two_pages_do_not_rotate(rotate: str) -> None:
    rotation = parse_rotation(rotate, "30", KNOWN)
    assert rotation.after("overview") is None
    assert rotation.problem is not None
    assert "at least two pages" in rotation.problem


def test_unknown_pages_are_named_briefly_as_plain_text() -> None:
    assert parse_rotation("overview,jobs", "", KNOWN).problem is None
    named = "overview,jobs," + ",".join(f"{'y' * 500}{number}" for number in range(1000))
    problem = parse_rotation(f"\x1b[31mx\u202e\ny,{named}", "", KNOWN).problem
    assert problem is not None
    assert problem.startswith("No such pages to rotate: x y, ")
    assert len(problem) < 250
