"""The file that outlives a restart, and what becomes of one that cannot be used."""

import contextlib
import os
import sqlite3
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import Mock

import pytest

from vpo_monitor.history import history as history_module
from vpo_monitor.history.changes import Change, Kind
from vpo_monitor.history.facts import Counts, Percent, Watched
from vpo_monitor.history.history import History
from vpo_monitor.history.job_record import JobRecord

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


def test_what_one_servers_history_has_replaced_is_not_replaced_by_anothers(files: Files) -> None:
    damage = sqlite3.DatabaseError("malformed")
    damage.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    servers = [files.open(f"http://{name}") for name in "ab"]
    for history in servers:
        history.load()
    for history in servers:
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(history, "_write", Mock(side_effect=damage))
            history.add(facts(1))
        files.now += timedelta(seconds=1)
        history.add(facts(2))
    aside = f"{files.path}.damaged-20261124-120000"
    # The log is kept too: it holds what the file does not hold yet.
    assert set(map(str, files.path.parent.glob("*.damaged-*"))) == {aside, f"{aside}-wal"}
    for server in ("http://a", "http://b"):
        assert [job.id for job in files.open(server).load().jobs] == ["job 1", "job 2"]


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
    assert [job.id for job in files.open().load().jobs] == ["job 2", "job 3"]


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
    history.add(Watched(requeued=["job 1"]))
    assert files.open().load().percents == []


