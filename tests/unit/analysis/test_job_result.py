"""What jobs did, in words."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from vpo_monitor.analysis import job_result
from vpo_monitor.analysis.job_result import gist, jobs_of_runs, result_words
from vpo_monitor.api.models import FileRun, JobReport
from vpo_monitor.history.records import JobRecord, JobResult

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("result", "words"),
    [
        (JobResult(7_700_000, 4_500_000), "−42 % · 7.7 → 4.5 MB"),
        (JobResult(1_200_000_000, 900_000_000), "−25 % · 1.2 GB → 900.0 MB"),
        (JobResult(4_000_000, 4_100_000), "+2 % · 4.0 → 4.1 MB"),
        (JobResult(1_000_000, 996_000), "−0.4 % · 1.0 MB → 996.0 kB"),
        (JobResult(10**12, 10**12 - 1), "<0.1 % · 1.0 → 1.0 TB"),
        (JobResult(2_800_000, 2_800_000), "size unchanged · 2.8 MB"),
        (JobResult(0, 5_000), "0 B → 5.0 kB"),
        (JobResult(1, 2**62), "1 B → 4,611,686.0 TB"),
        (JobResult(5, 5, "Already compliant: codec is hevc"), "skipped: already hevc"),
        (JobResult(5, 5, "File is on hold"), "skipped: File is on hold"),
        (JobResult(5, 5, ""), "skipped"),
        (JobResult(None, None, "Already compliant: codec is av1"), "skipped: already av1"),
        (JobResult(100, 90, "Already compliant: codec is av1"), "−10 % · 100 → 90 B"),
        (JobResult(None, 5), ""),
        (JobResult(5, None), ""),
        (JobResult(5, 5, None, "No space"), "No space"),
        (JobResult(5, 5, None, ""), "VPO gave no reason"),
    ],
)
def test_the_gist_of_a_report(result: JobResult, words: str) -> None:
    assert gist(result) == words
    assert JobResult.from_json(result.to_json()) == result


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"status": "running"}, ""),
        ({"status": "cancelled", "has_detail": True}, ""),
        ({"status": "failed"}, "…"),
        ({"status": "failed", "has_detail": True, "error": "No space"}, "No space"),
        ({"status": "failed", "has_detail": True}, "VPO gave no reason"),
        ({"status": "completed"}, "…"),
        ({"status": "completed", "has_detail": True, "stats_id": "a"}, "…"),
        ({"status": "completed", "has_detail": True, "stats_id": "a", "result": ""}, ""),
        ({"status": "completed", "has_detail": True, "stats_id": ""}, ""),
        ({"status": "completed", "has_detail": True, "summary": "Scanned 5"}, "Scanned 5"),
        (
            {"status": "completed", "has_detail": True, "stats_id": "a", "result": "[100,50]"},
            "−50 % · 100 → 50 B",
        ),
    ],
)
def test_the_result_of_a_job(fields: dict[str, Any], words: str) -> None:
    assert result_words(JobRecord("job", **fields)) == words


def test_a_job_that_is_unknown_has_no_result() -> None:
    assert result_words(None) == ""


@pytest.mark.parametrize(
    "stored", ["{", "7", "[1,2,3,4,5,6,7]", '"x"', "[null]", '["a","b"]', "[1,2,3]"]
)
def test_a_stored_result_that_was_edited_is_no_result(stored: str) -> None:
    record = JobRecord("job", status="completed", has_detail=True, stats_id="a", result=stored)
    assert result_words(record) == ""


def test_the_parts_of_a_report() -> None:
    report = JobReport(
        video_source_codec="h264",
        video_target_codec="hevc",
        encoder_type="software",
        audio_tracks_removed=1,
        subtitle_tracks_removed=2,
        attachments_removed=1,
        phases_completed=1,
        phases_total=3,
    )
    assert job_result.codec_words(report) == "h264 → hevc"
    assert job_result.encoder_words(report) == "software encoder"
    assert job_result.removed_words(report) == "1 audio, 2 subtitles, 1 attachment"
    assert job_result.phases_words(report) == "1 of 3"
    assert job_result.saving_words(7_700_000, 4_500_000) == "−42 %, 3.2 MB saved"


def test_an_empty_report_claims_nothing() -> None:
    report = JobReport()
    assert job_result.codec_words(report) == "–"
    assert job_result.removed_words(report) == "none"
    assert job_result.phases_words(report) == "–"
    assert job_result.size_words(None, None) == "– → –"
    assert job_result.saving_words(None, 5) == ""


def test_the_job_of_a_run_is_known_by_its_report_or_else_by_its_end() -> None:
    def run(name: str, at: datetime | None) -> FileRun:
        return FileRun(name, at, None, None, None, True, None)

    jobs = [
        JobRecord("by report", completed_at=NOW, stats_id="a"),
        JobRecord("by end", completed_at=NOW - timedelta(hours=1)),
        JobRecord("unfinished"),
    ]
    runs = [
        run("a", None),
        run("b", NOW - timedelta(hours=1, seconds=1)),
        run("c", NOW - timedelta(hours=2)),
        run("d", NOW),
    ]
    assert jobs_of_runs(runs, jobs) == {"a": "by report", "b": "by end"}
