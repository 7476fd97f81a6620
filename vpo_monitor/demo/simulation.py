"""The simulated VPO: weeks of finished jobs, two workers, and a queue that new jobs join."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from .sample_media import (
    FAILURES,
    LOST_FILES,
    POLICIES,
    SCAN_FAILURE,
    MediaFile,
    media_file,
    run_seconds,
)
from .store import Store

WORKERS = 2
JOB_TYPES = ("process", "transcode", "scan", "move", "apply", "prune")
_TYPE_WEIGHTS = (40, 25, 12, 10, 8, 5)
_REPORT_PROGRESS = ("transcode", "move")
"""Other types stay at 0.0 percent until they finish, as on a real server."""
_MIN_QUEUED, _FIRST_QUEUED, _MAX_QUEUED = 3, 6, 9
_NEW_JOB = 0.05
"""Probability that a step adds a job to the queue."""
_FAILED, _CANCELLED = 0.1, 0.05
"""Shares of all jobs."""
_KEPT = 1000
_SKIPPED = 0.15
"""Share of the process jobs whose file has the wanted codec already."""
_SIZE_AFTER_TRANSCODE = (0.45, 0.75)
_SIZE_WITHOUT_AUDIO = 0.97
_ENCODERS = ("software", "software", "hardware")
_HISTORY = timedelta(days=35)
_BUSY_HOUR = timedelta(hours=1)
"""Before the start; both workers were busy all the time."""
_FIRST_JOBS = (("transcode", 0.35), ("process", 0.6))
"""Types of the jobs that are running at the start, and how much of each is done."""


@dataclass(frozen=True)
class _Task:
    """What a job works on and how it will end."""

    job_type: str
    policy: str
    media: MediaFile
    seconds: float
    status: str = "completed"

    @property
    def path(self) -> str:
        return "/srv/media" if self.job_type == "scan" else self.media.path


@dataclass(frozen=True)
class _Running:
    job_id: str
    task: _Task
    started: datetime
    ends: datetime


class Simulation:
    """Fills a store and keeps its queue moving. `pace` 2 makes jobs run twice as fast."""

    def __init__(self, store: Store, random: Random, pace: float = 1.0) -> None:
        self._store = store
        self._random = random
        self._pace = pace
        self._tasks: dict[str, _Task] = {}
        self._running: list[_Running] = []

    def add_history(self, count: int, now: datetime) -> None:
        """Add finished jobs of the last five weeks, more of them in recent days."""
        with self._store.transaction():
            for _ in range(count):
                started = now - _BUSY_HOUR - _HISTORY * self._random.random() ** 2
                self._add_finished(self._task(may_be_cancelled=True), started)
            for path in LOST_FILES if count else ():
                self._store.add_file(MediaFile(path, 0, 0, 0), now - _HISTORY / 2, "missing")

    def start_workers(self, now: datetime) -> None:
        """Add an hour of steady work, the jobs that are running now, and a queue."""
        with self._store.transaction():
            for job_type, share in _FIRST_JOBS:
                candidates = [self._task(job_type) for _ in range(4)]
                longest = max(candidates, key=lambda task: task.seconds)
                task = replace(longest, status="completed")
                begun = now - timedelta(seconds=task.seconds * share)
                self._start(self._add(task, begun - self._wait()), task, begun)
                while begun > now - _BUSY_HOUR:
                    earlier = self._task()
                    begun -= timedelta(seconds=earlier.seconds)
                    self._add_finished(earlier, begun)
            for waited in range(_FIRST_QUEUED):
                self._queue_job(now - waited * self._wait())

    def step(self, now: datetime) -> None:
        """Update progress, finish and start jobs, and add new ones to the queue."""
        with self._store.transaction():
            for one in list(self._running):
                if now >= one.ends:
                    self._running.remove(one)
                    self._finish(one.job_id, one.task, one.started, now)
                    self._store.prune(_KEPT)
                elif one.task.job_type in _REPORT_PROGRESS:
                    share = (now - one.started) / (one.ends - one.started)
                    self._store.update_job(one.job_id, progress_percent=round(100 * share, 1))
            while len(self._running) < WORKERS and (job := self._store.next_queued()):
                task = self._tasks.pop(job["id"], None) or self._task(job["job_type"])
                self._start(job["id"], task, now)
            queued = self._store.count("queued")
            while queued < _MIN_QUEUED:
                self._queue_job(now)
                queued += 1
            if queued < _MAX_QUEUED and self._random.random() < _NEW_JOB:
                self._queue_job(now)

    def _task(self, job_type: str | None = None, *, may_be_cancelled: bool = False) -> _Task:
        random, media = self._random, media_file(self._random)
        chance = random.random()
        status = "failed" if chance < _FAILED else "completed"
        if may_be_cancelled and chance > 1 - _CANCELLED:
            status = "cancelled"
        return _Task(
            job_type or random.choices(JOB_TYPES, _TYPE_WEIGHTS)[0],
            random.choice(POLICIES),
            media,
            run_seconds(media, random) / self._pace,
            status,
        )

    def _wait(self) -> timedelta:
        """Return how long a job was queued."""
        return timedelta(seconds=self._random.uniform(1, 120))

    def _add(self, task: _Task, created: datetime) -> str:
        self._store.add_file(task.media, created)  # a scan has found it before
        return self._store.add_job(
            job_type=task.job_type,
            priority=self._random.choice((100, 100, 100, 50)),
            file_path=task.path,
            policy_name=None if task.job_type == "scan" else task.policy,
            created_at=created,
            has_log=task.job_type != "scan",
        )

    def _queue_job(self, created: datetime) -> None:
        task = self._task()
        self._tasks[self._add(task, created)] = task

    def _start(self, job_id: str, task: _Task, now: datetime) -> None:
        self._store.update_job(job_id, status="running", started_at=now)
        ends = now + timedelta(seconds=task.seconds)
        self._running.append(_Running(job_id, task, now, ends))

    def _add_finished(self, task: _Task, started: datetime) -> None:
        job_id = self._add(task, started - self._wait())
        self._store.update_job(job_id, started_at=started)
        self._finish(job_id, task, started, started + timedelta(seconds=task.seconds))

    def _finish(self, job_id: str, task: _Task, started: datetime, ended: datetime) -> None:
        succeeded = task.status == "completed"
        result: dict[str, Any] = {}
        if task.status == "failed":
            error = self._random.choice(FAILURES).format(path=task.media.path)
            result["error_message"] = error
        if task.job_type in ("process", "transcode") and task.status != "cancelled":
            stats_id = self._add_stats(task, result.get("error_message"), started, ended)
            if task.job_type == "process" and succeeded:
                raw = {"phases_completed": 2, "total_changes": 2, "stats_id": stats_id}
                result["summary_raw"] = raw
        if succeeded:
            result |= self._result(job_id, task, ended)
        self._store.update_job(
            job_id,
            status=task.status,
            completed_at=ended,
            progress_percent=100.0 if succeeded else 0.0,
            **result,
        )

    def _result(self, job_id: str, task: _Task, ended: datetime) -> dict[str, Any]:
        """Return the fields in which VPO describes what a job of this type did."""
        media = task.media
        match task.job_type:
            case "transcode":
                return {"output_path": f"{media.path.removesuffix('.mkv')}.transcoded.mkv"}
            case "prune":
                return {"summary_raw": {"files_pruned": self._random.randint(0, 9)}}
            case "apply":
                actions = ["reorder", "set_default"]
                raw: dict[str, Any] = {"policy_name": task.policy, "files_affected": 1}
                return {
                    "summary": f"Applied policy '{task.policy}' to 1 files ({', '.join(actions)})",
                    "summary_raw": raw | {"actions_applied": actions},
                }
            case "move":
                target, size = "/srv/media/sorted/", media.size_bytes
                raw = {"source_path": media.path, "destination_path": target, "size_bytes": size}
                summary = f"Moved {media.name} → {target} ({size / 2**30:.1f} GB)"
                return {"summary": summary, "summary_raw": raw}
            case "scan":
                return self._scan_result(job_id, ended)
        return {}

    def _scan_result(self, job_id: str, ended: datetime) -> dict[str, Any]:
        total, broken = self._random.randint(40, 900), self._random.choice((0, 0, 1, 2))
        paths = [f"/srv/media/movies/broken {number}.mp4" for number in range(broken)]
        errors = {path: SCAN_FAILURE.format(path=path) for path in paths}
        self._store.add_scan_errors(
            job_id, [{"path": path, "error": error} for path, error in errors.items()]
        )
        for path, error in errors.items():
            self._store.add_file(MediaFile(path, 0, 0, 0), ended, "error", error)
        added = total // 9
        with_errors = f", {broken} errors" if broken else ""
        counts = {"total_discovered": total, "scanned": total, "skipped": 0, "added": added}
        return {
            "summary": f"Scanned {total} files, {added} new{with_errors}",
            "summary_raw": counts | {"removed": 0, "errors": broken},
        }

    def _add_stats(self, task: _Task, error: str | None, started: datetime, ended: datetime) -> str:
        media, success = task.media, error is None
        is_skipped = success and task.job_type == "process" and self._random.random() < _SKIPPED
        is_transcoded = success and not is_skipped
        audio = int(success and len(media.languages) > 1)
        subtitles = self._random.choice((0, 0, 1, 2))
        size = media.size_bytes
        if is_transcoded:
            size = int(size * self._random.uniform(*_SIZE_AFTER_TRANSCODE))
        elif audio:
            size = int(size * _SIZE_WITHOUT_AUDIO)
        source = "hevc" if is_skipped else media.codec
        if success:
            self._store.add_file(replace(media, size_bytes=size, codec="hevc"), ended)
        return self._store.add_stats(
            processed_at=ended,
            policy_name=task.policy,
            file_path=media.path,
            size_before=media.size_bytes,
            size_after=size,
            audio_before=len(media.languages),
            audio_removed=audio,
            subtitles_before=subtitles,
            subtitle_removed=subtitles if success else 0,
            duration_seconds=(ended - started).total_seconds(),
            success=success,
            error_message=error,
            source_codec=source,
            encoder_type=self._random.choice(_ENCODERS) if is_transcoded else None,
            skip_reason=f"Already compliant: codec is {source}" if is_skipped else None,
            video_transcoded=is_transcoded,
            video_skipped=is_skipped,
        )
