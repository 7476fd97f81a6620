"""Measure how good the estimates of what is left of a job are, on histories whose end is known.

Run from the project's folder: `.venv/bin/python -m bench.estimates [SEED]`

The table shows, at 25, 50 and 75 % of the way in time: the median error, relative to what was
truly left; that of elapsed ÷ percent at the same moments; how often the truth lay in the range, of
which 80 % is promised; how wide the range was, as the median of its end relative to its start; and
how often there was an estimate.

A second table shows the same for the starts of queued jobs: see `bench.queued_jobs`.
"""

import json
import random
import statistics
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypeVar

from bench import histories
from bench.histories import Backlog, Finished, Run
from bench.queued_jobs import RECORDED_FILES, print_start_scores
from vpo_monitor.analysis.estimates.durations import (
    MIN_SAMPLES,
    Estimate,
    from_times,
    processed_runs,
    seconds_per_byte,
)
from vpo_monitor.analysis.estimates.progress_eta import from_progress
from vpo_monitor.analysis.estimates.queue import estimate_queue
from vpo_monitor.api.models import RecentFiles
from vpo_monitor.history.records import FinishedRun

Kind = TypeVar("Kind")
WAYS = (0.25, 0.5, 0.75)
_NOUGHT = datetime(2026, 1, 1, tzinfo=UTC)
_NUMBER = 400
SIX_TRANSCODES = ((4.9, 21.9), (6.3, 25.4), (7.7, 30.3), (9.1, 41.2), (10.5, 43.5), (11.9, 46.9))
"""Megabytes and seconds of transcodes on a real server, in order; none reported its percent."""

_WITH_PERCENT: dict[str, Callable[[random.Random], Run]] = {
    "steady percent": histories.steady,
    "speed drifts by ±50 %": histories.drifting,
    "speed swings by ±50 % and back": histories.waving,
    "jumps of 10–25 percent": histories.jumping,
    "pauses": histories.pausing,
    "requeued to 0": histories.requeued,
    "server's clock +10 min": histories.clock_ahead,
    "server's clock −10 min": histories.clock_behind,
}
_WITHOUT_PERCENT: dict[str, Callable[[random.Random], Finished]] = {
    "no percent: pace × size": histories.paced,
    "no percent: similar times": histories.similar,
    "… one in 20 ten times as long": partial(histories.similar, strays=0.05),
}


@dataclass(frozen=True)
class Score:
    """How the estimates of one kind did at one part of the way; shares from 0 to 1.

    `error`, `baseline` and `width` are medians, None where there was nothing to compare.
    """

    error: float | None
    baseline: float | None
    held: float
    width: float | None
    told: float


@dataclass(frozen=True)
class _Trial:
    truth: float
    estimate: Estimate | None
    baseline: float | None = None


def scores(seed: int, number: int) -> dict[str, list[Score]]:
    """The scores of each kind at each part of the way, over so many histories of a kind."""
    table: dict[str, list[Score]] = {}
    for kind, make in _WITH_PERCENT.items():
        table[kind] = _scored(_made(make, seed, number), _of_run)
    for kind, similar in _WITHOUT_PERCENT.items():
        table[kind] = _scored(_made(similar, seed, number), _of_finished)
    table["recorded files, each from the others"] = _scored(recorded_files(), _of_finished)
    table["six transcodes, each from those before"] = _scored(six_transcodes(), _of_finished)
    table["whole queue"] = _scored(_made(histories.backlog, seed, number), _of_backlog)
    return table


def main() -> None:
    """Print both tables."""
    seed = int(sys.argv[1]) if sys.argv[1:] else 1
    print("| History | Error at 25 / 50 / 75 % | Elapsed ÷ percent | In the range | Width | Told |")
    print("|---|---|---|---|---|---|")
    for kind, row in scores(seed, _NUMBER).items():
        cells = (
            _cell([score.error for score in row]),
            _cell([score.baseline for score in row]),
            _cell([score.held for score in row]),
            " / ".join("–" if score.width is None else f"{score.width:.1f}" for score in row),
            _cell([score.told for score in row]),
        )
        print(f"| {kind} | {' | '.join(cells)} |")
    print()
    print_start_scores(seed, _NUMBER)


def _cell(shares: Sequence[float | None]) -> str:
    if all(share is None for share in shares):
        return "none"
    return " / ".join("–" if share is None else f"{share:.0%}" for share in shares)


def _made(make: Callable[[random.Random], Kind], seed: int, number: int) -> list[Kind]:
    chance = random.Random(seed)
    return [make(chance) for _ in range(number)]


def _scored(made: Sequence[Kind], trial: Callable[[Kind, float], _Trial]) -> list[Score]:
    row = []
    for way in WAYS:
        trials = [trial(one, way) for one in made]
        told = [(t, t.estimate) for t in trials if t.estimate is not None]
        row.append(
            Score(
                _median([abs(estimate.middle / t.truth - 1) for t, estimate in told]),
                _median([abs(t.baseline / t.truth - 1) for t, _ in told if t.baseline is not None]),
                sum(estimate.low <= t.truth <= estimate.high for t, estimate in told)
                / max(1, len(told)),
                _median([estimate.high / max(estimate.low, 0.1) for _, estimate in told]),
                len(told) / len(trials),
            )
        )
    return row


def _median(errors: Sequence[float]) -> float | None:
    return statistics.median(errors) if errors else None


def _of_run(run: Run, way: float) -> _Trial:
    now = way * run.length
    seen = run.seen_by(now)
    percent = seen[-1].percent if seen else 0.0
    baseline = (now - run.begun_by_server) * (100 / percent - 1) if percent else None
    return _Trial(run.length - now, from_progress(seen, now), baseline)


def _of_finished(job: Finished, way: float) -> _Trial:
    elapsed = way * job.length
    return _Trial(job.length - elapsed, from_times(job.similar, elapsed, "from similar jobs"))


def recorded_files() -> list[Finished]:
    """The recorded processed files, each with the times that the others' paces give its size."""
    files = RecentFiles.read(json.loads(RECORDED_FILES.read_text(encoding="utf-8"))["body"]).rows
    runs = processed_runs(files, files[0].policy_name or "")  # all have the same policy
    return [
        Finished(run.seconds, _scaled(run, [other for other in runs if other is not run]))
        for run in runs
        if seconds_per_byte([run])
    ]


def six_transcodes() -> list[Finished]:
    """The last three of the six, each with the times that the paces before it give its size."""
    runs = [FinishedRun(seconds, round(size * 1e6)) for size, seconds in SIX_TRANSCODES]
    return [
        Finished(run.seconds, _scaled(run, runs[:number]))
        for number, run in enumerate(runs)
        if number >= MIN_SAMPLES
    ]


def _scaled(run: FinishedRun, others: Sequence[FinishedRun]) -> tuple[float, ...]:
    return tuple(pace * (run.size_bytes or 0) for pace in seconds_per_byte(others))


def _of_backlog(jobs: Backlog, way: float) -> _Trial:
    now = way * jobs.length

    def moment(seconds: float) -> datetime:
        return _NOUGHT + timedelta(seconds=seconds)

    ended = [(moment(created), moment(end)) for created, _, end in jobs.spans if end <= now]
    running = sum(start <= now < end for _, start, end in jobs.spans)
    queued = len(jobs.spans) - len(ended) - running
    since = moment(0) if queued else None
    estimate = estimate_queue(queued, ended, moment(now), [None] * running, waiting_since=since)
    return _Trial(jobs.length - now, estimate)


if __name__ == "__main__":
    main()
