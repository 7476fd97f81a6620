"""What happened on a server, as entries of a news feed."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from vpo_monitor.analysis.estimates.problems import time_without_worker
from vpo_monitor.analysis.estimates.running_job import find_stall
from vpo_monitor.analysis.formatting import NO_FILE, display_name, job_count
from vpo_monitor.history.job_tracker import JobTracker
from vpo_monitor.history.records import (
    NO_REASON,
    Change,
    JobRecord,
    Kind,
    Reachability,
    ReachabilitySpan,
    Span,
)
from vpo_monitor.plain_text import plain_line

MOST_ENTRIES = 100
_EMPTY_AFTER = timedelta(seconds=10)
"""Between two jobs the queue may be empty for a moment."""
_UNREACHABLE_AFTER = timedelta(seconds=30)
"""A shorter outage is no news."""
_KEPT = timedelta(days=30)
_AHEAD = timedelta(days=1)
"""An event that is later than this cannot have happened yet."""
_LONGEST_TEXT = 500


@dataclass(frozen=True)
class FeedEntry:
    """An event at `at` (UTC, server's clock). The texts are plain. `id` stays the same."""

    id: uuid.UUID
    at: datetime
    kind: str
    title: str
    text: str = ""
    job_id: str | None = None


def note_stalled(tracker: JobTracker, stalled_after: float) -> None:
    """Record each running job that has had no progress for `stalled_after` seconds, once.

    Only the time that was monitored counts.
    """
    spans, counts = tracker.spans(), tracker.counts()
    if not spans or not counts:
        return
    now, limit = spans[-1][1], timedelta(seconds=stalled_after)
    without_worker = time_without_worker(counts, now, tracker.counts_good_for)
    for record in tracker.running():
        stall = find_stall(record, tracker, without_worker, limit, now)
        if stall is not None:
            tracker.add_stalled(record, now - stall.lasts + limit)


def feed_entries(tracker: JobTracker) -> list[FeedEntry]:
    """Return the last 100 failures, stalled jobs, finished batches and outages, newest first."""
    now = tracker.now()
    entries = [
        *_of_jobs(tracker),
        *_batches(tracker, now),
        *_outages(tracker, tracker.reachability(now - _KEPT)),
    ]
    return newest([entry for entry in entries if now - _KEPT <= entry.at <= now + _AHEAD])


def newest(entries: Sequence[FeedEntry]) -> list[FeedEntry]:
    """Return the last 100 entries, newest first."""
    return sorted(entries, key=lambda entry: (entry.at, entry.id), reverse=True)[:MOST_ENTRIES]


def _of_jobs(tracker: JobTracker) -> list[FeedEntry]:
    """Return the failed and stalled jobs, with failures that no change shows.

    A job that failed while nothing was monitored is known by its end only, and one that was
    requeued since by its change only.
    """
    events = tracker.changes_of((Kind.FAILED, Kind.STALLED), MOST_ENTRIES)
    failed = tracker.last_failed(MOST_ENTRIES)
    records = tracker.records_of([change.job_id for change in events])
    records |= {record.id: record for record in failed}
    events += [
        Change(record.completed_at, Kind.FAILED, record.id, record.job_type, record.file_path)
        for record in failed
        if record.completed_at is not None
    ]
    entries = (_of_job(tracker, change, records.get(change.job_id)) for change in events)
    return list({entry.id: entry for entry in entries}.values())


def _of_job(tracker: JobTracker, change: Change, record: JobRecord | None) -> FeedEntry:
    name = display_name(change.file_path, NO_FILE)
    if change.kind is Kind.STALLED:
        title, text = f"Possibly stalled: {name}", "No progress has been reported for a while."
    else:
        is_known = record is not None and record.has_detail and record.status == "failed"
        error = (record.error or NO_REASON) if is_known and record else ""
        title, text = f"Failed: {name}", plain_line(error, _LONGEST_TEXT)
    entry_id = _id(tracker, change.kind, change.at, change.job_id)
    return FeedEntry(entry_id, change.at, change.kind, title, text, change.job_id)


def _batches(tracker: JobTracker, now: datetime) -> Iterator[FeedEntry]:
    """Yield the last 100 times that the queue became empty after work, and stayed so for 10 s."""
    for busy_since, at in _busy_periods(tracker.queue_turns(), now)[-MOST_ENTRIES:]:
        finished = tracker.count_changes(busy_since, at)
        counts = [
            (finished.get(kind, 0), word)
            for kind, word in (
                (Kind.FINISHED, "finished"),
                (Kind.FAILED, "failed"),
                (Kind.CANCELLED, "cancelled"),
            )
        ]
        said = ", ".join(f"{job_count(number)} {word}" for number, word in counts if number)
        text = f"{said}." if said else "No jobs are running or queued."
        yield FeedEntry(_id(tracker, "batch", at), at, "batch", "Queue finished", text)


def _busy_periods(turns: Sequence[tuple[datetime, bool]], now: datetime) -> list[Span]:
    """Return the periods with work that are over, oldest first."""
    found: list[Span] = []
    busy_since: datetime | None = None
    ends = [at for at, _is_busy in turns[1:]] + [now]
    for (at, is_busy), end in zip(turns, ends, strict=True):
        if is_busy:
            busy_since = busy_since or at
        elif busy_since is not None and end - at >= _EMPTY_AFTER:
            found.append((busy_since, at))
            busy_since = None
    return found


def _outages(tracker: JobTracker, spans: Sequence[ReachabilitySpan]) -> Iterator[FeedEntry]:
    """Yield when the server became unreachable for at least 30 s, and when it was back."""
    since: ReachabilitySpan | None = None
    is_told = False
    for span in spans:
        if span.state is Reachability.UNREACHABLE:
            since = since or span
            if not is_told and span.until - since.at >= _UNREACHABLE_AFTER:
                is_told = True
                entry_id = _id(tracker, "unreachable", since.at)
                yield FeedEntry(entry_id, since.at, "unreachable", "VPO unreachable")
        elif since is not None:
            if is_told:
                entry_id = _id(tracker, "reachable", span.at)
                yield FeedEntry(entry_id, span.at, "reachable", "VPO reachable again")
            since, is_told = None, False


def _id(tracker: JobTracker, kind: str, at: datetime, job_id: str = "") -> uuid.UUID:
    what = f"{tracker.server}\n{kind}\n{at.isoformat()}\n{job_id}"
    return uuid.uuid5(uuid.NAMESPACE_URL, what)
