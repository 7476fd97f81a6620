"""A view that is not answered yet shows what earlier answers tell of it."""

from datetime import UTC, datetime, timedelta

from vpo_monitor.analysis.job_filter import PAGE_SIZE, JobFilter
from vpo_monitor.analysis.known_jobs import known_jobs, known_page
from vpo_monitor.api.models import Job, JobPage

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def job(number: int, **fields: object) -> Job:
    made = {"created_at": NOW - timedelta(hours=number), "file_path": f"/srv/{number}.mkv"}
    return Job.model_validate({"id": str(number), "status": "failed", **made, **fields})


def page(*jobs: Job) -> JobPage:
    return JobPage(rows=jobs, total=len(jobs))


def shown(*jobs: Job, **view: object) -> list[str]:
    known = known_jobs([(page(*jobs), 1.0)]).values()
    return [one.job.id for one in known_page(known, JobFilter(**view), NOW)]  # type: ignore[arg-type]


def test_of_two_answers_the_newer_one_counts() -> None:
    new, old = job(1, status="completed"), job(1, status="running")
    known = known_jobs([(page(new), 9.0), (page(old, job(2)), 3.0)])
    assert known["1"].job.status == "completed"
    assert {name: one.fetched_at for name, one in known.items()} == {"1": 9.0, "2": 3.0}


def test_the_number_of_jobs_that_the_history_asked_for_is_no_list() -> None:
    assert list(known_jobs([(1234, 9.0), (page(job(1)), 3.0)])) == ["1"]


def test_each_filter_leaves_out_what_the_server_would() -> None:
    jobs = (job(1), job(30, status="running"), job(200, job_type="scan", file_path="/b/Film.mkv"))
    assert shown(*jobs) == ["1", "30", "200"]
    assert shown(*jobs, status="running") == ["30"]
    assert shown(*jobs, type="scan") == ["200"]
    assert shown(*jobs, search="film") == ["200"]
    assert shown(*jobs, since="24h") == ["1"]
    assert shown(*jobs, since="7d") == ["1", "30"]
    assert shown(job(1, created_at=None), since="24h") == []


def test_order_and_page_are_the_view_s_and_unknown_values_come_last() -> None:
    jobs = [job(n, duration_seconds=n) for n in range(PAGE_SIZE + 3)]
    assert shown(*jobs, page=2) == [str(PAGE_SIZE + n) for n in range(3)]
    nothing = job(500, duration_seconds=None)
    for order, expected in (("asc", ["0", "1", "500"]), ("desc", ["1", "0", "500"])):
        assert shown(nothing, *jobs[:2], sort="duration", order=order) == expected
