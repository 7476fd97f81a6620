"""Logs come out of the test server as out of a real VPO's files."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.vpo_server import READ_WHOLE_BYTES, Logs, LogWriter, VpoServer, start
from tests.vpo_server.logs import BUFFERED_LINES

JOB = "273011fb-a77a-4487-8c7b-bed8690ec2d3"
# Each of these ends a line for str.splitlines, but not for a file that is read line by line.
SEPARATORS = "\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"


@pytest.fixture
def logs(tmp_path: Path) -> Logs:
    return Logs(tmp_path)


@pytest.fixture(scope="module")
def server() -> Iterator[VpoServer]:
    with start(worker=False, history=0, rate_limit=None) as running:
        yield running


def numbered(count: int) -> list[str]:
    return [f"[2026-11-23T21:52:29.609764Z] line {number}" for number in range(count)]


def padding(size: int) -> list[str]:
    """Lines that make up just this many bytes of a log."""
    return ["x" * 1023] * (size // 1024)


def whole(logs: Logs) -> list[str]:
    return logs.read(JOB, limit=1_000_000, offset=0).lines


def test_a_page_is_cut_out_by_offset_and_limit(logs: Logs) -> None:
    logs.append(JOB, numbered(10))
    assert logs.read(JOB, limit=3, offset=0) == (numbered(10)[:3], 10, True)
    assert logs.read(JOB, limit=3, offset=6) == (numbered(10)[6:9], 10, True)
    assert logs.read(JOB, limit=3, offset=7) == (numbered(10)[7:], 10, False)
    assert logs.read(JOB, limit=3, offset=9) == (numbered(10)[9:], 10, False)
    assert logs.read(JOB, limit=3, offset=10) == ([], 10, False)
    assert logs.read(JOB, limit=3, offset=2**53) == ([], 10, False)


def test_a_large_log_is_cut_by_the_same_rules(logs: Logs) -> None:
    logs.append(JOB, [*numbered(5), *padding(READ_WHOLE_BYTES)])
    total = 5 + READ_WHOLE_BYTES // 1024
    assert logs.read(JOB, limit=2, offset=1) == (numbered(5)[1:3], total, True)
    assert logs.read(JOB, limit=2, offset=total - 3)[1:] == (total, True)
    assert logs.read(JOB, limit=2, offset=total - 2)[1:] == (total, False)
    assert logs.read(JOB, limit=2, offset=total + 9) == ([], total, False)
    assert logs.read(JOB, limit=2, offset=2**53) == ([], total, False)


def test_without_a_log_there_are_no_lines(logs: Logs) -> None:
    for job_id in (JOB, "not-a-uuid", "../../etc/passwd"):
        assert logs.read(job_id, limit=500, offset=0) == ([], 0, False)
        assert not logs.exists(job_id)


def test_only_a_uuid_can_name_a_log(logs: Logs) -> None:
    with pytest.raises(ValueError, match="Only a UUID"):
        logs.append("../outside", ["text"])


def test_a_line_that_contains_newlines_is_read_as_several(logs: Logs) -> None:
    logs.append(JOB, ["[t] failed:\nEBML header\r\nframe=1\rframe=2\n", "[t] next"])
    assert whole(logs) == ["[t] failed:", "EBML header", "frame=1", "frame=2", "", "[t] next"]


def test_bytes_that_are_no_utf_8_are_read_as_replacement_characters(
    logs: Logs, tmp_path: Path
) -> None:
    (tmp_path / f"{JOB}.log").write_bytes(b"a \xff b\n\xe6\x98")
    assert whole(logs) == ["a � b", "�"]


@pytest.mark.parametrize("separator", SEPARATORS)
def test_a_separator_splits_a_line_until_the_log_is_larger_than_10_mib(
    separator: str, logs: Logs
) -> None:
    logs.append(JOB, [f"one{separator}two"])
    assert whole(logs) == ["one", "two"]
    logs.append(JOB, padding(READ_WHOLE_BYTES))
    assert logs.read(JOB, limit=1, offset=0).lines == [f"one{separator}two"]


def test_the_total_becomes_smaller_when_a_log_grows_beyond_10_mib(logs: Logs) -> None:
    logs.append(JOB, ["a\x0cb\x0cc" + "x" * 1018, *padding(READ_WHOLE_BYTES - 1024)])
    before = logs.read(JOB, limit=1, offset=0).total
    logs.append(JOB, ["one more"])
    assert before == READ_WHOLE_BYTES // 1024 + 2
    assert logs.read(JOB, limit=1, offset=0).total == before - 1


def test_a_separator_at_the_end_of_a_line_is_kept_in_a_large_log(logs: Logs) -> None:
    logs.append(JOB, ["ends with \x0c", *padding(READ_WHOLE_BYTES)])
    assert logs.read(JOB, limit=1, offset=0).lines == ["ends with \x0c"]


def test_a_writer_holds_back_up_to_99_lines(logs: Logs) -> None:
    writer = LogWriter(logs, JOB)
    assert (logs.exists(JOB), whole(logs)) == (True, [])
    writer.write(numbered(BUFFERED_LINES)[:60])
    writer.write(numbered(BUFFERED_LINES)[60:99])
    assert whole(logs) == []
    writer.write(numbered(BUFFERED_LINES)[99:])
    assert whole(logs) == numbered(100)


def test_a_writer_flushes_at_its_end(logs: Logs) -> None:
    writer = LogWriter(logs, JOB)
    writer.write(numbered(250))
    assert whole(logs) == numbered(200)
    writer.close()
    assert whole(logs) == numbered(250)
    writer.close()
    assert whole(logs) == numbered(250)


def test_compressing_keeps_the_lines(logs: Logs, tmp_path: Path) -> None:
    logs.append(JOB, ["Привет 映画 🎬", *numbered(20)])
    page = logs.read(JOB, limit=5, offset=0)
    logs.compress(JOB)
    assert [file.name for file in tmp_path.iterdir()] == [f"{JOB}.log.gz"]
    assert logs.exists(JOB)
    assert logs.read(JOB, limit=5, offset=0) == page
    logs.compress(JOB)
    assert logs.read(JOB, limit=5, offset=0) == page


def test_a_compressed_log_is_split_at_every_separator_whatever_its_size(logs: Logs) -> None:
    logs.append(JOB, ["one\u2028two", *padding(READ_WHOLE_BYTES)])
    total = logs.read(JOB, limit=1, offset=0).total
    logs.compress(JOB)
    assert logs.read(JOB, limit=2, offset=0) == (["one", "two"], total + 1, True)


def test_a_compressed_log_goes_before_an_uncompressed_one(logs: Logs) -> None:
    logs.append(JOB, ["compressed"])
    logs.compress(JOB)
    logs.append(JOB, ["written later"])
    assert whole(logs) == ["compressed"]


@pytest.mark.parametrize("compressed", [False, True])
def test_a_deleted_log_is_gone(compressed: bool, logs: Logs, tmp_path: Path) -> None:  # noqa: FBT001 - a parameter of the test
    logs.append(JOB, numbered(3))
    if compressed:
        logs.compress(JOB)
    logs.delete(JOB)
    assert list(tmp_path.iterdir()) == []
    assert (logs.exists(JOB), whole(logs)) == (False, [])
    logs.delete(JOB)


def test_a_log_can_be_read_while_it_is_written_compressed_and_deleted(logs: Logs) -> None:
    done = threading.Event()

    def write() -> None:
        try:
            for turn in range(200):
                logs.append(JOB, numbered(100))
                if turn % 50 == 49:
                    logs.compress(JOB)
                    logs.delete(JOB)
        finally:
            done.set()

    writing = threading.Thread(target=write)
    writing.start()
    while not done.is_set():
        page = logs.read(JOB, limit=1000, offset=50)
        assert page.total % 100 == 0
        assert page.lines == (numbered(100) * 11)[50 : min(page.total, 1050)]
    writing.join()


@pytest.mark.long
def test_a_log_of_a_million_lines_answers_with_its_last_500(server: VpoServer) -> None:
    job = server.store.add_job(status="running")
    server.store.append_log(job, numbered(1_000_000))
    answer = logs_of(server, job, lines=500, offset=999_500)
    assert answer["lines"] == numbered(1_000_000)[-500:]
    assert (answer["total_lines"], answer["has_more"]) == (1_000_000, False)


def logs_of(server: VpoServer, job: str, **query: int) -> dict[str, Any]:
    url = f"{server.url}/api/jobs/{job}/logs"
    answer: dict[str, Any] = requests.get(url, params=query, timeout=20).json()
    return answer


def has_logs(server: VpoServer, job: str) -> bool:
    return bool(requests.get(f"{server.url}/api/jobs/{job}", timeout=20).json()["has_logs"])


def test_the_server_gives_500_lines_or_as_many_as_asked_for_up_to_1000(server: VpoServer) -> None:
    job = server.store.add_job(status="running")
    server.store.append_log(job, numbered(1200))
    for query, count in (({}, 500), ({"lines": 7}, 7), ({"lines": 0}, 1), ({"lines": 5000}, 1000)):
        answer = logs_of(server, job, **query)
        assert answer == {
            "job_id": job,
            "lines": numbered(count),
            "total_lines": 1200,
            "offset": 0,
            "has_more": True,
        }
    assert logs_of(server, job, lines=1000, offset=200)["has_more"] is False


def test_has_logs_follows_the_file(server: VpoServer) -> None:
    job = server.store.add_job(status="completed")
    assert not has_logs(server, job)
    server.store.append_log(job, numbered(1))
    assert has_logs(server, job)
    server.store.logs.compress(job)
    assert has_logs(server, job)
    server.store.logs.delete(job)
    assert not has_logs(server, job)
    assert logs_of(server, job)["total_lines"] == 0


def test_a_log_written_anew_holds_only_the_new_lines(server: VpoServer) -> None:
    job = server.store.add_job(status="running")
    server.store.append_log(job, numbered(10))
    server.store.logs.replace(job, ["fresh"])
    assert logs_of(server, job)["lines"] == ["fresh"]


def test_a_deleted_job_loses_its_log(server: VpoServer) -> None:
    job = server.store.add_job(status="completed")
    server.store.append_log(job, numbered(1))
    server.store.delete_job(job)
    assert logs_of(server, job)["total_lines"] == 0


def test_the_logs_go_when_the_server_stops() -> None:
    with start(worker=False, history=5, seed=1) as running:
        running.store.append_log(JOB, numbered(1))
        folder = running._folder
        assert list(folder.glob("*.log"))
    assert not folder.exists()
