"""The library's codecs, growth and problems, from whatever VPO sends."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from vpo_monitor.analysis.charts.library import (
    Share,
    growth,
    growth_table,
    largest_shares,
    problems_table,
    shares,
    thinned,
)
from vpo_monitor.api.model_base import WrongShape
from vpo_monitor.api.models import (
    LibraryDistribution,
    LibraryFile,
    LibraryShare,
    LibrarySnapshot,
    LibraryTrends,
)

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def share(label: Any, count: Any) -> LibraryShare:
    return LibraryShare.read({"label": label, "count": count})


def snapshot(hours: int, files: Any = 1, size: Any = 1) -> LibrarySnapshot:
    at = (NOON + timedelta(hours=hours)).isoformat()
    return LibrarySnapshot.read({"snapshot_at": at, "total_files": files, "total_size_bytes": size})


def test_the_largest_share_comes_first_and_equal_names_are_one() -> None:
    rows = [share("h264", 2), share("hevc", 5), share("h264", 4), share("av1", 0)]
    assert shares("Video", rows) == [
        Share("Video", "h264", 6),
        Share("Video", "hevc", 5),
        Share("Video", "av1", 0),
    ]


@pytest.mark.parametrize("label", [None, "", "  ", "\u200b", []])
def test_a_share_without_a_name_is_unknown(label: Any) -> None:
    assert shares("Video", [share(label, 3)]) == [Share("Video", "Unknown", 3)]


@pytest.mark.parametrize("count", [None, -1, "many", 10**30])
def test_a_share_without_a_sensible_count_is_left_out(count: Any) -> None:
    assert shares("Video", [share("h264", count), share("hevc", 1)]) == [Share("Video", "hevc", 1)]


def test_beyond_ten_shares_the_rest_is_one() -> None:
    found = shares("Audio", [share(f"codec {n}", 100 - n) for n in range(13)])
    drawn = largest_shares(found)
    assert len(drawn) == 10
    assert drawn[-1] == Share("Audio", "4 others", sum(100 - n for n in range(9, 13)))
    assert largest_shares(found[:10]) == found[:10]


def test_scans_are_in_the_order_of_their_times_and_need_one() -> None:
    rows = [snapshot(2, 20), snapshot(1, 10), LibrarySnapshot.read({"total_files": 5})]
    assert [point.total_files for point in growth(rows)] == [10, 20]


def test_unknown_numbers_of_a_scan_are_not_zero() -> None:
    (point,) = growth([snapshot(1, None, -5)])
    assert (point.total_files, point.total_size_bytes, point.error_files) == (None, None, None)
    assert growth_table([point])["Files"].isna().tolist() == [True]


def test_very_many_scans_are_thinned_to_500_with_the_first_and_the_last() -> None:
    points = growth([snapshot(hour, hour) for hour in range(4321)])
    drawn = thinned(points)
    assert (len(drawn), drawn[0].total_files, drawn[-1].total_files) == (500, 0, 4320)
    assert thinned(points[:500]) == points[:500]


def test_of_too_many_scans_the_last_are_read() -> None:
    body = [{"total_files": number} for number in range(LibraryTrends.most + 5)]
    assert LibraryTrends.read(body).rows[-1].total_files == LibraryTrends.most + 4


@pytest.mark.parametrize("body", [None, [], "x", {}, {"containers": None, "video_codecs": 1}])
def test_a_distribution_without_any_list_is_none(body: Any) -> None:
    with pytest.raises(WrongShape):
        LibraryDistribution.read(body)


def test_a_distribution_may_lack_lists_and_hold_invalid_rows() -> None:
    found = LibraryDistribution.read(
        {"containers": [{"label": "mkv", "count": 1}, None, 7], "audio_codecs": None}
    )
    assert [row.label for row in found.containers.rows] == ["mkv"]
    assert found.containers.skipped == 2
    assert found.audio_codecs.rows == ()


def test_a_file_with_a_problem_is_a_plain_row() -> None:
    bad = LibraryFile(
        id=1,
        path="/srv/\u202ea.mkv",
        scan_status="error",
        scan_error="first\nsecond",
        scanned_at=NOON,
    )
    lost, odd = LibraryFile(id=2, path="/srv/b.mkv", scan_status="missing"), LibraryFile(id=3)
    table = problems_table([bad, lost, odd])
    assert table["Problem"].tolist() == ["Error", "Missing", "Unknown"]
    assert table["Error"].tolist() == ["first second", "", ""]
    assert "\u202e" not in "".join(table["Path"])
    assert table["Scanned"].isna().tolist() == [False, True, True]
