"""What a finished job did to its file, and the earlier runs of that file."""

import math
from datetime import datetime

import streamlit as st

from vpo_monitor.analysis import job_result
from vpo_monitor.analysis.job_filter import MAX_SEARCH, PAGE_SIZE
from vpo_monitor.analysis.number_format import count
from vpo_monitor.analysis.reader import Reader
from vpo_monitor.api.errors import BadRequest, NotFound
from vpo_monitor.api.models import FileRun, JobDetail, JobReport
from vpo_monitor.history.job_tracker import JobTracker
from vpo_monitor.history.records import JobResult, first_line
from vpo_monitor.plain_text import plain
from vpo_monitor.polling import queries
from vpo_monitor.views.cards import Card, cards, facts
from vpo_monitor.views.link_list import Line, link_list
from vpo_monitor.views.local_time import local
from vpo_monitor.views.placeholder import placeholder

_UNFOLDED = 3
"""Other runs of a file that are shown at once; more are folded."""
NO_SUMMARY = "No summary available"


def job_report(reader: Reader, tracker: JobTracker, job: JobDetail, newer_than: float) -> None:
    """Draw what a finished job did. The runs of its file are fetched after `newer_than`."""
    st.subheader("What it did", anchor=False)
    report = _report(reader, tracker, job)
    if report is None:
        if job.summary and job.summary.strip():
            st.text(plain(job.summary).strip())
        elif job.stats_id is None or tracker.report(job.stats_id) is False:
            st.caption(NO_SUMMARY)
        return
    _draw(report, job)
    _other_runs(reader, tracker, job, report, newer_than)


def _report(reader: Reader, tracker: JobTracker, job: JobDetail) -> JobReport | None:
    """Return the job's report, which is requested once; None if there is none yet."""
    if job.stats_id is None:
        return None
    kept = tracker.report(job.stats_id)
    if kept is not None:
        return kept or None
    tracker.claim_report(job.stats_id)
    snapshot = reader.peek(queries.job_report(job.stats_id), math.inf)
    if snapshot.data is None and not isinstance(snapshot.error, NotFound | BadRequest):
        placeholder("summary", snapshot)
    return snapshot.data


def _draw(report: JobReport, job: JobDetail) -> None:
    before, after = report.size_before, report.size_after
    changes = report.total_changes
    cards(
        [
            Card(
                "Size",
                job_result.size_words(before, after),
                note=job_result.saving_words(before, after),
                is_wide=True,
            ),
            Card("Video", job_result.codec_words(report), note=job_result.encoder_words(report)),
            Card("Tracks removed", job_result.removed_words(report)),
            Card(
                "Phases",
                job_result.phases_words(report),
                note="" if changes is None else f"{count(changes)} changes",
            ),
        ],
        None,
        key="report-cards",
    )
    skipped = report.video_skip_reason if report.video_transcode_skipped else None
    is_other_file = report.file_path and report.file_path != job.file_path
    more = {
        "Skipped": skipped,
        "Error": None if report.success else first_line(report.error_message or ""),
        "Actions": "\n".join(report.actions),
        "File": report.file_path if is_other_file else None,
    }
    if any(more.values()):
        facts(more, key="report-facts")


def _other_runs(
    reader: Reader, tracker: JobTracker, job: JobDetail, report: JobReport, newer_than: float
) -> None:
    """Draw the other runs of the file, newest first, each with a link to its job if it is known."""
    if report.file_id is None:
        return
    query = queries.file_runs(report.file_id)
    snapshot = reader.peek(query, math.inf, newer_than=newer_than)
    if snapshot.data is None:
        if not isinstance(snapshot.error, NotFound | BadRequest):
            placeholder("earlier runs of this file", snapshot)
        return
    runs, total = snapshot.data.runs, snapshot.data.total
    others = [run for run in runs if run.stats_id != job.stats_id]
    if not others:
        st.caption("No earlier runs of this file.")
        return
    if len(others) < len(runs) or total > len(runs):
        total -= 1  # without this run
    begun = report.processed_at
    is_later = any(begun and run.processed_at and run.processed_at > begun for run in others)
    label = f"{'Other' if is_later else 'Earlier'} runs of this file: {count(total)}"
    with st.expander(label, key="file-runs-fold", expanded=len(others) <= _UNFOLDED):
        if job.file_path:  # the list has their jobs, also those that no other list has shown
            search = job.file_path[-MAX_SEARCH:]
            reader.peek(queries.jobs(search=search, limit=PAGE_SIZE), math.inf)
        of_runs = job_result.jobs_of_runs(others, tracker.jobs_of_file(job.file_path))
        now = reader.as_of(None)
        lines = [_line(run, of_runs.get(run.stats_id), now) for run in others]
        link_list(lines, key="file-runs")
        if total > len(others):
            st.caption(f"Showing the newest {count(len(others))} of {count(total)} runs.")


def _line(run: FileRun, job_id: str | None, now: datetime) -> Line:
    error = None if run.success else first_line(run.error_message or "")
    return Line(
        id=f"{run.stats_id} {run.processed_at}",
        icon="✓" if run.success else "✕",
        title=run.policy_name or "No policy",
        text=job_result.gist(JobResult(run.size_before, run.size_after, None, error)),
        job_id=job_id,
        ago=None if run.processed_at is None else (now - run.processed_at).total_seconds(),
        at=local(run.processed_at),
        tone="green" if run.success else "red",
    )
