"""A card for each running job: progress, remaining time and ETA."""

from collections.abc import Sequence
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any

import streamlit as st

from vpo_monitor.insight.estimates import estimate_text
from vpo_monitor.insight.estimates.problem_text import problem_text
from vpo_monitor.insight.estimates.running_job import RunningJob
from vpo_monitor.insight.formatting import NO_FILE, display_name
from vpo_monitor.insight.number_format import count, percent
from vpo_monitor.plain_text import LONGEST_NAME, plain_line
from vpo_monitor.views.duration_js import DURATION_JS
from vpo_monitor.views.navigation import GO_TO_JS, target

_CSS = """
.vpo-running { display: grid; gap: .75rem;
  grid-template-columns: repeat(auto-fill, minmax(min(100%, 21rem), 1fr)); }
.vpo-running article { padding: .7rem .9rem; border: 1px solid var(--st-border-color);
  border-radius: var(--st-base-radius); min-width: 0; }
.vpo-running :is(p, dl, dd) { margin: 0; }
.vpo-running .name { display: block; font-weight: 600; color: var(--st-link-color);
  text-decoration: none; overflow-wrap: anywhere; scroll-margin-top: 4rem; }
.vpo-running .name:hover { text-decoration: underline; }
.vpo-running :is(.kind, .ground, dt, dd span) { font-size: .8rem; opacity: .8; }
.vpo-running .kind { overflow-wrap: anywhere; }
.vpo-running .bar { height: .5rem; margin: .45rem 0 .3rem; border-radius: 1rem; overflow: hidden;
  background: color-mix(in srgb, var(--st-text-color) 15%, transparent); }
.vpo-running .bar i { display: block; height: 100%; border-radius: 1rem;
  background: var(--st-primary-color); }
/* Progress not reported: an animated bar without a value. */
.vpo-running .bar.unknown i { width: 100%; border-radius: 0; opacity: .75;
  background: repeating-linear-gradient(-45deg, var(--st-primary-color) 0 .6rem,
    transparent .6rem 1.2rem) 0 0 / 1.697rem 100%;
  animation: vpo-moves 1.2s linear infinite; }
@keyframes vpo-moves { to { background-position-x: 1.697rem; } }
.stMain[data-old] .vpo-running .bar.unknown i { animation: none; }
@media (prefers-reduced-motion: reduce) { .vpo-running .bar.unknown i { animation: none; } }
.vpo-running .progress { display: flex; justify-content: space-between; align-items: center;
  gap: .5rem; min-height: 1.4rem; font-size: .875rem; }
.vpo-running svg { width: 6rem; height: 1.25rem; flex: none; }
.vpo-running svg[hidden] { display: none; }
.vpo-running polyline { fill: none; stroke: var(--st-primary-color); stroke-width: 1.5; }
.vpo-running dl { display: grid; grid-template-columns: 1fr 1.2fr 1.2fr; gap: .5rem;
  margin: .3rem 0; }
.vpo-running dd b { display: block; font-weight: 600; font-variant-numeric: tabular-nums; }
.vpo-running .suspicion { margin-top: .35rem; padding: .15rem .55rem; font-size: .875rem;
  border-radius: var(--st-base-radius); background: var(--st-orange-background-color);
  color: var(--st-orange-text-color); }
.vpo-running [hidden] { display: none; }
"""

# Not in a shadow tree, so that the page's style can fade old data.
_cards = st.components.v2.component(
    "vpo_monitor_running",
    html='<div class="vpo-running"></div>',
    css=_CSS,
    js=DURATION_JS + GO_TO_JS + Path(__file__).with_suffix(".js").read_text("utf-8"),
    isolate_styles=False,
)


def running_cards(
    jobs: Sequence[RunningJob], *, seen_at: datetime, age: float | None, zone: tzinfo
) -> None:
    """Draw a card for each job as of `seen_at` (UTC, this app's clock), `age` seconds ago.

    With `age` None the data is too old to keep counting elapsed times.
    """
    _cards(key="running-cards", data={"jobs": [_card(job, seen_at, age, zone) for job in jobs]})


def _card(job: RunningJob, seen_at: datetime, age: float | None, zone: tzinfo) -> dict[str, Any]:
    record, remaining = job.record, job.remaining
    kind = [job.job.job_type, record.policy_name or ""]
    remaining_texts, eta_texts = ("", ""), ("", "")
    if remaining is not None:
        remaining_texts = (
            estimate_text.remaining_text(remaining),
            estimate_text.remaining_range(remaining),
        )
        eta_texts = (
            estimate_text.eta_text(remaining, seen_at, zone),
            estimate_text.eta_range(remaining, seen_at, zone),
        )
    return {
        "id": job.job.id,
        "target": target("job", {"id": job.job.id}),
        "file": display_name(job.job.file_path, NO_FILE),
        "path": plain_line(job.job.file_path),
        "kind": plain_line(" · ".join(filter(None, kind)), LONGEST_NAME),
        "percent": job.percent,
        "progress": _progress_text(job),
        "elapsed": None if job.elapsed is None else round(job.elapsed + (age or 0.0), 1),
        "counts": age is not None,
        "elapsed_note": "start unknown" if job.elapsed is None else "",
        "remaining": remaining_texts,
        "eta": eta_texts,
        "ground": estimate_text.basis_text(job),
        "suspicion": problem_text(job.problem),
        "speeds": job.speeds,
        "speed": _speed(job.speeds),
    }


def _progress_text(job: RunningJob) -> str:
    """Describe the progress; a percentage only if the server has reported one."""
    counted = "" if job.counted is None else " of ".join(map(count, job.counted))
    if job.percent is not None:
        return percent(job.percent) + (f" · {counted}" if counted else "")
    return counted or "Progress not reported"


def _speed(speeds: Sequence[float]) -> str:
    return f"Speed: {percent(speeds[-1], 1)} per minute" if speeds else ""
