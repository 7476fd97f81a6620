import time
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from tests.vpo_server import FAILURES, media_file
from vpo_monitor.analysis.charts.failure_reasons import Reason, reasons
from vpo_monitor.history.records import NO_REASON, JobRecord

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
BROKEN = "/srv/media/movies/broken.mkv"
INTROSPECTION = "Unexpected MediaIntrospectionError: ffprobe failed for {}: Packet of size {} to 8"


def failure(
    error: str | None, path: str = BROKEN, *, hours_ago: float = 0, has_detail: bool = True
) -> JobRecord:
    return JobRecord(
        id=f"{error}{path}{hours_ago}",
        status="failed",
        file_path=path,
        error=error,
        completed_at=NOW - timedelta(hours=hours_ago),
        has_detail=has_detail,
    )


def of(*errors: str) -> list[Reason]:
    return reasons([failure(error) for error in errors])


def test_what_the_server_reports_of_many_files_is_one_reason_each() -> None:
    random = Random(1)
    paths = [media_file(random).path for _ in range(100)]
    found = reasons(
        failure(error.split("\n")[0].format(path=path), path)
        for path in paths
        for error in FAILURES
    )
    assert {reason.text: reason.count for reason in found} == {
        "ffmpeg exited with code 1": 100,
        (
            "Unexpected MediaIntrospectionError: ffprobe failed for …: Truncating packet of size "
            "13344 to 8"
        ): 100,
        "File not in database (run 'vpo scan' first)": 100,
        "[Errno 28] No space left on device: '…'": 100,
    }


@pytest.mark.parametrize(
    ("errors", "text"),
    [
        (
            ("Disk full: have 1.1 GB on /srv/media", "Disk full: have 900 MB on /mnt/b"),
            "Disk full: have … on …",
        ),
        (
            (
                INTROSPECTION.format("/a/b.mkv", 13344),
                INTROSPECTION.format("/x y/c (1999) [720p].mkv", 99),
            ),
            "Unexpected MediaIntrospectionError: ffprobe failed for …: Packet of size … to …",
        ),
        (("Policy 'a' not found", "Policy 'b c' not found"), "Policy … not found"),
        (('Unknown codec "x"', 'Unknown codec "y"'), "Unknown codec …"),
        (("[libx265 @ 0x55a5] Failed", "[libx265 @ 0x66b6] Failed"), "[libx265 @ …] Failed"),
        ((r"No access: C:\Films\a b.mkv", r"No access: D:\c.mkv"), "No access: …"),
        (("No access: smb://nas/a", "No access: smb://nas/b"), "No access: …"),
        (
            (
                "Job 01234567-0123-4567-89ab-0123456789ab is gone",
                "Job 11234567-0123-4567-89ab-0123456789ab is gone",
            ),
            "Job … is gone",
        ),
        (("Timed out after 3600 s", "Timed out after 7200 seconds"), "Timed out after …"),
        (("Broken a.mkv", "Broken b.mp4"), "Broken …"),
    ],
)
def test_errors_that_differ_in_file_number_or_name_are_one_reason(
    errors: tuple[str, str], text: str
) -> None:
    (reason,) = of(*errors)
    assert (reason.text, reason.count) == (text, 2)


@pytest.mark.parametrize(
    "errors",
    [
        ("ffmpeg exited with code 1", "ffmpeg exited with code 137"),
        ("[Errno 13] Failed", "[Errno 28] Failed"),
        ("libx264 is missing", "libx265 is missing"),
        ("No audio and/or video", "No audio and/or subtitles"),
    ],
)
def test_different_causes_stay_apart(errors: tuple[str, str]) -> None:
    assert {reason.text for reason in of(*errors)} == set(errors)


def test_a_reason_is_told_as_precisely_as_its_errors_agree() -> None:
    assert of("Policy 'a' needs 2 tracks")[0].text == "Policy 'a' needs 2 tracks"
    assert (
        of("Policy 'a' needs 2 tracks", "Policy 'a' needs 3 tracks")[0].text
        == "Policy 'a' needs … tracks"
    )


def test_the_job_s_own_path_goes_also_where_no_rule_would_find_its_end() -> None:
    found = reasons(
        failure(f"Cannot open {path} for writing", path) for path in ("/srv/a b c", "/srv/d; e")
    )
    assert [reason.text for reason in found] == ["Cannot open … for writing"]


def test_what_lies_in_a_job_s_own_folder_is_a_file_like_any_other() -> None:
    names = ("movies/Cosmos Laundromat (2015).mkv", "tv/Les Voisins/Les Voisins S02E11.mkv")
    found = reasons(
        failure(INTROSPECTION.format(f"/srv/media/{name}", size), "/srv/media")
        for size, name in enumerate(names)
    )
    assert [one.count for one in found] == [2]
    assert "ffprobe failed for …: Packet" in found[0].text


def test_the_most_frequent_comes_first_with_its_latest_job() -> None:
    found = reasons(
        [
            failure("Old and rare", hours_ago=50),
            failure("Frequent", "/a", hours_ago=5),
            failure("Frequent", "/b", hours_ago=3),
            failure("New and rare", hours_ago=1),
        ]
    )
    assert [reason.text for reason in found] == ["Frequent", "New and rare", "Old and rare"]
    assert found[0].example.file_path == "/b"
    assert found[0].last_seen == NOW - timedelta(hours=3)


def test_no_reason_is_a_reason_only_once_vpo_has_been_asked() -> None:
    assert reasons([failure(None, has_detail=False)]) == []
    assert [reason.text for reason in reasons([failure(None), failure("")])] == [NO_REASON]


def test_hostile_text_is_one_short_line_and_costs_little_time() -> None:
    begun = time.thread_time()
    for sign in ("/a ", "'a", "1.", "0x", "\x1b[31m", "a b.c/", "//a\u202e\n"):
        (reason,) = of(sign * 5000)
        assert len(reason.text) <= 400
        assert reason.text.isprintable()
    assert time.thread_time() - begun < 2
