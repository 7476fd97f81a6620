"""The file that outlives a restart, and what becomes of one that cannot be used."""

import contextlib
import os
import sqlite3
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from vpo_monitor.api.models import Health, JobDetail
from vpo_monitor.history import schema
from vpo_monitor.history import store as store_module
from vpo_monitor.history.job_tracker import JobTracker
from vpo_monitor.history.records import Change, Counts, JobRecord, Kind, QueueTimes
from vpo_monitor.history.store import Store
from vpo_monitor.polling import queries

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
URL = "http://127.0.0.1:1"


def see(tracker: JobTracker, number: int, **fields: Any) -> None:
    """Ingest the detail of a job that has just failed."""
    known: dict[str, Any] = {"status": "failed", "error_message": "No space"}
    known |= {"completed_at": tracker.now(), "id": f"job {number}"} | fields
    tracker.ingest(queries.job(known["id"]), JobDetail(**known), 0.0, 0.0)


def ids(tracker: JobTracker) -> list[str]:
    return sorted(record.id for record in tracker.records())


class Files:
    """Trackers over one file, opened one after another as a restarted app would."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.now = NOW
        self.stores: list[Store] = []

    def store(self) -> Store:
        self.stores.append(Store(self.path, utcnow=lambda: self.now))
        return self.stores[-1]

    def open(
        self, server: str = URL, *, most_jobs: int = 1000, store: Store | None = None
    ) -> JobTracker:
        store = store or self.store()
        return JobTracker(store, server, most_jobs=most_jobs, utcnow=lambda: self.now)

    def reopened(self, server: str = URL, *, most_jobs: int = 5000) -> JobTracker:
        self.close()
        return self.open(server, most_jobs=most_jobs)

    def retry(self) -> None:
        """Let so much time pass that the file is tried again."""
        self.now += timedelta(seconds=31)

    def close(self) -> None:
        for store in self.stores:
            store.close()
        self.stores.clear()


@pytest.fixture
def files(tmp_path: Path) -> Iterator[Files]:
    made = Files(tmp_path / "state" / "history.sqlite3")
    yield made
    made.close()


def test_one_servers_jobs_are_not_anothers(files: Files) -> None:
    store = files.store()
    trackers = [files.open(server, store=store) for server in ("http://a", "http://b")]
    see(trackers[0], 1)
    see(trackers[1], 2)
    assert [ids(tracker) for tracker in trackers] == [["job 1"], ["job 2"]]
    assert ids(files.reopened("http://a")) == ["job 1"]
    assert ids(files.reopened("http://b")) == ["job 2"]


def test_what_was_kept_of_a_server_that_is_watched_no_more_goes_with_its_age(files: Files) -> None:
    see(files.open("http://former"), 1)
    files.now = NOW + timedelta(days=31)
    files.reopened("http://other")
    files.now = NOW
    assert ids(files.reopened("http://former")) == []


def test_a_busy_server_pushes_out_nothing_of_a_quiet_one(files: Files) -> None:
    store = files.store()
    quiet, busy = (
        files.open(server, most_jobs=100, store=store) for server in ("http://quiet", "http://busy")
    )
    see(quiet, 1)
    for number in range(300):
        files.now = NOW + timedelta(seconds=number)
        see(busy, number)
    assert ids(quiet) == ["job 1"]
    assert 95 <= len(ids(busy)) <= 100
    assert f"job {299}" in ids(busy)


def test_a_reader_does_not_wait_for_a_writer(files: Files) -> None:
    tracker = files.open()
    see(tracker, 1)
    while_writing: list[str] = []

    def write(database: sqlite3.Connection) -> None:
        database.execute("DELETE FROM jobs")
        while_writing.extend(ids(tracker))

    tracker.store.write(write)
    assert while_writing == ["job 1"]
    assert ids(tracker) == []


@pytest.mark.parametrize("damage", [b"", bytes(100), b"SQLite format 3\0"])
def test_a_damaged_file_is_set_aside_and_said(files: Files, damage: bytes) -> None:
    see(files.open(), 1)
    files.close()
    whole = files.path.read_bytes()
    files.path.write_bytes(damage + whole[len(damage) : 5000] + b"\xff" * (len(whole) - 5000))
    second = files.open()
    assert ids(second) == []
    assert second.store.problem is not None
    assert "renamed to history.sqlite3.damaged-20261124-120000" in second.store.problem
    see(second, 2)
    assert ids(files.reopened()) == ["job 2"]
    assert len(list(files.path.parent.glob("*.damaged-*"))) == 1


def failing(code: int) -> Callable[[sqlite3.Connection], None]:
    def work(_database: sqlite3.Connection) -> None:
        error = sqlite3.DatabaseError("failed")
        error.sqlite_errorcode = code
        raise error

    return work


def test_damage_that_shows_later_is_set_aside_too_and_what_follows_is_kept(files: Files) -> None:
    tracker = files.open()
    see(tracker, 1)
    with pytest.raises(sqlite3.DatabaseError):  # also for the new file
        tracker.store.write(failing(sqlite3.SQLITE_CORRUPT))
    assert "was damaged" in str(tracker.store.problem)
    see(tracker, 2)
    assert ids(files.reopened()) == ["job 2"]
    (aside,) = files.path.parent.glob("*.damaged-*")
    assert aside.name == "history.sqlite3.damaged-20261124-120000"


def test_damage_that_a_reader_finds_is_set_aside_too(files: Files) -> None:
    tracker = files.open()
    for number in range(200):
        see(tracker, number, error_message="x" * 400)
    tracker = files.reopened()
    with files.path.open("r+b") as file:
        file.seek(4 * 4096)
        file.write(b"\xff" * (files.path.stat().st_size - 4 * 4096))
    assert ids(tracker) == []
    assert "was damaged" in str(tracker.store.problem)
    see(tracker, 1)
    assert ids(files.reopened()) == ["job 1"]


def test_another_programs_file_is_left_alone(files: Files) -> None:
    files.path.parent.mkdir()
    with sqlite3.connect(files.path) as database:
        database.execute("CREATE TABLE precious (value)")
    database.close()
    before = files.path.read_bytes()
    tracker = files.open()
    assert "another program's" in str(tracker.store.problem)
    see(tracker, 1)
    assert ids(tracker) == ["job 1"]
    files.close()
    assert files.path.read_bytes() == before


def test_a_file_that_is_no_database_is_left_alone(files: Files) -> None:
    files.path.parent.mkdir()
    files.path.write_text("notes: mine\n")
    assert "another program's" in str(files.open().store.problem)
    assert [file.name for file in files.path.parent.iterdir()] == ["history.sqlite3"]


def test_what_an_answer_says_is_never_taken_for_damage(files: Files) -> None:
    tracker = files.open()
    see(tracker, 1)
    tracker.ingest(queries.health(), Health(status="healthy", jobs_running=10**30), 0.0, 0.0)
    see(tracker, 2, completed_at=datetime.max.replace(tzinfo=UTC), priority=2**70)
    assert tracker.store.problem is None
    again = files.reopened()
    assert set(ids(again)) == {"job 1", "job 2"}
    record = again.record("job 2")
    assert record is not None
    assert (record.priority, record.error) == (None, "No space")
    assert [counts.running for counts in again.counts()] == [None]


def test_a_place_that_cannot_be_written_is_said_and_not_fatal(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    store = Store(tmp_path / "file" / "history")
    tracker = JobTracker(store, URL, most_jobs=100)
    see(tracker, 1)
    assert ids(tracker) == ["job 1"]
    assert "being saved: " in str(store.problem)
    assert str(tmp_path) not in str(store.problem)
    store.close()


@pytest.fixture
def public_path() -> Iterator[Path]:
    """A file's path in a folder that any user may enter."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        yield Path(folder) / "history.sqlite3"
        Path(folder).chmod(0o777)


