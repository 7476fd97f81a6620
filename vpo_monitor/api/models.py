"""Frozen models of VPO's responses; the recordings in tests show an example of each.

Each is built by `read`, which raises WrongShape if the response has the wrong shape.
"""

import re
from datetime import datetime
from typing import Any, NamedTuple, Self

from vpo_monitor.api.fields import (
    Actions,
    Choice,
    Count,
    CountOrZero,
    Flag,
    Identity,
    LongText,
    Mapping,
    Moment,
    Number,
    RequiredName,
    RequiredText,
    Share,
    Tally,
    Text,
    Texts,
)
from vpo_monitor.api.model_base import Answer, Page, Rows, WrongShape

_REPORT_ID = re.compile(r"[0-9A-Za-z-]{1,64}")
_MOST_RUNS = 20
TERMINAL_STATUSES = frozenset({"completed", "failed", "cancelled"})


class Job(Answer):
    """A job as in the job list.

    `progress_percent` is the server's value: 0.0 usually means *not reported*. `duration_seconds`
    counts from creation, so it includes the time in the queue.
    """

    id: Identity
    job_type: RequiredName = ""
    status: RequiredName = ""
    file_path: RequiredText = ""
    progress_percent: Number = None
    created_at: Moment = None
    completed_at: Moment = None
    duration_seconds: Number = None

    @property
    def is_terminal(self) -> bool:
        """Whether the job has finished; a job with an unknown status has not."""
        return self.status in TERMINAL_STATUSES


class JobDetail(Job):
    """All details of one job. A lower `priority` runs first."""

    id_short: RequiredText = ""
    priority: Count = None
    policy_name: Text = None
    started_at: Moment = None
    error_message: LongText = None
    output_path: Text = None
    summary: Text = None
    summary_raw: Mapping = None
    has_logs: Flag = False
    has_scan_errors: Flag = False

    @property
    def stats_id(self) -> str | None:
        """The id of the job's report; None if it has none, or one that can't be an id."""
        value = (self.summary_raw or {}).get("stats_id")
        return value if isinstance(value, str) and _REPORT_ID.fullmatch(value) else None


class JobPage(Page[Job]):
    row_type = Job
    list_key = "jobs"


class LogLines(Answer):
    """Part of a job's log: `lines` from `offset` (counted from the start) of `total_lines`."""

    job_id: RequiredText = ""
    lines: Texts = ()
    total_lines: CountOrZero = 0
    offset: CountOrZero = 0
    has_more: Flag = False

    @classmethod
    def read(cls, body: Any) -> Self:
        """Build the model. Raises WrongShape if there is no list of lines."""
        if not isinstance(body, dict) or not isinstance(body.get("lines"), list):
            raise WrongShape("the log holds no list of lines")
        return super().read(body)


class ScanError(Answer):
    path: RequiredText = ""
    filename: RequiredText = ""
    error: RequiredText = ""


class ScanErrors(Rows[ScanError]):
    row_type = ScanError
    list_key = "errors"
    most = 5000

    job_id: RequiredText = ""
    total_errors: CountOrZero = 0


class Health(Answer):
    """The server's health. `recent_errors` counts the jobs that failed in the last 24 h."""

    status: Identity
    database: RequiredText = ""
    uptime_seconds: Number = None
    version: RequiredText = ""
    shutting_down: Flag = False
    jobs_queued: Tally = None
    jobs_running: Tally = None
    active_workers: Tally = None
    recent_errors: Tally = None
    last_config_reload: Moment = None
    config_reload_count: Count = None
    config_reload_error: Text = None


class About(Answer):
    version: RequiredText = ""
    git_hash: Text = None
    profile_name: Text = None
    api_url: Text = None
    docs_url: Text = None
    is_read_only: Flag = False


class PollingOffer(Answer):
    """The polling intervals that a server suggests, in milliseconds; None if not set."""

    interval_ms: Number = None
    enabled: Choice = None
    log_interval_ms: Number = None


class StatsSummary(Answer):
    """Totals of all processed files; sizes in bytes, times in seconds."""

    total_files_processed: CountOrZero = 0
    total_successful: CountOrZero = 0
    total_failed: CountOrZero = 0
    success_rate: Share = None
    total_size_before: CountOrZero = 0
    total_size_after: CountOrZero = 0
    total_size_saved: Count = None
    avg_savings_percent: Number = None
    total_audio_removed: CountOrZero = 0
    total_subtitles_removed: CountOrZero = 0
    total_attachments_removed: CountOrZero = 0
    total_videos_transcoded: CountOrZero = 0
    total_videos_skipped: CountOrZero = 0
    total_audio_transcoded: CountOrZero = 0
    avg_processing_time: Number = None
    earliest_processing: Moment = None
    latest_processing: Moment = None
    hardware_encodes: CountOrZero = 0
    software_encodes: CountOrZero = 0


class ProcessedFile(Answer):
    """One processed file; sizes in bytes. `size_change` is the number of bytes saved."""

    stats_id: RequiredText = ""
    processed_at: Moment = None
    policy_name: Text = None
    size_before: Count = None
    size_after: Count = None
    size_change: Count = None
    audio_removed: CountOrZero = 0
    subtitle_removed: CountOrZero = 0
    attachments_removed: CountOrZero = 0
    duration_seconds: Number = None
    success: Flag = False
    error_message: Text = None
    encoder_type: Text = None


class RecentFiles(Rows[ProcessedFile]):
    row_type = ProcessedFile


class FileRun(NamedTuple):
    """One run of a file; sizes in bytes. A tuple, as a model takes five times the memory."""

    stats_id: str
    processed_at: datetime | None
    policy_name: str | None
    size_before: int | None
    size_after: int | None
    success: bool
    error_message: str | None


