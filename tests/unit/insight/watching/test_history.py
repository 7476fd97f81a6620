"""The file that outlives a restart, and what becomes of one that cannot be used."""

import sqlite3
import stat
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import Mock

import pytest

from vpo_monitor.insight.watching.changes import Change, Kind
from vpo_monitor.insight.watching.facts import Counts, Percent, Watched
from vpo_monitor.insight.watching.history import History
from vpo_monitor.insight.watching.job_record import JobRecord

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
URL = "http://127.0.0.1:1"


def facts(number: int = 0, at: datetime = NOW) -> Watched:
    """One of everything."""
    job = JobRecord(
        f"job {number}",
        job_type="process",
        status="failed",
        file_path="/srv/ü '; DROP TABLE jobs; --",
        progress_percent=40.5,
        created_at=at - timedelta(minutes=5),
        started_at=at - timedelta(minutes=4),
        completed_at=at,
        policy_name="p",
        priority=100,
        error="No space",
        size_bytes=2**40,
        has_detail=True,
    )
    return Watched(
        jobs=[job],
        percents=[Percent(at, job.id, 12.5)],
        changes=[Change(at, Kind.FAILED, job.id, "process", job.file_path)],
        counts=[Counts(at, 1, 2, 3, None)],
        spans=[(at - timedelta(hours=1), at)],
    )


