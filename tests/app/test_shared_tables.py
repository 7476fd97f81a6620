"""Viewers of one answer share its table, and get no other."""

from datetime import UTC, datetime, timedelta

from vpo_monitor.api.models import Job
from vpo_monitor.views import shared_tables
from vpo_monitor.views.shared_tables import jobs_table_of

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def jobs(name: str) -> tuple[Job, ...]:
    return (Job(id=name, status="running", file_path=f"/srv/{name}.mkv", created_at=NOW),)


def test_viewers_of_one_answer_get_one_table() -> None:
    rows = jobs("a")
    one = jobs_table_of(rows, NOW, None)
    assert jobs_table_of(rows, NOW + timedelta(microseconds=300), None) is one


def test_another_answer_moment_or_mark_has_a_table_of_its_own() -> None:
    rows = jobs("a")
    one = jobs_table_of(rows, NOW, None)
    later = jobs_table_of(rows, NOW + timedelta(seconds=7), None)
    assert later["since_creation"].to_pylist() == ["7 s so far"]
    assert one["since_creation"].to_pylist() == ["0 s so far"]
    assert jobs_table_of(rows, NOW, "a")["opened"].to_pylist() == ["➤"]
    assert jobs_table_of(jobs("b"), NOW, None)["file"].to_pylist() == ["b.mkv"]


def test_an_answer_that_is_gone_is_not_taken_for_the_next() -> None:
    for number in range(200):  # each may get the identity of one that is no more
        table = jobs_table_of(jobs(str(number)), NOW, None)
        assert table["file"].to_pylist() == [f"{number}.mkv"]
    assert len(shared_tables._made) == shared_tables._MOST