class FileRuns(Answer):
    """The runs of one file: the newest of `total`, newest first."""

    runs: tuple[FileRun, ...] = ()
    total: int = 0

    @classmethod
    def read(cls, body: Any) -> Self:
        """Build the list, skipping invalid runs. Raises WrongShape if there is none."""
        rows = RecentFiles.read(body[:_MOST_RUNS] if isinstance(body, list) else body).rows
        runs = (FileRun(*(getattr(row, name) for name in FileRun._fields)) for row in rows)
        return cls(runs=tuple(runs), total=len(body))


class JobReport(Answer):
    """What a job did to its file; sizes in bytes, None if they are unknown or invalid."""

    file_id: Tally = None
    file_path: Text = None
    processed_at: Moment = None
    policy_name: Text = None
    size_before: Tally = None
    size_after: Tally = None
    audio_tracks_removed: CountOrZero = 0
    subtitle_tracks_removed: CountOrZero = 0
    attachments_removed: CountOrZero = 0
    audio_tracks_transcoded: CountOrZero = 0
    video_source_codec: Text = None
    video_target_codec: Text = None
    video_transcode_skipped: Flag = False
    video_skip_reason: Text = None
    phases_completed: Tally = None
    phases_total: Tally = None
    total_changes: Tally = None
    success: Choice = None
    error_message: Text = None
    encoder_type: Text = None
    actions: Actions = ()


class PolicyStats(Answer):
    policy_name: RequiredText = ""
    files_processed: CountOrZero = 0
    success_rate: Share = None
    total_size_saved: Count = None
    avg_savings_percent: Number = None
    audio_tracks_removed: CountOrZero = 0
    subtitle_tracks_removed: CountOrZero = 0
    attachments_removed: CountOrZero = 0
    videos_transcoded: CountOrZero = 0
    audio_transcoded: CountOrZero = 0
    avg_processing_time: Number = None
    last_used: Moment = None


class Policies(Rows[PolicyStats]):
    row_type = PolicyStats
    most = 1000


class TrendPoint(Answer):
    """One period; `date` is the server's name for it (a day, an ISO week or a month)."""

    date: Identity
    files_processed: CountOrZero = 0
    size_saved: Count = None
    success_count: CountOrZero = 0
    fail_count: CountOrZero = 0


class Trends(Rows[TrendPoint]):
    row_type = TrendPoint
    most = 4000


class Plan(Answer):
    """A plan that awaits approval. The fields follow VPO's source code; no recording has one."""

    id: Identity
    id_short: RequiredText = ""
    file_id: Count = None
    file_path: RequiredText = ""
    filename: RequiredText = ""
    file_deleted: Flag = False
    policy_name: Text = None
    action_count: CountOrZero = 0
    requires_remux: Flag = False
    status: RequiredText = ""
    created_at: Moment = None
    updated_at: Moment = None


class PlanPage(Page[Plan]):
    row_type = Plan
    list_key = "plans"


class LibraryFile(Answer):
    id: int
    filename: RequiredText = ""
    path: RequiredText = ""
    title: Text = None
    resolution: Text = None
    audio_languages: Text = None
    scanned_at: Moment = None
    scan_status: RequiredText = ""
    scan_error: Text = None


class LibraryPage(Page[LibraryFile]):
    row_type = LibraryFile
    list_key = "files"


class LibraryShare(Answer):
    """How many files have a container or codec, as VPO names it."""

    label: RequiredName = ""
    count: Tally = None


class LibraryShares(Rows[LibraryShare]):
    row_type = LibraryShare


class LibraryDistribution(Answer):
    """How many files have each container, video codec and audio codec."""

    containers: LibraryShares = LibraryShares()
    video_codecs: LibraryShares = LibraryShares()
    audio_codecs: LibraryShares = LibraryShares()

    @classmethod
    def read(cls, body: Any) -> Self:
        """Build the model. Raises WrongShape if it has none of the lists."""
        if not isinstance(body, dict):
            raise WrongShape("the library's distribution is not a JSON object")
        lists = {name: body[name] for name in cls.model_fields if isinstance(body.get(name), list)}
        if not lists:
            raise WrongShape("the library's distribution holds no list")
        return cls(**{name: LibraryShares.read(one) for name, one in lists.items()})


class LibrarySnapshot(Answer):
    """The library at the time of a scan."""

    snapshot_at: Moment = None
    total_files: Tally = None
    total_size_bytes: Tally = None
    missing_files: Tally = None
    error_files: Tally = None


class LibraryTrends(Rows[LibrarySnapshot]):
    """The library at each scan, oldest first: the last ones, if there are very many."""

    row_type = LibrarySnapshot
    most = 4000

    @classmethod
    def read(cls, body: Any) -> Self:
        """Build the list, skipping invalid rows. Raises WrongShape if there is no list."""
        return super().read(body[-cls.most :] if isinstance(body, list) else body)


class LibraryFileDetail(Answer):
    """One file of the library; `size_bytes` is its current size, thus smaller after a transcode."""

    id: int
    path: RequiredText = ""
    filename: RequiredText = ""
    container_format: Text = None
    size_bytes: Count = None
    modified_at: Moment = None
    scanned_at: Moment = None
    scan_status: RequiredText = ""
    scan_error: Text = None
    scan_job_id: Text = None

    @classmethod
    def read(cls, body: Any) -> Self:
        """Build the model from the object inside the response."""
        if not isinstance(body, dict):
            raise WrongShape("the library's answer is not a JSON object")
        return super().read(body.get("file"))