class Files:
    """Histories of one file, opened one after another as a restarted app would."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.now = NOW
        self.opened: list[History] = []

    def open(self, server: str = URL, *, days: float = 30, most_jobs: int = 1000) -> History:
        history = History(
            self.path, server, days=days, most_jobs=most_jobs, utcnow=lambda: self.now
        )
        self.opened.append(history)
        return history


@pytest.fixture
def files(tmp_path: Path) -> Iterator[Files]:
    made = Files(tmp_path / "state" / "history.sqlite3")
    yield made
    for history in made.opened:
        history.close()


def test_everything_comes_back_after_a_restart(files: Files) -> None:
    first = files.open()
    assert first.load() == Watched()
    first.add(facts())
    first.close()
    assert files.open().load() == facts()


def test_one_servers_history_is_not_anothers(files: Files) -> None:
    first = files.open()
    first.load()
    first.add(facts())
    assert files.open("http://127.0.0.1:2").load() == Watched()


def test_what_vanished_is_forgotten_and_what_changed_is_replaced(files: Files) -> None:
    history = files.open()
    history.load()
    history.add(facts(1))
    history.add(Watched(jobs=[JobRecord("job 1", status="queued")]))
    history.add(facts(2))
    history.add(Watched(vanished=["job 2"]))
    assert files.open().load().jobs == [JobRecord("job 1", status="queued")]


def test_it_is_bounded_by_age(files: Files) -> None:
    history = files.open(days=2)
    history.load()
    history.add(facts())
    files.now = NOW + timedelta(days=3)
    history.prune()
    assert files.open().load() == Watched()


def test_it_is_bounded_by_rows(files: Files) -> None:
    history = files.open(most_jobs=100)
    history.load()
    for number in range(150):
        files.now = NOW + timedelta(seconds=number)
        history.add(facts(number, files.now))
    history.prune()
    kept = files.open().load()
    assert [job.id for job in kept.jobs] == [f"job {number}" for number in range(50, 150)]


def test_a_busy_server_pushes_out_nothing_of_a_quiet_one(files: Files) -> None:
    quiet, busy = (files.open(server, most_jobs=100) for server in ("http://quiet", "http://busy"))
    for history in (quiet, busy):
        history.load()
    quiet.add(facts())
    for number in range(600):
        files.now = NOW + timedelta(seconds=number)
        busy.add(facts(number, files.now))
    for history in (busy, quiet):
        history.prune()
    assert files.open("http://quiet", most_jobs=100).load() == facts()
    kept = files.open("http://busy", most_jobs=100).load()
    assert [job.id for job in kept.jobs] == [f"job {number}" for number in range(500, 600)]
    assert len(kept.changes) == len(kept.counts) == 500


def test_what_was_kept_of_a_server_that_is_watched_no_more_goes_with_its_age(files: Files) -> None:
    former = files.open("http://former", days=30)
    former.load()
    former.add(facts())
    former.close()
    files.now = NOW + timedelta(days=31)
    files.open("http://other", days=30).load()
    files.now = NOW
    assert files.open("http://former", days=30).load() == Watched()


@pytest.mark.parametrize("damage", [b"", bytes(100), b"SQLite format 3\0"])
def test_a_damaged_file_is_set_aside_and_said(files: Files, damage: bytes) -> None:
    first = files.open()
    first.load()
    first.add(facts())
    first.close()
    whole = files.path.read_bytes()
    files.path.write_bytes(damage + whole[len(damage) : 5000] + b"\xff" * (len(whole) - 5000))
    second = files.open()
    assert second.load() == Watched()
    assert second.problem is not None
    assert "renamed to history.sqlite3.damaged-20261124-120000" in second.problem
    second.add(facts())
    assert files.open().load() == facts()
    assert len(list(files.path.parent.glob("*.damaged-*"))) == 1


def test_another_programs_file_is_left_alone(files: Files) -> None:
    files.path.parent.mkdir()
    with sqlite3.connect(files.path) as database:
        database.execute("CREATE TABLE precious (value)")
    database.close()
    before = files.path.read_bytes()
    history = files.open()
    assert history.load() == Watched()
    assert "another program's" in str(history.problem)
    history.add(facts())
    assert files.path.read_bytes() == before


def test_a_file_that_is_no_database_is_left_alone(files: Files) -> None:
    files.path.parent.mkdir()
    files.path.write_text("notes: mine\n")
    history = files.open()
    assert history.load() == Watched()
    assert "another program's" in str(history.problem)
    assert [file.name for file in files.path.parent.iterdir()] == ["history.sqlite3"]


def test_damage_that_shows_later_is_set_aside_too_and_what_follows_is_kept(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    history = files.open()
    history.load()
    history.add(facts(1))
    with monkeypatch.context() as patched:
        damage = sqlite3.DatabaseError("malformed")
        damage.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        patched.setattr(history, "_write", Mock(side_effect=damage))
        history.add(facts(2))
    assert "was damaged" in str(history.problem)
    history.add(facts(3))
    assert [job.id for job in files.open().load().jobs] == ["job 3"]


def test_what_an_answer_says_is_never_taken_for_damage(files: Files) -> None:
    history = files.open()
    history.load()
    history.add(facts(1))
    last = datetime.max.replace(tzinfo=UTC)
    history.add(Watched(counts=[Counts(NOW, 10**30, None, None, None)]))
    history.add(Watched(jobs=[JobRecord("end of time", completed_at=last)]))
    assert history.problem is None
    kept = files.open().load()
    assert [job.id for job in kept.jobs] == ["job 1"]
    assert [counts.running for counts in kept.counts] == [1, None]


def test_two_apps_may_begin_the_same_history_at_once(files: Files) -> None:
    together = threading.Barrier(4)

    def begin(history: History) -> None:
        together.wait(20)
        history.load()

    apps = [files.open() for _ in range(4)]
    threads = [threading.Thread(target=begin, args=(app,)) for app in apps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [app.problem for app in apps] == [None] * 4


def test_percents_of_an_earlier_life_are_forgotten(files: Files) -> None:
    history = files.open()
    history.load()
    history.add(facts(1))
    history.add(Watched(begun_anew=["job 1"]))
    assert files.open().load().percents == []


def test_a_place_that_cannot_be_written_is_said_and_not_fatal(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    history = History(tmp_path / "file" / "history", URL, days=30, most_jobs=100)
    assert history.load() == Watched()
    history.add(facts())
    history.prune()
    assert "being saved: " in str(history.problem)
    assert str(tmp_path) not in str(history.problem)


def test_off_keeps_nothing(tmp_path: Path) -> None:
    history = History(None, URL, days=30, most_jobs=100)
    assert history.load() == Watched()
    history.add(facts())
    assert history.problem is None
    assert not list(tmp_path.iterdir())


def test_a_number_beyond_64_bits_costs_that_number_only(files: Files) -> None:
    history = files.open()
    history.load()
    history.add(Watched(jobs=[JobRecord("a", priority=2**70, size_bytes=5)]))
    assert history.problem is None
    assert files.open().load().jobs == [JobRecord("a", size_bytes=5)]


def test_a_file_that_another_program_holds_costs_what_comes_meanwhile_and_is_said_once(
    files: Files, caplog: pytest.LogCaptureFixture
) -> None:
    history = files.open()
    history.load()
    assert history._database is not None
    history._database.execute("PRAGMA busy_timeout = 0")
    other = sqlite3.connect(files.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    history.add(facts(1))
    history.add(facts(2))
    other.execute("ROLLBACK")
    other.close()
    assert caplog.text.count("locked by another program") == 1
    assert history.problem is None
    history.add(facts(3))
    assert [job.id for job in files.open().load().jobs] == ["job 3"]


def test_nobody_else_may_read_it(files: Files) -> None:
    files.open().load()
    assert stat.S_IMODE(files.path.stat().st_mode) == 0o600


VERSION_1 = """
CREATE TABLE jobs (server TEXT, seen_at REAL, id, job_type, status, file_path, progress_percent,
    created_at, started_at, completed_at, policy_name, priority, error, size_bytes, has_detail,
    PRIMARY KEY (server, id));
