from vpo_monitor.api.client import VpoClient
from vpo_monitor.api.models import LogLines
from vpo_monitor.api.server import Server
from vpo_monitor.polling.log_tail import LogTail, log_tail


class LogServer(VpoClient):
    """A server with one log."""

    def __init__(self, lines: int) -> None:
        super().__init__(Server("test", "http://127.0.0.1:1"))
        self.log = [f"line {number}" for number in range(lines)]
        self.asked: list[tuple[int, int]] = []

    def logs(self, job_id: str, *, lines: int | None = None, offset: int | None = None) -> LogLines:
        limit, start = min(lines or 500, 1000), offset or 0
        self.asked.append((limit, start))
        part = tuple(self.log[start : start + limit])
        total = len(self.log)
        return LogLines(
            job_id=job_id,
            lines=part,
            total_lines=total,
            offset=start,
            has_more=start + len(part) < total,
        )


def follow(server: LogServer, tail: LogTail | None) -> LogTail:
    """Ask until the answer is complete, as the poller does."""
    query = log_tail("a", 500)
    for _ in range(5):
        tail = query.fetch(server, tail)
        if query.is_complete(tail):
            return tail
    raise AssertionError("the log is asked for again and again")


def test_a_short_log_takes_one_request() -> None:
    server = LogServer(20)
    assert len(follow(server, None).lines) == 20
    assert len(server.asked) == 1


def test_a_long_log_opens_at_its_end_in_two() -> None:
    server = LogServer(12_000)
    assert follow(server, None).lines == tuple(server.log[-500:])
    assert len(server.asked) == 2


def test_only_new_lines_are_asked_for() -> None:
    server = LogServer(600)
    tail = follow(server, None)
    server.log += ["new"]
    assert follow(server, tail).lines[-2:] == ("line 599", "new")
    assert server.asked[-1] == (1000, 600)


def test_a_burst_too_large_for_one_answer_is_skipped_to_its_end() -> None:
    server = LogServer(100)
    tail = follow(server, None)
    server.log += [f"more {number}" for number in range(5000)]
    assert follow(server, tail).lines == tuple(server.log[-500:])


def test_a_log_that_shrank_or_went_is_read_anew() -> None:
    server = LogServer(700)
    tail = follow(server, None)
    server.log = ["another", "log"]
    tail = follow(server, tail)
    assert tail.lines == ("another", "log")
    server.log = []
    assert follow(server, tail).lines == ()


def test_lines_that_are_promised_and_never_sent_are_not_asked_for_for_ever() -> None:
    class Liar(LogServer):
        def logs(
            self, job_id: str, *, lines: int | None = None, offset: int | None = None
        ) -> LogLines:
            return LogLines(job_id=job_id, total_lines=9000)

    assert follow(Liar(0), None).lines == ()
