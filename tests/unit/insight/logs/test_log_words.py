from datetime import UTC, datetime, timedelta

import pytest

from vpo_monitor.api.models import JobDetail
from vpo_monitor.insight.logs import log_words
from vpo_monitor.insight.logs.log_words import about_log, about_resync
from vpo_monitor.polling.log_tail import SHRANK, LogTail

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
EMPTY = LogTail()


def job(status: str, ended_days_ago: float | None = None) -> JobDetail:
    ended = None if ended_days_ago is None else NOW - timedelta(days=ended_days_ago)
    return JobDetail(id="a", status=status, completed_at=ended)


@pytest.mark.parametrize(
    ("of", "tail", "sentence"),
    [
        (job("queued"), EMPTY, log_words.NOT_STARTED),
        (job("running"), EMPTY, log_words.NOTHING_YET),
        (job("completed", 1), EMPTY, log_words.NO_LOG),
        (job("completed", 91), EMPTY, log_words.DELETED),
        (job("failed"), EMPTY, log_words.NO_LOG),
        (job("completed", 91), LogTail(lines=("a",), end=1), None),
        (job("completed", 1), LogTail(lines=("a",), end=1, is_gone=True), log_words.GONE),
    ],
)
def test_a_log_without_lines_has_its_sentence(
    of: JobDetail, tail: LogTail, sentence: str | None
) -> None:
    assert about_log(of, tail, NOW) == sentence


def test_a_resynchronisation_is_said_with_its_reason() -> None:
    assert SHRANK in about_resync(LogTail(epoch=1, resynced=SHRANK))