@contextlib.contextmanager
def ordinary_user() -> Iterator[None]:
    """Root could write everywhere."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(user)


@contextlib.contextmanager
def as_owner() -> Iterator[None]:
    """The folder's owner, within `ordinary_user`."""
    user = os.geteuid()
    os.seteuid(os.getuid())
    try:
        yield
    finally:
        os.seteuid(user)


@pytest.mark.parametrize("kept", [[], ["job 1"]], ids=["no file", "a file"])
def test_a_read_only_folder_is_said_until_it_can_be_written(
    public_path: Path, kept: list[str]
) -> None:
    files = Files(public_path)
    with ordinary_user():
        if kept:
            see(files.open(), 1)
            files.close()
        with as_owner():
            public_path.parent.chmod(0o555)
        tracker = files.open()
        see(tracker, 2)
        assert str(tracker.store.problem).startswith("History isn't being saved: ")
        assert "permissions of the file and its folder" in str(tracker.store.problem)
        with as_owner():
            public_path.parent.chmod(0o777)
        see(tracker, 3)  # too early to try again
        assert tracker.store.problem is not None
        files.retry()
        see(tracker, 4)
        assert tracker.store.problem is None
        assert set(ids(tracker)) == {*kept, "job 2", "job 3", "job 4"}
        assert set(ids(files.reopened())) == {*kept, "job 2", "job 3", "job 4"}
        files.close()


