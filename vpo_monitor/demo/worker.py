"""The demo's worker: takes queued jobs, moves them, ends them, and refills the queue."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from .job_log_lines import closing_lines, opening_lines, progress_line
from .job_results import Work, decide, record
from .logs import LogWriter
from .sample_media import POLICIES, MediaFile, media_file, work_seconds
from .seed import choose_type
from .store import Store

MOVING_TYPES = frozenset({"transcode", "move"})
"""What reports a percent; all others stay at 0.0 until they are done, as on a real server."""
AT_ONCE = 2
"""How many jobs run side by side: as many workers as the demo's health counts."""
_QUEUE = (3, 12)
_FAILURE_SHARE = 1 / 8
_LINES_A_SECOND = 25.0  # at pace 1; a job prints as many lines at any pace
_KEPT_JOBS = 1000


@dataclass
class _Running:
    work: Work
    ends_at: datetime
    fails: bool
    log: LogWriter | None  # a scan has none
    lines: int
    printed: int = 0

    def share(self, now: datetime) -> float:
        """How much of the job is done, from 0 to 1."""
        if now >= self.ends_at:
            return 1.0
        started_at = self.work.started_at
        return (now - started_at) / (self.ends_at - started_at)


class Worker:
    """Moves the queue on by `step`; the clock is the caller's, `pace` divides each duration."""

    def __init__(self, store: Store, random: Random, pace: float = 1.0) -> None:
        self._store = store
        self._random = random
        self._pace = pace
        self._running: list[_Running] = []
        self._media: dict[str, MediaFile] = {}

    def step(self, now: datetime) -> None:
        """Do what is due: progress, ends, starts, and new jobs for the queue."""
        with self._store.transaction():
            for job in list(self._running):
                self._move_on(job, now)
            self._refill(now)
            while len(self._running) < AT_ONCE and self._take(now):
                pass

    def _move_on(self, job: _Running, now: datetime) -> None:
        share = job.share(now)
        self._print(job, share)
        if share == 1.0:
            self._end(job, now)
        elif job.work.job_type in MOVING_TYPES:
            self._store.update_job(job.work.job_id, progress_percent=round(100 * share, 1))

    def _print(self, job: _Running, share: float) -> None:
        if job.log is None:
            return
        lasts = job.ends_at - job.work.started_at
        due = max(job.printed, int(job.lines * share))  # a clock may be set back
        shares = [number / job.lines for number in range(job.printed, due)]
        job.printed = due
        job.log.write(
            [
                progress_line(job.work, job.work.started_at + lasts * share, share, self._random)
                for share in shares
            ]
        )

    def _end(self, job: _Running, now: datetime) -> None:
        self._running.remove(job)
        result = decide(job.work, self._random, fails=job.fails)
        # The log comes first: whoever sees that a job has ended finds all of its log.
        if job.log is not None:
            job.log.write(closing_lines(job.work, result, now))
            job.log.close()
        record(self._store, job.work, result, now)
        self._store.prune(_KEPT_JOBS)
        self._store.library.prune(_KEPT_JOBS)
        self._store.statistics.prune(_KEPT_JOBS)

    def _refill(self, now: datetime) -> None:
        fewest, most = _QUEUE
        if self._store.count("queued") >= fewest:
            return
        for _ in range(self._random.randint(fewest, most - fewest)):
            job_type, media = choose_type(self._random), media_file(self._random)
            is_scan = job_type == "scan"
            job_id = self._store.add_job(
                job_type=job_type,
                priority=self._random.choice((100, 100, 100, 50)),
                file_path="/srv/media" if is_scan else media.path,
                policy_name=None if is_scan else self._random.choice(POLICIES),
                created_at=now,
            )
            self._media[job_id] = media
            self._store.library.add(media, now)  # a scan has found it before

    def _take(self, now: datetime) -> bool:
        job_id = self._store.next_queued()
        if job_id is None:
            return False
        job = self._store.job(job_id) or {}
        media = self._media.pop(job_id, None) or media_file(self._random)
        work = Work(job_id, str(job["job_type"]), str(job["policy_name"]), media, now)
        seconds = work_seconds(media, self._random)
        ends_at = now + timedelta(seconds=seconds / self._pace)
        fails = self._random.random() < _FAILURE_SHARE
        log = None if work.job_type == "scan" else LogWriter(self._store.logs, job_id)
        if log is not None:
            log.write(opening_lines(work))
        lines = int(seconds * _LINES_A_SECOND)
        self._running.append(_Running(work, ends_at, fails, log, lines))
        self._store.update_job(job_id, status="running", started_at=now)
        return True
