"""Viewers of one answer share its table, and get no other."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest

from vpo_monitor.analysis.frames import jobs_frame
from vpo_monitor.api.models import Job
from vpo_monitor.views import jobs_table_cache
from vpo_monitor.views.jobs_table_cache import cached_jobs_table

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def jobs(name: str) -> tuple[Job, ...]:
    return (Job(id=name, status="running", file_path=f"/srv/{name}.mkv", created_at=NOW),)


def test_viewers_of_one_answer_get_one_table() -> None:
    rows = jobs("a")
    one = cached_jobs_table(rows, NOW, None)
    for apart in (timedelta(milliseconds=300), -timedelta(milliseconds=300)):
        assert cached_jobs_table(rows, NOW + apart, None) is one


def test_viewers_who_come_at_once_have_one_made(monkeypatch: pytest.MonkeyPatch) -> None:
    rows, viewers = jobs("a"), 4
    there, made = Barrier(viewers), list[str]()

    def count(*of: Any) -> Any:
        made.append("one")
        return jobs_frame(*of)

    def view(_viewer: int) -> object:
        there.wait()
        return cached_jobs_table(rows, NOW, None)

    monkeypatch.setattr(jobs_table_cache, "jobs_frame", count)
    with ThreadPoolExecutor(viewers) as at_once:
        tables = list(at_once.map(view, range(viewers)))
    assert made == ["one"]
    assert all(table is tables[0] for table in tables)


def test_another_answer_moment_or_mark_has_a_table_of_its_own() -> None:
    rows = jobs("a")
    one = cached_jobs_table(rows, NOW, None)
    later = cached_jobs_table(rows, NOW + timedelta(seconds=7), None)
    assert later["since_creation"].to_pylist() == [timedelta(seconds=7)]
    assert one["since_creation"].to_pylist() == [timedelta()]
    assert cached_jobs_table(rows, NOW, "a")["opened"].to_pylist() == ["➤"]
    assert cached_jobs_table(jobs("b"), NOW, None)["file"].to_pylist() == ["b.mkv"]


def test_an_answer_that_is_gone_is_not_taken_for_the_next() -> None:
    for number in range(200):  # each may get the identity of one that is no more
        table = cached_jobs_table(jobs(str(number)), NOW, None)
        assert table["file"].to_pylist() == [f"{number}.mkv"]
    assert len(jobs_table_cache._made) == jobs_table_cache._MAX_TABLES
