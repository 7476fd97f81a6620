import sqlite3
import uuid
from datetime import datetime
from typing import Any, TypedDict, Unpack

from .clock import iso, utc_now
from .database import Database

_PERIODS = {"day": "%Y-%m-%d", "week": "%Y-W%W", "month": "%Y-%m"}

_TOTALS = """
    COUNT(*) AS files, COALESCE(SUM(success), 0) AS successes,
    COALESCE(SUM(size_before), 0) AS size_before, COALESCE(SUM(size_after), 0) AS size_after,
    COALESCE(SUM(audio_removed), 0) AS audio_removed,
    COALESCE(SUM(subtitle_removed), 0) AS subtitle_removed,
    COALESCE(SUM(attachments_removed), 0) AS attachments_removed,
    COALESCE(SUM(video_transcoded), 0) AS videos_transcoded,
    COALESCE(SUM(video_skipped), 0) AS videos_skipped,
    AVG(duration_seconds) AS average_seconds,
    MIN(processed_at) AS earliest, MAX(processed_at) AS latest,
    COALESCE(SUM(encoder_type = 'hardware'), 0) AS hardware,
    COALESCE(SUM(encoder_type = 'software'), 0) AS software
FROM stats
WHERE (:since IS NULL OR processed_at >= :since) AND (:policy IS NULL OR policy_name = :policy)
"""
_SUMMARY = "SELECT " + _TOTALS
_POLICIES = "SELECT policy_name, " + _TOTALS + " GROUP BY policy_name ORDER BY latest DESC"


class StatsFields(TypedDict, total=False):
    """What one processed file may be given; sizes in bytes, the duration in seconds."""

    stats_id: str
    processed_at: datetime | str
    policy_name: str
    size_before: int
    size_after: int
    audio_removed: int
    subtitle_removed: int
    attachments_removed: int
    duration_seconds: float
    success: bool
    error_message: str | None
    encoder_type: str | None
    video_transcoded: bool
    video_skipped: bool


class Statistics:
    """What VPO did to files: one row per file that a `process` job went through."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, **fields: Unpack[StatsFields]) -> str:
        """Add the row of one processed file and return its id."""
        row: dict[str, object] = {
            "stats_id": str(uuid.uuid4()),
            "processed_at": utc_now(),
            "policy_name": "normalize",
            "size_before": 0,
            "size_after": 0,
            "audio_removed": 0,
            "subtitle_removed": 0,
            "attachments_removed": 0,
            "duration_seconds": 0.0,
            "success": True,
            "error_message": None,
            "encoder_type": None,
            "video_transcoded": False,
            "video_skipped": False,
        }
        row.update(fields)
        if isinstance(row["processed_at"], datetime):
            row["processed_at"] = iso(row["processed_at"])
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO stats VALUES (:stats_id, :processed_at, :policy_name, :size_before,"
                " :size_after, :audio_removed, :subtitle_removed, :attachments_removed,"
                " :duration_seconds, :success, :error_message, :encoder_type, :video_transcoded,"
                " :video_skipped)",
                row,
            )
        return str(row["stats_id"])

    def prune(self, keep: int) -> None:
        """Delete the oldest rows beyond the newest `keep`."""
        with self._database.transaction() as connection:
            connection.execute(
                "DELETE FROM stats WHERE stats_id IN"
                " (SELECT stats_id FROM stats ORDER BY processed_at DESC LIMIT -1 OFFSET ?)",
                (keep,),
            )

    def summary(self, since: datetime | None, policy: str | None) -> dict[str, Any]:
        """Return the totals as `/api/stats/summary` answers them; without rows all are zero."""
        row = self._database.rows(_SUMMARY, _parameters(since, policy))[0]
        return {
            "total_files_processed": row["files"],
            "total_successful": row["successes"],
            "total_failed": row["files"] - row["successes"],
            "success_rate": _rate(row["successes"], row["files"]),
            "total_size_before": row["size_before"],
            "total_size_after": row["size_after"],
            "total_size_saved": row["size_before"] - row["size_after"],
            "avg_savings_percent": _savings_percent(row),
            "total_audio_removed": row["audio_removed"],
            "total_subtitles_removed": row["subtitle_removed"],
            "total_attachments_removed": row["attachments_removed"],
            "total_videos_transcoded": row["videos_transcoded"],
            "total_videos_skipped": row["videos_skipped"],
            "total_audio_transcoded": 0,
            "avg_processing_time": row["average_seconds"] or 0.0,
            "earliest_processing": row["earliest"],
            "latest_processing": row["latest"],
            "hardware_encodes": row["hardware"],
            "software_encodes": row["software"],
        }

    def policies(self, since: datetime | None) -> list[dict[str, Any]]:
        """Return one object a policy, the last used first, as `/api/stats/policies` answers."""
        return [
            {
                "policy_name": row["policy_name"],
                "files_processed": row["files"],
                "success_rate": _rate(row["successes"], row["files"]),
                "total_size_saved": row["size_before"] - row["size_after"],
                "avg_savings_percent": _savings_percent(row),
                "audio_tracks_removed": row["audio_removed"],
                "subtitle_tracks_removed": row["subtitle_removed"],
                "attachments_removed": row["attachments_removed"],
                "videos_transcoded": row["videos_transcoded"],
                "audio_transcoded": 0,
                "avg_processing_time": row["average_seconds"] or 0.0,
                "last_used": row["latest"],
            }
            for row in self._database.rows(_POLICIES, _parameters(since, None))
        ]

    def recent(self, limit: int, policy: str | None) -> list[dict[str, Any]]:
        """Return the last processed files, newest first, as `/api/stats/recent` answers them."""
        rows = self._database.rows(
            "SELECT * FROM stats WHERE (:policy IS NULL OR policy_name = :policy)"
            " ORDER BY processed_at DESC LIMIT :limit",
            {"policy": policy, "limit": limit},
        )
        return [
            {
                "stats_id": row["stats_id"],
                "processed_at": row["processed_at"],
                "policy_name": row["policy_name"],
                "size_before": row["size_before"],
                "size_after": row["size_after"],
                "size_change": row["size_before"] - row["size_after"],
                "audio_removed": row["audio_removed"],
                "subtitle_removed": row["subtitle_removed"],
                "attachments_removed": row["attachments_removed"],
                "duration_seconds": row["duration_seconds"],
                "success": bool(row["success"]),
                "error_message": row["error_message"],
                "encoder_type": row["encoder_type"],
            }
            for row in rows
        ]

    def trends(self, since: datetime | None, group_by: str) -> list[dict[str, Any]]:
        """Return one object a `day`, `week` or `month`, oldest first; else KeyError."""
        rows = self._database.rows(
            "SELECT strftime(:period, processed_at) AS date, COUNT(*) AS files_processed,"
            " SUM(size_before - size_after) AS size_saved, SUM(success) AS success_count,"
            " SUM(NOT success) AS fail_count FROM stats"
            " WHERE (:since IS NULL OR processed_at >= :since) GROUP BY 1 ORDER BY 1",
            {"period": _PERIODS[group_by], "since": None if since is None else iso(since)},
        )
        return [dict(row) for row in rows]


def _parameters(since: datetime | None, policy: str | None) -> dict[str, object]:
    return {"since": None if since is None else iso(since), "policy": policy}


def _rate(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _savings_percent(row: sqlite3.Row) -> float:
    return 100.0 * _rate(row["size_before"] - row["size_after"], row["size_before"])