CREATE TABLE percents (server TEXT, at REAL, job_id TEXT, percent REAL);
CREATE TABLE changes (server TEXT, at REAL, kind TEXT, job_id TEXT, job_type TEXT, file_path TEXT,
    PRIMARY KEY (server, at, kind, job_id));
CREATE TABLE counts (server TEXT, at REAL, running, queued, failed, workers);
CREATE TABLE watched (server TEXT, at REAL, until REAL, PRIMARY KEY (server, at));
PRAGMA user_version = 1;
PRAGMA application_id = 1448103757;

INSERT INTO jobs VALUES ('http://127.0.0.1:1', 1795521600.0, 'job 0', 'process', 'failed',
    '/srv/ü ''; DROP TABLE jobs; --', 40.5, 1795521300.0, 1795521360.0, 1795521600.0, 'p', 100,
    'No space', 1099511627776, 1);
INSERT INTO percents VALUES ('http://127.0.0.1:1', 1795521600.0, 'job 0', 12.5);
INSERT INTO changes VALUES ('http://127.0.0.1:1', 1795521600.0, 'failed', 'job 0', 'process',
    '/srv/ü ''; DROP TABLE jobs; --');
INSERT INTO counts VALUES ('http://127.0.0.1:1', 1795521600.0, 1, 2, 3, NULL);
INSERT INTO watched VALUES ('http://127.0.0.1:1', 1795518000.0, 1795521600.0);
"""
"""What the first version of the schema left on disk. It must stay readable, so never edit it."""


@pytest.fixture
def version_1(files: Files) -> Path:
    files.path.parent.mkdir()
    with sqlite3.connect(files.path) as database:
        database.executescript(VERSION_1)
    database.close()
    return files.path


def test_a_history_of_version_1_is_read_and_continued(files: Files, version_1: Path) -> None:
    history = files.open()
    assert history.load() == facts()
    assert history.problem is None
    history.add(facts(1))
    history.close()
    assert [job.id for job in files.open().load().jobs] == ["job 0", "job 1"]
    assert not list(version_1.parent.glob("*.damaged-*"))


@pytest.mark.xfail(
    strict=True,
    reason="A history of another version is set aside as damaged, until the history is rebuilt",
)
def test_an_upgrade_to_the_next_version_loses_nothing(
    files: Files, version_1: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vpo_monitor.insight.watching.history._VERSION", 2)
    history = files.open()
    assert history.load() == facts()
    assert history.problem is None
    assert not list(version_1.parent.glob("*.damaged-*"))