def test_a_place_that_cannot_be_written_is_said_and_not_fatal(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    history = History(tmp_path / "file" / "history", URL, days=30, most_jobs=100)
    assert history.load() == Watched()
    history.add(facts())
    history.prune()
    assert "being saved: " in str(history.problem)
    assert str(tmp_path) not in str(history.problem)


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
            first = files.open()
            first.load()
            first.add(facts(1))
            first.close()
        with as_owner():
            public_path.parent.chmod(0o555)
        history = files.open()
        history.load()
        history.add(facts(2))
        assert str(history.problem).startswith("History isn't being saved: ")
        assert "permissions of the file and its folder" in str(history.problem)
        with as_owner():
            public_path.parent.chmod(0o777)
        history.add(facts(3))  # too early to try again
        assert history.problem is not None
        files.now += timedelta(seconds=31)
        history.add(facts(4))
        assert history.problem is None
        history.close()
        ids = [job.id for job in files.open().load().jobs]
        assert ids == [*kept, "job 2", "job 3", "job 4"]
        files.opened[-1].close()


ANOTHER_APP = """
import sys
from pathlib import Path
from vpo_monitor.history.facts import Watched
from vpo_monitor.history.history import History
from vpo_monitor.history.job_record import JobRecord

history = History(Path(sys.argv[1]), "http://127.0.0.1:1", days=30, most_jobs=1000)
history.load()
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
    first = "history.add(Watched(jobs=[JobRecord('first')])); print('begun', flush=True); input()"
    with another_process(files.path, first) as app:
        assert app.stdout is not None
        app.stdout.readline()
        second = files.open()
        assert [job.id for job in second.load().jobs] == ["first"]
        assert "another app uses the same file" in str(second.problem)
        second.add(facts(1))
        assert second.problem is not None
        app.communicate("\n", timeout=60)
    second.add(facts(2))
    assert second.problem is None
    assert {job.id for job in files.open().load().jobs} == {"first", "job 1", "job 2"}


def test_the_servers_of_an_app_may_share_a_file(files: Files) -> None:
    for server in ("http://a", "http://b"):
        history = files.open(server)
        history.load()
        history.add(facts())
        assert history.problem is None
    said = in_another_process(files.path, "print(history.problem)")
    assert "another app uses the same file" in said


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


def test_a_file_that_another_program_holds_is_said_once_and_costs_nothing(
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
    assert "another program has locked the file" in str(history.problem)
    other.execute("ROLLBACK")
    other.close()
    assert caplog.text.count("another program has locked the file") == 1
    history.add(facts(3))
    assert history.problem is None
    assert [job.id for job in files.open().load().jobs] == ["job 1", "job 2", "job 3"]


def test_a_file_is_read_while_another_program_writes_to_it(files: Files) -> None:
    first = files.open()
    first.load()
    first.add(facts())
    other = sqlite3.connect(files.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    second = files.open()
    assert second.load() == facts()
    assert "another program has locked the file" in str(second.problem)
    other.execute("ROLLBACK")
    other.close()


def test_what_waits_when_the_app_stops_is_saved(files: Files) -> None:
    history = files.open()
    history.load()
    history._lock.acquire()  # as another thread that is writing
    history.add(facts(1))
    history._lock.release()
    history.close()
    assert [job.id for job in files.open().load().jobs] == ["job 1"]


def test_a_full_disk_is_said_and_nothing_is_lost_once_it_has_space(files: Files) -> None:
    history = files.open()
    history.load()
    assert history._database is not None
    (pages,) = history._database.execute("PRAGMA page_count").fetchone()
    history._database.execute(f"PRAGMA max_page_count = {pages}")
    for number in range(100):
        history.add(facts(number))
    assert history.problem == (
        "History isn't being saved: the disk is full. Free some space, and saving resumes."
    )
    history._database.execute("PRAGMA max_page_count = 10000")
    history.add(facts(100))
    assert history.problem is None
    assert len(files.open().load().jobs) == 101


def test_what_waits_for_a_full_disk_is_bounded(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    history = files.open()
    history.load()
    with monkeypatch.context() as patched:
        full = sqlite3.OperationalError("database or disk is full")
        full.sqlite_errorcode = sqlite3.SQLITE_FULL
        patched.setattr(history, "_write", Mock(side_effect=full))
        for number in range(1100):
            history.add(facts(number))
    history.add(facts(1100))
    kept = {job.id for job in files.open(most_jobs=5000).load().jobs}
    assert len(kept) in (999, 1000, 1001)
    assert "job 1100" in kept
    assert "job 50" not in kept


def test_a_file_that_the_system_lets_grow_no_further_is_said_and_not_fatal(files: Files) -> None:
    said = in_another_process(
        files.path,
        "import resource, signal",
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)",
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, -1))",
        "for _ in range(100): history.add(Watched(jobs=[JobRecord('a', error='x' * 5000)]))",
        "print(history.problem)",
    )
    assert said.startswith("History isn't being saved: ")
    assert files.open().load().jobs  # what was saved before


def test_the_file_stops_growing_between_two_prunings_too(files: Files) -> None:
    history = files.open(most_jobs=100)
    history.load()
    sizes = []
    for number in range(2000):
        files.now += timedelta(seconds=1)
        history.add(facts(number, files.now))
        if number % 500 == 499:
            assert history._database is not None
            sizes += history._database.execute("PRAGMA page_count").fetchone()
    assert sizes[3] <= sizes[1]
    assert Path(f"{files.path}-wal").stat().st_size < 8 * 2**20


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


_NEXT = "ALTER TABLE jobs ADD COLUMN next_field; CREATE TABLE next_table (field)"
EARLIER = (VERSION_1,)
"""What each released version of the schema left on disk: the same facts."""


def test_every_released_version_is_tested() -> None:
    assert len(history_module._MIGRATIONS) == len(EARLIER)


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


def test_a_history_of_an_earlier_version_is_read_and_continued(files: Files, earlier: Path) -> None:
    history = files.open()
    assert history.load() == facts()
    assert history.problem is None
    history.add(facts(1))
    history.close()
    assert [job.id for job in files.open().load().jobs] == ["job 0", "job 1"]
    assert not list(earlier.parent.glob("*.damaged-*"))


@pytest.fixture
def next_version(monkeypatch: pytest.MonkeyPatch) -> int:
    """The app of the next release, whose schema has one more version."""
    steps = (*history_module._MIGRATIONS, _NEXT)
    monkeypatch.setattr(history_module, "_MIGRATIONS", steps)
    return len(steps)


def test_an_upgrade_to_the_next_version_loses_nothing(
    files: Files, earlier: Path, next_version: int
) -> None:
    history = files.open()
    assert history.load() == facts()
    assert history.problem is None
    history.add(facts(1))
    history.close()
    assert version_of(earlier) == next_version
    assert [job.id for job in files.open().load().jobs] == ["job 0", "job 1"]
    assert not list(earlier.parent.glob("*.damaged-*"))


def test_an_upgrade_that_fails_changes_nothing_and_is_tried_again(
    files: Files, earlier: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = history_module._MIGRATIONS
    broken = (*steps, f"{_NEXT}; DROP TABLE missing_table")
    before = version_of(earlier)
    with monkeypatch.context() as patched:
        patched.setattr(history_module, "_MIGRATIONS", broken)
        history = files.open()
        history.load()
        assert "History isn't being saved: no such table" in str(history.problem)
        assert version_of(earlier) == before
    monkeypatch.setattr(history_module, "_MIGRATIONS", (*steps, _NEXT))
    assert files.open().load() == facts()


def test_an_upgrade_waits_while_an_app_of_the_former_version_runs(
    files: Files, earlier: Path, next_version: int
) -> None:
    with another_process(files.path, "print('begun', flush=True); input()") as app:
        assert app.stdout is not None
        app.stdout.readline()
        history = files.open()
        history.load()
        assert "another app uses the same file" in str(history.problem)
        assert version_of(earlier) < next_version
        app.communicate("\n", timeout=60)
    files.now += timedelta(seconds=31)
    history.add(facts(1))
    assert history.problem is None
    assert version_of(earlier) == next_version


def test_a_history_of_a_newer_version_is_left_as_it_is(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(history_module, "_MIGRATIONS", (*history_module._MIGRATIONS, _NEXT))
        newer = files.open()
        newer.load()
        newer.add(facts())
        newer.close()
    before = {file.name: file.read_bytes() for file in files.path.parent.iterdir()}
    history = files.open()
    assert history.load() == Watched()
    assert "a newer version of this app wrote the file" in str(history.problem)
    history.add(facts(1))
    history.prune()
    history.close()
    assert {file.name: file.read_bytes() for file in files.path.parent.iterdir()} == before
