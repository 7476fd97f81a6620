"""The parts of the overview: counts, queue, failures, activity and approvals."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import streamlit as st

from vpo_monitor.analysis.activity import Unwatched, activity, an_hour_ago, change_words, seen_words
from vpo_monitor.analysis.estimates import estimate_text
from vpo_monitor.analysis.estimates.queue import QueuedJob
from vpo_monitor.analysis.formatting import NO_FILE, display_name, truncate
from vpo_monitor.analysis.job_result import known_result
from vpo_monitor.analysis.number_format import count, percent, size
from vpo_monitor.analysis.overview import Overview
from vpo_monitor.analysis.reader import Reader
from vpo_monitor.api.models import Health, PlanPage
from vpo_monitor.history.job_tracker import JobTracker
from vpo_monitor.history.records import Change, Counts, JobRecord, Kind, error_words
from vpo_monitor.views import running_cards
from vpo_monitor.views.cards import Card, cards
from vpo_monitor.views.jobs_list import job_line
from vpo_monitor.views.link_list import Line, link_list
from vpo_monitor.views.local_time import hour_and_minute, local, viewer_zone
from vpo_monitor.views.navigation import target
from vpo_monitor.views.placeholder import placeholder

SHOWN_NEXT = 6
SHOWN_ACTIVITY = 14
_MOST_CHANGES = 1000
_FAILED_IN_24_H = {"status": "failed", "since": "24h"}
_FAILED_HINT = (
    "Lists failed jobs created in the last 24 hours. "
    "The count also includes older jobs that failed in that time."
)
_ICONS = {
    Kind.QUEUED: ("◷", "Queued", ""),
    Kind.STARTED: ("▶", "Started", "blue"),
    Kind.FINISHED: ("✓", "Finished", "green"),
    Kind.FAILED: ("✕", "Failed", "red"),
    Kind.CANCELLED: ("⊘", "Cancelled", ""),
    Kind.REQUEUED: ("↺", "Requeued", ""),
    Kind.VANISHED: ("?", "Removed from VPO", ""),
    Kind.STALLED: ("!", "Possibly stalled", "red"),
}


_HAVE_RESULTS = frozenset({Kind.FINISHED, Kind.FAILED})
_LONGEST_RESULT = 60


def count_cards(health: Health | None, tracker: JobTracker, now: datetime) -> None:
    """Draw VPO's counts, with their change over the last hour if it was monitored.

    Job counts link to those jobs. VPO counts the jobs that failed within 24 h, but it can only list
    those created within 24 h: a tooltip says so.
    """
    before = an_hour_ago(tracker.counts(), now, tracker.counts_good_for)
    figures = (
        ("Running", "jobs_running", "running", {"status": "running"}, ""),
        ("Queued", "jobs_queued", "queued", {"status": "queued"}, ""),
        ("Failed in 24 h", "recent_errors", "failed", _FAILED_IN_24_H, _FAILED_HINT),
        ("Workers", "active_workers", "workers", None, ""),
    )
    shown = []
    for label, field, then, its_filter, hint in figures:
        figure = _of(health, field)
        note = change_words(_of(before, then), figure)
        its_jobs = None if its_filter is None else target("jobs", its_filter)
        is_alarm = field == "recent_errors" and bool(figure)
        shown.append(
            Card(label, count(figure), note=note, target=its_jobs, hint=hint, is_alarm=is_alarm)
        )
    with st.container(key="counts"):
        cards(shown, None, key="count-cards", large=True)


def _of(counted: Health | Counts | None, name: str) -> int | None:
    figure: int | None = getattr(counted, name, None)
    return figure


def estimates(shown: Overview, reader: Reader) -> object:
    """Return what the page says of how long jobs and queue will take."""
    seen_at, zone = reader.seen_at(shown.running.fetched_at), viewer_zone()
    return (
        [running_cards.estimates(job, seen_at, zone) for job in shown.running_jobs],
        _drain_card(shown, None, reader.seen_at(shown.queued.fetched_at)),
        [_expected(one, shown, seen_at) for one in shown.forecast.jobs[:SHOWN_NEXT]],
        shown.forecast.order_notes(),
    )


def summary_cards(shown: Overview, now: datetime) -> None:
    """Draw the queue's ETA (`now` is this app's clock), the space saved and the success rate."""
    page, summary = shown.queued.data, shown.summary
    cells = [_drain_card(shown, page.total if page else None, now)]
    if summary is not None and summary.total_files_processed:
        rate = summary.success_rate
        files = f"of {count(summary.total_files_processed)} files"
        cells += [
            Card("Space saved", size(summary.total_size_saved), note="last 30 days"),
            Card("Success rate", "–" if rate is None else percent(100 * rate, 1), note=files),
        ]
    else:
        cells += [Card("Space saved", "–"), Card("Success rate", "–")]
    with st.container(key="outlook"):
        cards(cells, None, key="outlook-cards", large=True)


def _drain_card(shown: Overview, waiting: int | None, now: datetime) -> Card:
    name = "Queue ETA"
    if shown.queue_eta is not None:
        at = estimate_text.eta_range(shown.queue_eta, now, viewer_zone())
        return Card(
            name, estimate_text.remaining_text(shown.queue_eta), note=f"Likely {at}", is_wide=True
        )
    if waiting is None:
        return Card(name, "–", is_wide=True)
    if not waiting and not shown.running_jobs:
        return Card(name, "–", note="Queue empty", is_wide=True)
    return Card(name, "–", note="Not enough data", is_wide=True)


def next_jobs(shown: Overview, age: timedelta, now: datetime, seen_at: datetime) -> None:
    """Draw the next jobs in the queue, as of `now` (the server's clock), `age` ago.

    `seen_at` is the time of the running jobs by this app's clock.
    """
    queued = shown.forecast.jobs
    link_list(
        [
            Line(
                id=one.job.id,
                icon=str(place),
                title=display_name(one.job.file_path, NO_FILE),
                text=_kind(one),
                more=_expected(one, shown, seen_at),
                job_id=one.job.id,
                ago=_ago(one.job.created_at, now, age),
                at=f"Created {local(one.job.created_at)}",
                waits=True,
            )
            for place, one in enumerate(queued[:SHOWN_NEXT], 1)
        ],
        key="next-jobs",
    )
    if shown.queued.data is None:
        placeholder("queue", shown.queued)
        return
    total = shown.queued.data.total
    notes = []
    if total > SHOWN_NEXT:
        notes.append(f"{count(total - min(SHOWN_NEXT, len(queued)))} more queued.")
    notes.append(shown.forecast.order_notes())
    st.caption(" ".join(filter(None, notes)) if queued else "Queue is empty.")


def latest_failures(shown: Overview, tracker: JobTracker, age: timedelta, now: datetime) -> None:
    """Draw the latest failed jobs, each with the first line of its error."""
    lines = [
        job_line(job, error_words(tracker.record(job.id)), now + age)
        for job in shown.latest_failures
    ]
    link_list(lines, key="latest-failures")
    if shown.failed.data is None:
        placeholder("failed jobs", shown.failed)
    else:
        st.caption("" if shown.latest_failures else "No failed jobs.")


def activity_list(tracker: JobTracker) -> None:
    """Draw the recorded events, newest first."""
    now = tracker.now()
    changes, spans = tracker.changes(_MOST_CHANGES), tracker.spans()
    shown = activity(changes, spans, SHOWN_ACTIVITY)
    ids = [one.job_id for one in shown if isinstance(one, Change) and one.kind in _HAVE_RESULTS]
    tracker.view(ids)
    records = tracker.records_of(ids)
    link_list([_happened(one, now, records) for one in shown], key="activity-list")
    if not shown:
        begin = f" since {hour_and_minute(spans[-1][0])}" if spans else ""
        st.caption(f"No activity recorded{begin}.")
    else:
        st.caption(seen_words(changes, now))


def approvals(plans: PlanPage | None, address: str) -> None:
    """Draw the number of plans awaiting approval as a link to VPO; nothing if there are none."""
    with st.container(key="approvals"):
        if plans is not None and plans.total:
            what = "plan" if plans.total == 1 else "plans"
            st.link_button(
                f"{count(plans.total)} {what} awaiting approval · Open in VPO",
                f"{address}/plans",
                icon=":material/approval:",
            )


def _happened(one: Change | Unwatched, now: datetime, records: Mapping[str, JobRecord]) -> Line:
    if isinstance(one, Unwatched):
        return Line(
            id=f"gap {one.begin.timestamp()}",
            icon="·",
            title=f"Not monitored {hour_and_minute(one.begin)}–{hour_and_minute(one.end)}",
            text="Events were not recorded; the job list has the results.",
            tone="faint",
        )
    icon, word, tone = _ICONS[one.kind]
    result = known_result(records.get(one.job_id)) if one.kind in _HAVE_RESULTS else ""
    return Line(
        id=f"{one.at.timestamp()} {one.kind} {one.job_id}",
        icon=icon,
        title=display_name(one.file_path, NO_FILE),
        text=" · ".join(filter(None, (word, one.job_type, truncate(result, _LONGEST_RESULT)))),
        job_id=one.job_id,
        ago=(now - one.at).total_seconds(),
        at=local(one.at),
        tone=tone,
    )


def _kind(one: QueuedJob) -> str:
    priority = None if one.priority is None else f"priority {one.priority}"
    return " · ".join(filter(None, (one.job.job_type, one.policy_name, priority)))


def _expected(one: QueuedJob, shown: Overview, seen_at: datetime) -> str:
    expected = shown.forecast.expected.get(one.job.id)
    if expected is None:
        return f"no ETA: {shown.forecast.why_unknown(one.job.id)}"
    if shown.running.error is not None or shown.queued.error is not None:
        return estimate_text.expected_clock_text(expected, seen_at, viewer_zone())
    return estimate_text.expected_text(expected)


def _ago(at: datetime | None, now: datetime, age: timedelta) -> float | None:
    return None if at is None else (now - at + age).total_seconds()
