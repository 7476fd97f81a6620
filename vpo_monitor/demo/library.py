import sqlite3
import uuid
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

from .clock import iso
from .database import Database, like_pattern
from .sample_media import MediaFile

_CONTAINERS = {
    "mkv": "matroska,webm",
    "webm": "matroska,webm",
    "mp4": "mov,mp4,m4a,3gp,3g2,mj2",
    "avi": "avi",
}
_LAYOUTS = {1: "mono", 2: "stereo", 6: "5.1"}
_SCAN = """
SELECT id FROM jobs WHERE job_type = 'scan' AND created_at <= :moment
ORDER BY created_at DESC LIMIT 1
"""
_UNITS = ("B", "KB", "MB", "GB", "TB")
_FILTER = """
FROM files
WHERE (:search IS NULL OR filename LIKE :search ESCAPE '\\')
  AND (:status IS NULL OR scan_status = :status)
"""
_COUNT = "SELECT COUNT(*) " + _FILTER
_PAGE = "SELECT * " + _FILTER + " ORDER BY scanned_at DESC, id DESC LIMIT :limit OFFSET :offset"


class Library:
    """The media files that VPO knows of, each with its present size."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self,
        media: MediaFile,
        scanned_at: datetime,
        *,
        scan_job_id: str | None = None,
        scan_error: str | None = None,
    ) -> None:
        """Add a file, or renew the entry of the same path, which keeps its id.

        The scan that found it is the last one before, unless `scan_job_id` says another.
        """
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO files (path, filename, size_bytes, modified_at, scanned_at,"
                " scan_status, scan_error, scan_job_id, video_codec, width, height, languages)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (path) DO UPDATE SET size_bytes = excluded.size_bytes,"
                " modified_at = excluded.modified_at, scanned_at = excluded.scanned_at,"
                " scan_status = excluded.scan_status, scan_error = excluded.scan_error,"
                " scan_job_id = excluded.scan_job_id, video_codec = excluded.video_codec,"
                " width = excluded.width, height = excluded.height,"
                " languages = excluded.languages",
                (
                    media.path,
                    PurePosixPath(media.path).name,
                    media.size_bytes,
                    iso(scanned_at),
                    iso(scanned_at),
                    "ok" if scan_error is None else "error",
                    scan_error,
                    scan_job_id or self._scan_before(scanned_at),
                    media.codec,
                    media.width,
                    media.height,
                    ",".join(media.languages),
                ),
            )

    def _scan_before(self, moment: datetime) -> str:
        """The id of the last scan before; a made-up one if that job is not kept any more."""
        rows = self._database.rows(_SCAN, {"moment": iso(moment)})
        return str(rows[0]["id"]) if rows else str(uuid.uuid4())

    def rewrite(self, path: str, size_bytes: int, codec: str, modified_at: datetime) -> None:
        """Say that a file was rewritten in place; an unknown path changes nothing."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE files SET size_bytes = ?, video_codec = ?, modified_at = ? WHERE path = ?",
                (size_bytes, codec, iso(modified_at), path),
            )

    def move(self, path: str, folder: str) -> None:
        """Say that a file was moved into another folder."""
        filename = PurePosixPath(path).name
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE OR REPLACE files SET path = ? WHERE path = ?",
                (str(PurePosixPath(folder) / filename), path),
            )

    def prune(self, keep: int) -> None:
        """Forget the files scanned longest ago beyond the newest `keep`."""
        with self._database.transaction() as connection:
            connection.execute(
                "DELETE FROM files WHERE id IN"
                " (SELECT id FROM files ORDER BY scanned_at DESC, id DESC LIMIT -1 OFFSET ?)",
                (keep,),
            )

    def page(
        self, *, search: str | None, status: str | None, limit: int, offset: int
    ) -> tuple[list[dict[str, Any]], int]:
        """Return one page of files as `/api/library` lists them, and how many match."""
        parameters = {
            "search": None if search is None else like_pattern(search),
            "status": status,
            "limit": limit,
            "offset": offset,
        }
        files = [
            {
                "id": row["id"],
                "filename": row["filename"],
                "path": row["path"],
                "title": None,
                "resolution": f"{row['height']}p",
                "audio_languages": ", ".join(row["languages"].split(",")),
                "scanned_at": row["scanned_at"],
                "scan_status": row["scan_status"],
                "scan_error": row["scan_error"],
            }
            for row in self._database.rows(_PAGE, parameters)
        ]
        return files, int(str(self._database.value(_COUNT, parameters)))

    def file(self, file_id: int) -> dict[str, Any] | None:
        """Return one file as `/api/library/{file_id}` answers it, or None."""
        rows = self._database.rows("SELECT * FROM files WHERE id = :id", {"id": file_id})
        return _detail(rows[0]) if rows else None


def human_size(size_bytes: int) -> str:
    """Write a size as VPO does: steps of 1024, called KB, MB, GB."""
    size = float(size_bytes)
    for unit in _UNITS[:-1]:
        if size < 1024:
            return f"{size:.1f} {unit}" if unit != "B" else f"{size_bytes} B"
        size /= 1024
    return f"{size:.1f} {_UNITS[-1]}"


def _detail(row: sqlite3.Row) -> dict[str, Any]:
    path = PurePosixPath(row["path"])
    extension = path.suffix.removeprefix(".")
    video = _track(row["id"], 0, "video", row["video_codec"], "und", (row["width"], row["height"]))
    audio = [
        _track(row["id"], index, "audio", "aac", language, None)
        for index, language in enumerate(row["languages"].split(","), 1)
    ]
    return {
        "id": row["id"],
        "path": row["path"],
        "filename": row["filename"],
        "directory": str(path.parent),
        "extension": extension,
        "container_format": _CONTAINERS.get(extension),
        "size_bytes": row["size_bytes"],
        "size_human": human_size(row["size_bytes"]),
        "modified_at": row["modified_at"],
        "scanned_at": row["scanned_at"],
        "scan_status": row["scan_status"],
        "scan_error": row["scan_error"],
        "scan_job_id": row["scan_job_id"],
        "video_tracks": [video],
        "audio_tracks": audio,
        "subtitle_tracks": [],
        "other_tracks": [],
        "total_tracks": 1 + len(audio),
        "has_many_tracks": False,
        "container_tags": {"encoder": "Lavf59.27.100"},
        "has_container_tags": True,
        "plugin_metadata": None,
        "has_plugin_data": False,
        "plugin_count": 0,
    }


def _track(
    file_id: int,
    index: int,
    track_type: str,
    codec: str,
    language: str,
    frame: tuple[int, int] | None,
) -> dict[str, Any]:
    channels = None if frame else 6 if index == 1 else 2
    return {
        "id": 10 * file_id + index,
        "index": index,
        "track_type": track_type,
        "codec": codec,
        "language": language,
        "title": None,
        "is_default": index == 1,
        "is_forced": False,
        "width": frame[0] if frame else None,
        "height": frame[1] if frame else None,
        "frame_rate": "25/1" if frame else None,
        "channels": channels,
        "channel_layout": None if channels is None else _LAYOUTS[channels],
        "transcription": None,
    }
