"""The demo's worker: takes queued jobs, moves them, ends them, and refills the queue."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from .catalog import POLICIES, MediaFile, media_file
from .outcomes import Work, decide, opening_lines, progress_line, record
from .seed import choose_type
from .store import Store

MOVING_TYPES = frozenset({"transcode", "move"})
"""What reports a percent; all others stay at 0.0 until they are done, as on a real server."""
AT_ONCE = 2
"""How many jobs run side by side: as many workers as the demo's health counts."""
_QUEUE = (3, 12)
_SECONDS = (5.0, 30.0)
_FAILURE_SHARE = 1 / 8
_KEPT_JOBS = 1000


@dataclass(frozen=True)
class _Running:
    work: Work
    ends_at: datetime
    fails: bool


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
        if now >= job.ends_at:
            self._running.remove(job)
            outcome = decide(job.work, self._random, fails=job.fails)
            record(self._store, job.work, outcome, now)
            self._store.prune(_KEPT_JOBS)
            self._store.library.prune(_KEPT_JOBS)
            self._store.statistics.prune(_KEPT_JOBS)
            return
        share = (now - job.work.started_at) / (job.ends_at - job.work.started_at)
        if job.work.job_type in MOVING_TYPES:
            self._store.update_job(job.work.job_id, progress_percent=round(100 * share, 1))
        if job.work.job_type != "scan":
            line = progress_line(job.work, now, share, self._random)
            self._store.append_log(job.work.job_id, [line])

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

    def _take(self, now: datetime) -> bool:
        job_id = self._store.next_queued()
        if job_id is None:
            return False
        job = self._store.job(job_id) or {}
        media = self._media.pop(job_id, None) or media_file(self._random)
        work = Work(job_id, str(job["job_type"]), str(job["policy_name"]), media, now)
        seconds = self._random.uniform(*_SECONDS) / self._pace
        fails = self._random.random() < _FAILURE_SHARE
        self._running.append(_Running(work, now + timedelta(seconds=seconds), fails))
        self._store.update_job(job_id, status="running", started_at=now)
        if work.job_type != "scan":
            self._store.append_log(job_id, opening_lines(work))
        return True