ANOTHER_APP = """
import sys
from pathlib import Path
from vpo_monitor.api.models import JobDetail
from vpo_monitor.history.job_tracker import JobTracker
from vpo_monitor.history.store import Store
from vpo_monitor.polling import queries

store = Store(Path(sys.argv[1]))
tracker = JobTracker(store, "http://127.0.0.1:1", most_jobs=1000)

def see(job_id, error=None):
    job = JobDetail(id=job_id, status="failed", error_message=error)
    tracker.ingest(queries.job(job_id), job, 0.0, 0.0)
"""


def another_process(path: Path, *lines: str) -> subprocess.Popen[str]:
    """Another app with a history of this file."""
    return subprocess.Popen(
        [sys.executable, "-c", "\n".join((ANOTHER_APP, *lines)), str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def in_another_process(path: Path, *lines: str) -> str:
    """What it prints."""
    with another_process(path, *lines) as app:
        return app.communicate(timeout=60)[0].strip()


def test_two_apps_on_one_file_are_said_and_the_second_waits(files: Files) -> None:
    with another_process(files.path, "see('first'); print('begun', flush=True); input()") as app:
        assert app.stdout is not None
        app.stdout.readline()
        second = files.open()
        assert ids(second) == ["first"]
        assert "another app uses the same file" in str(second.store.problem)
        see(second, 1)
        assert set(ids(second)) == {"first", "job 1"}
        app.communicate("\n", timeout=60)
    files.retry()
    see(second, 2)
    assert second.store.problem is None
    assert set(ids(files.reopened())) == {"first", "job 1", "job 2"}


def test_two_apps_may_begin_the_same_history_at_once(files: Files) -> None:
    files.path.parent.mkdir()
    wait = "print(store.problem, flush=True); input()"
    apps = [another_process(files.path, wait) for _ in range(2)]
    said = {app.stdout.readline().strip() for app in apps if app.stdout is not None}
    for app in apps:
        with app:
            app.communicate("\n", timeout=60)
    assert said == {"None", store_module._IN_USE}


def test_off_keeps_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    tracker = JobTracker(Store(None), URL, most_jobs=100)
    see(tracker, 1)
    assert ids(tracker) == ["job 1"]
    assert tracker.store.problem is None
    assert not list(tmp_path.iterdir())


def test_a_file_that_another_program_holds_is_said_once_and_nothing_is_lost(
    files: Files, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "_BUSY_SECONDS", 0.0)
    tracker = files.open()
    see(tracker, 0)
    other = sqlite3.connect(files.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    see(tracker, 1)
    files.retry()
    see(tracker, 2)
    assert ids(tracker) == ["job 0", "job 1", "job 2"]
    assert "another program has locked the file" in str(tracker.store.problem)
    other.execute("ROLLBACK")
    other.close()
    assert caplog.text.count("another program has locked the file") == 1
    files.retry()
    see(tracker, 3)
    assert tracker.store.problem is None
    assert ids(files.reopened()) == ["job 0", "job 1", "job 2", "job 3"]


def test_a_file_is_read_while_another_program_writes_to_it(files: Files) -> None:
    see(files.open(), 1)
    files.close()
    other = sqlite3.connect(files.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    tracker = files.open()
    assert ids(tracker) == ["job 1"]
    assert "another program has locked the file" in str(tracker.store.problem)
    other.execute("ROLLBACK")
    other.close()


def test_what_waits_when_the_app_stops_is_saved(files: Files) -> None:
    tracker = files.open()
    other = sqlite3.connect(files.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    see(tracker, 1)
    other.execute("ROLLBACK")
    other.close()
    assert ids(files.reopened()) == ["job 1"]


def test_a_full_disk_is_said_and_nothing_is_lost_once_it_has_space(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    connected = store_module._connected
    most_pages = 30

    def limited(path: Path) -> sqlite3.Connection:
        database = connected(path)
        database.execute(f"PRAGMA max_page_count = {most_pages}")
        return database

    monkeypatch.setattr(store_module, "_connected", limited)
    tracker = files.open()
    for number in range(200):
        see(tracker, number, error_message="x" * 500)
    assert tracker.store.problem == (
        "History isn't being saved: the disk is full. Free some space, and saving resumes."
    )
    assert len(ids(tracker)) == 200
    files.retry()
    see(tracker, 200)
    assert tracker.store.problem is not None
    most_pages = 10_000
    files.retry()
    see(tracker, 201)
    assert tracker.store.problem is None
    assert len(ids(files.reopened())) == 202


def test_a_file_that_the_system_lets_grow_no_further_is_said_and_not_fatal(files: Files) -> None:
    said = in_another_process(
        files.path,
        "import resource, signal",
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)",
        "resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, -1))",
        "for number in range(500): see(str(number), 'x' * 5000)",
        "print(len(tracker.records()), store.problem)",
    )
    assert said.startswith("500 History isn't being saved: ")
    assert ids(files.open())  # what was saved before


def test_the_file_stops_growing(files: Files) -> None:
    tracker = files.open(most_jobs=100)
    sizes = []
    for number in range(2000):
        files.now += timedelta(seconds=5)
        see(tracker, number)
        if number % 500 == 499:
            sizes += tracker.store.read("PRAGMA page_count")
    assert sizes[3] <= sizes[1]
    assert Path(f"{files.path}-wal").stat().st_size < 8 * 2**20


def test_nobody_else_may_read_it(files: Files) -> None:
    files.open()
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


VERSION_2 = """
CREATE TABLE jobs (server TEXT, seen_at REAL, id, job_type, status, file_path, progress_percent,
    created_at, started_at, completed_at, policy_name, priority, error, size_bytes, has_detail,
    is_missing INTEGER NOT NULL DEFAULT 0, is_detail_refused INTEGER NOT NULL DEFAULT 0,
    run_seconds REAL AS (max(0.0, completed_at - started_at)) VIRTUAL, PRIMARY KEY (server, id));
CREATE TABLE percents (server TEXT, at REAL, job_id TEXT, percent REAL);
CREATE TABLE changes (server TEXT, at REAL, kind TEXT, job_id TEXT, job_type TEXT, file_path TEXT,
    PRIMARY KEY (server, at, kind, job_id));
CREATE TABLE counts (server TEXT, at REAL, running, queued, failed, workers);
CREATE TABLE watched (server TEXT, at REAL, until REAL, PRIMARY KEY (server, at));
CREATE INDEX jobs_by_status ON jobs (server, status, completed_at);
CREATE INDEX run_times_of_policy ON jobs (server, job_type, policy_name, completed_at)
    WHERE status = 'completed' AND run_seconds IS NOT NULL;
CREATE INDEX run_times_of_type ON jobs (server, job_type, run_seconds, completed_at)
    WHERE status = 'completed' AND run_seconds IS NOT NULL;
CREATE INDEX missing_jobs ON jobs (server) WHERE is_missing;
CREATE INDEX jobs_without_detail ON jobs (server)
    WHERE NOT has_detail AND NOT is_detail_refused;
CREATE INDEX percents_of_job ON percents (server, job_id);
PRAGMA user_version = 2;
PRAGMA application_id = 1448103757;

INSERT INTO jobs VALUES ('http://127.0.0.1:1', 1795521600.0, 'job 0', 'process', 'failed',
    '/srv/ü ''; DROP TABLE jobs; --', 40.5, 1795521300.0, 1795521360.0, 1795521600.0, 'p', 100,
    'No space', 1099511627776, 1, 0, 0);
INSERT INTO percents VALUES ('http://127.0.0.1:1', 1795521600.0, 'job 0', 12.5);
INSERT INTO changes VALUES ('http://127.0.0.1:1', 1795521600.0, 'failed', 'job 0', 'process',
    '/srv/ü ''; DROP TABLE jobs; --');
INSERT INTO counts VALUES ('http://127.0.0.1:1', 1795521600.0, 1, 2, 3, NULL);
INSERT INTO watched VALUES ('http://127.0.0.1:1', 1795518000.0, 1795521600.0);
"""


VERSION_3 = """
CREATE TABLE jobs (server TEXT, seen_at REAL, id, job_type, status, file_path, progress_percent,
    created_at, started_at, completed_at, policy_name, priority, error, size_bytes, has_detail,
    is_missing INTEGER NOT NULL DEFAULT 0, is_detail_refused INTEGER NOT NULL DEFAULT 0,
    run_seconds REAL AS (max(0.0, completed_at - started_at)) VIRTUAL, summary, stats_id, result,
    PRIMARY KEY (server, id));
CREATE TABLE percents (server TEXT, at REAL, job_id TEXT, percent REAL);
CREATE TABLE changes (server TEXT, at REAL, kind TEXT, job_id TEXT, job_type TEXT, file_path TEXT,
    PRIMARY KEY (server, at, kind, job_id));
CREATE TABLE counts (server TEXT, at REAL, running, queued, failed, workers);
CREATE TABLE watched (server TEXT, at REAL, until REAL, PRIMARY KEY (server, at));
CREATE TABLE reports (server TEXT, seen_at REAL, stats_id TEXT, report TEXT,
    PRIMARY KEY (server, stats_id));
CREATE INDEX jobs_by_status ON jobs (server, status, completed_at);
CREATE INDEX run_times_of_policy ON jobs (server, job_type, policy_name, completed_at)
    WHERE status = 'completed' AND run_seconds IS NOT NULL;
CREATE INDEX run_times_of_type ON jobs (server, job_type, run_seconds, completed_at)
    WHERE status = 'completed' AND run_seconds IS NOT NULL;
CREATE INDEX missing_jobs ON jobs (server) WHERE is_missing;
CREATE INDEX jobs_without_detail ON jobs (server)
    WHERE NOT has_detail AND NOT is_detail_refused;
CREATE INDEX percents_of_job ON percents (server, job_id);
CREATE INDEX jobs_without_result ON jobs (server) WHERE stats_id > '' AND result IS NULL;
CREATE INDEX jobs_by_report ON jobs (server, stats_id) WHERE stats_id > '';
PRAGMA user_version = 3;
PRAGMA application_id = 1448103757;

INSERT INTO jobs VALUES ('http://127.0.0.1:1', 1795521600.0, 'job 0', 'process', 'failed',
    '/srv/ü ''; DROP TABLE jobs; --', 40.5, 1795521300.0, 1795521360.0, 1795521600.0, 'p', 100,
    'No space', 1099511627776, 1, 0, 0, NULL, NULL, NULL);
INSERT INTO percents VALUES ('http://127.0.0.1:1', 1795521600.0, 'job 0', 12.5);
INSERT INTO changes VALUES ('http://127.0.0.1:1', 1795521600.0, 'failed', 'job 0', 'process',
    '/srv/ü ''; DROP TABLE jobs; --');
INSERT INTO counts VALUES ('http://127.0.0.1:1', 1795521600.0, 1, 2, 3, NULL);
INSERT INTO watched VALUES ('http://127.0.0.1:1', 1795518000.0, 1795521600.0);
"""


VERSION_4 = """
CREATE TABLE jobs (server TEXT, seen_at REAL, id, job_type, status, file_path, progress_percent,
    created_at, started_at, completed_at, policy_name, priority, error, size_bytes, has_detail,
    is_missing INTEGER NOT NULL DEFAULT 0, is_detail_refused INTEGER NOT NULL DEFAULT 0,
    run_seconds REAL AS (max(0.0, completed_at - started_at)) VIRTUAL, summary, stats_id, result,
    PRIMARY KEY (server, id));
CREATE TABLE percents (server TEXT, at REAL, job_id TEXT, percent REAL);
CREATE TABLE changes (server TEXT, at REAL, kind TEXT, job_id TEXT, job_type TEXT, file_path TEXT,
    PRIMARY KEY (server, at, kind, job_id));
CREATE TABLE counts (server TEXT, at REAL, running, queued, failed, workers);
CREATE TABLE watched (server TEXT, at REAL, until REAL, PRIMARY KEY (server, at));
CREATE TABLE reports (server TEXT, seen_at REAL, stats_id TEXT, report TEXT,
    PRIMARY KEY (server, stats_id));
CREATE TABLE reachability (server TEXT, at REAL, until REAL, state TEXT,
    PRIMARY KEY (server, at));
CREATE INDEX jobs_by_status ON jobs (server, status, completed_at);
CREATE INDEX run_times_of_policy ON jobs (server, job_type, policy_name, completed_at)
    WHERE status = 'completed' AND run_seconds IS NOT NULL;
CREATE INDEX run_times_of_type ON jobs (server, job_type, run_seconds, completed_at)
    WHERE status = 'completed' AND run_seconds IS NOT NULL;
CREATE INDEX missing_jobs ON jobs (server) WHERE is_missing;
CREATE INDEX jobs_without_detail ON jobs (server)
    WHERE NOT has_detail AND NOT is_detail_refused;
CREATE INDEX percents_of_job ON percents (server, job_id);
CREATE INDEX jobs_without_result ON jobs (server) WHERE stats_id > '' AND result IS NULL;
CREATE INDEX jobs_by_report ON jobs (server, stats_id) WHERE stats_id > '';
PRAGMA user_version = 4;
PRAGMA application_id = 1448103757;

INSERT INTO jobs VALUES ('http://127.0.0.1:1', 1795521600.0, 'job 0', 'process', 'failed',
    '/srv/ü ''; DROP TABLE jobs; --', 40.5, 1795521300.0, 1795521360.0, 1795521600.0, 'p', 100,
    'No space', 1099511627776, 1, 0, 0, NULL, NULL, NULL);
INSERT INTO percents VALUES ('http://127.0.0.1:1', 1795521600.0, 'job 0', 12.5);
INSERT INTO changes VALUES ('http://127.0.0.1:1', 1795521600.0, 'failed', 'job 0', 'process',
    '/srv/ü ''; DROP TABLE jobs; --');
INSERT INTO counts VALUES ('http://127.0.0.1:1', 1795521600.0, 1, 2, 3, NULL);
INSERT INTO watched VALUES ('http://127.0.0.1:1', 1795518000.0, 1795521600.0);
"""

VERSION_5 = (
    VERSION_4.replace("user_version = 4", "user_version = 5")
    + "CREATE INDEX counts_by_time ON counts (at);"
)

VERSION_6 = (
    VERSION_5.replace("user_version = 5", "user_version = 6").replace(
        "stats_id, result,\n",
        "stats_id, result,\n    queue_seconds REAL AS (started_at - created_at) VIRTUAL,\n",
    )
    + """
CREATE INDEX queue_times ON jobs (server, queue_seconds, completed_at)
    WHERE status IN ('completed', 'failed', 'cancelled') AND queue_seconds >= 0;
CREATE INDEX failures ON jobs (server, completed_at, id, file_path, error, has_detail)
    WHERE status = 'failed';
"""
)

_NEXT = "ALTER TABLE jobs ADD COLUMN next_field; CREATE TABLE next_table (field)"
EARLIER = (VERSION_1, VERSION_2, VERSION_3, VERSION_4, VERSION_5, VERSION_6)
"""What each released version of the schema left on disk: the same facts."""


def test_every_released_version_is_tested() -> None:
    assert len(schema.MIGRATIONS) == len(EARLIER)


@pytest.fixture(params=EARLIER, ids=[f"version {number}" for number, _ in enumerate(EARLIER, 1)])
def earlier(request: pytest.FixtureRequest, files: Files) -> Path:
    files.path.parent.mkdir()
    with sqlite3.connect(files.path) as database:
        database.executescript(request.param)
    database.close()
    return files.path


def version_of(path: Path) -> int:
    with contextlib.closing(sqlite3.connect(path)) as database:
        (version,) = database.execute("PRAGMA user_version").fetchone()
    return int(version)


def assert_nothing_is_lost(tracker: JobTracker) -> None:
    path = "/srv/ü '; DROP TABLE jobs; --"
    assert tracker.record("job 0") == JobRecord(
        "job 0",
        job_type="process",
        status="failed",
        file_path=path,
        progress_percent=40.5,
        created_at=NOW - timedelta(minutes=5),
        started_at=NOW - timedelta(minutes=4),
        completed_at=NOW,
        policy_name="p",
        priority=100,
        error="No space",
        size_bytes=2**40,
        has_detail=True,
    )
    assert tracker.changes(9)[-1] == Change(NOW, Kind.FAILED, "job 0", "process", path)
    assert tracker.counts() == [Counts(NOW, 1, 2, 3, None)]
    assert tracker.spans() == [(NOW - timedelta(hours=1), NOW)]


def test_a_history_of_an_earlier_version_is_read_and_continued(files: Files, earlier: Path) -> None:
    tracker = files.open()
    assert_nothing_is_lost(tracker)
    assert tracker.store.problem is None
    see(tracker, 1)
    assert ids(files.reopened()) == ["job 0", "job 1"]
    assert version_of(earlier) == len(schema.MIGRATIONS)
    assert not list(earlier.parent.glob("*.damaged-*"))


def test_what_an_earlier_version_stored_is_in_the_statistics(files: Files, earlier: Path) -> None:
    tracker = files.open()
    assert tracker.queue_times(None) == QueueTimes(1, 60.0, 60.0, 60.0)
    assert [one.error for one in tracker.failed(None)] == ["No space"]


def test_run_times_are_known_of_jobs_that_an_earlier_version_stored(
    files: Files, earlier: Path
) -> None:
    with contextlib.closing(sqlite3.connect(earlier)) as database, database:
        database.execute("UPDATE jobs SET status = 'completed'")
    assert files.open().finished_runs("process", "p") == [(240.0, 2**40)]


@pytest.fixture
def next_version(monkeypatch: pytest.MonkeyPatch) -> int:
    """The app of the next release, whose schema has one more version."""
    steps = (*schema.MIGRATIONS, _NEXT)
    monkeypatch.setattr(schema, "MIGRATIONS", steps)
    return len(steps)


def test_an_upgrade_to_the_next_version_loses_nothing(
    files: Files, earlier: Path, next_version: int
) -> None:
    tracker = files.open()
    assert_nothing_is_lost(tracker)
    assert tracker.store.problem is None
    see(tracker, 1)
    assert ids(files.reopened()) == ["job 0", "job 1"]
    assert version_of(earlier) == next_version
    assert not list(earlier.parent.glob("*.damaged-*"))


def test_an_upgrade_that_fails_changes_nothing_and_is_tried_again(
    files: Files, earlier: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = schema.MIGRATIONS
    before = version_of(earlier)
    working = store_module._in_memory
    with monkeypatch.context() as patched:
        memory = working()
        patched.setattr(store_module, "_in_memory", lambda: memory)
        patched.setattr(schema, "MIGRATIONS", (*steps, f"{_NEXT}; DROP TABLE missing_table"))
        store = Store(files.path)
        assert "History isn't being saved: no such table" in str(store.problem)
        assert version_of(earlier) == before
    monkeypatch.setattr(schema, "MIGRATIONS", (*steps, _NEXT))
    assert_nothing_is_lost(files.open())


@pytest.mark.parametrize("earlier", EARLIER[-1:], ids=["the last version"], indirect=True)
def test_an_upgrade_waits_while_an_app_of_the_former_version_runs(
    files: Files, earlier: Path, next_version: int
) -> None:
    with another_process(files.path, "print('begun', flush=True); input()") as app:
        assert app.stdout is not None
        app.stdout.readline()
        tracker = files.open()
        see(tracker, 1)
        assert "another app uses the same file" in str(tracker.store.problem)
        assert version_of(earlier) < next_version
        app.communicate("\n", timeout=60)
    files.retry()
    see(tracker, 2)
    assert tracker.store.problem is None
    assert set(ids(tracker)) == {"job 0", "job 1", "job 2"}
    assert version_of(earlier) == next_version


def test_a_history_of_a_newer_version_is_left_as_it_is(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, _NEXT))
        see(files.open(), 0)
        files.close()
    before = {file.name: file.read_bytes() for file in files.path.parent.iterdir()}
    tracker = files.open()
    assert ids(tracker) == []
    assert "a newer version of this app wrote the file" in str(tracker.store.problem)
    see(tracker, 1)
    files.close()
    assert {file.name: file.read_bytes() for file in files.path.parent.iterdir()} == before
