"""The past of the demo: jobs of every type and status over the last 30 days."""

from datetime import datetime, timedelta
from random import Random

from .job_log_lines import closing_lines, opening_lines
from .job_results import JobResult, Work, decide, record
from .sample_media import POLICIES, media_file, work_seconds
from .store import Store

JOB_TYPES = ("process", "transcode", "scan", "move", "apply", "prune")
_WEIGHTS = (40, 25, 12, 10, 8, 5)
_DAYS = 30


def choose_type(random: Random) -> str:
    """A job type, the common ones more often."""
    return random.choices(JOB_TYPES, _WEIGHTS)[0]


def seed(store: Store, count: int, now: datetime, random: Random) -> None:
    """Write `count` ended jobs: most completed, some failed or cancelled."""
    with store.transaction():
        for _ in range(count):
            _add_past_job(store, now, random)


def _add_past_job(store: Store, now: datetime, random: Random) -> None:
    created = now - timedelta(days=_DAYS) * random.random() ** 2 - timedelta(hours=1)
    job_type, policy, media = choose_type(random), random.choice(POLICIES), media_file(random)
    started = created + timedelta(seconds=random.expovariate(1 / 5))
    ended = min(started + timedelta(seconds=work_seconds(media, random)), now)
    job_id = store.add_job(
        job_type=job_type,
        status="running",
        priority=random.choice((100, 100, 100, 50, 1)),
        file_path="/srv/media" if job_type == "scan" else media.path,
        policy_name=None if job_type == "scan" else policy,
        created_at=created,
        started_at=started,
    )
    work = Work(job_id, job_type, policy, media, started)
    chance = random.random()
    cancelled = chance < 0.05
    result = JobResult("cancelled") if cancelled else decide(work, random, fails=chance < 0.15)
    if job_type != "scan":
        store.append_log(job_id, opening_lines(work) + closing_lines(work, result, ended))
    record(store, work, result, ended)
