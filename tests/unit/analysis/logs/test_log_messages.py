from datetime import UTC, datetime, timedelta

import pytest

from vpo_monitor.analysis.logs import log_messages
from vpo_monitor.analysis.logs.log_messages import log_message, reload_message
from vpo_monitor.api.models import JobDetail
from vpo_monitor.polling.log_tail import SHRANK, LogTail

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
EMPTY = LogTail()


def job(status: str, ended_days_ago: float | None = None) -> JobDetail:
    ended = None if ended_days_ago is None else NOW - timedelta(days=ended_days_ago)
    return JobDetail(id="a", status=status, completed_at=ended)


@pytest.mark.parametrize(
    ("of", "tail", "sentence"),
    [
        (job("queued"), EMPTY, log_messages.NOT_STARTED),
        (job("running"), EMPTY, log_messages.NOTHING_YET),
        (job("completed", 1), EMPTY, log_messages.NO_LOG),
        (job("completed", 91), EMPTY, log_messages.DELETED),
        (job("failed"), EMPTY, log_messages.NO_LOG),
        (job("completed", 91), LogTail(lines=("a",), end=1), None),
        (job("completed", 1), LogTail(lines=("a",), end=1, is_gone=True), log_messages.GONE),
    ],
)
def test_a_log_without_lines_has_its_sentence(
    of: JobDetail, tail: LogTail, sentence: str | None
) -> None:
    assert log_message(of, tail, NOW) == sentence


def test_a_resynchronisation_is_said_with_its_reason() -> None:
    assert SHRANK in reload_message(LogTail(epoch=1, resynced=SHRANK))
