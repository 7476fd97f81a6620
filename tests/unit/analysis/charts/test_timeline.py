"""Bars say what is known of each job's times, in as few lanes as that takes."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tracked import tracker_of
from vpo_monitor.analysis.charts.time_axis import ticks
from vpo_monitor.analysis.charts.time_range import TimeRange
from vpo_monitor.analysis.charts.timeline import (
    MAX_BARS,
    MAX_LANES,
    NO_SLOT,
    Bar,
    Lanes,
    Shape,
    Timeline,
    Window,
    build_timeline,
    expected_positions,
    read_timeline,
    window,
)
from vpo_monitor.analysis.charts.timeline_summary import (
    run_seconds,
    summary_text,
    timeline_frame,
    total_seconds,
    wait_seconds,
)
from vpo_monitor.analysis.estimates.durations import Estimate
from vpo_monitor.analysis.estimates.queue_starts import ExpectedTimes
from vpo_monitor.history.records import JobRecord

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
SINCE, UNTIL = NOON - timedelta(hours=24), NOON


def at(minutes: float) -> datetime:
    """Minutes from the window's begin."""
    return SINCE + timedelta(minutes=minutes)


def job(
    name: str,
    created: float | None = None,
    started: float | None = None,
    ended: float | None = None,
    *,
    status: str = "completed",
    has_detail: bool = True,
    job_type: str = "transcode",
) -> JobRecord:
    return JobRecord(
        id=name,
        job_type=job_type,
        status=status,
        created_at=None if created is None else at(created),
        started_at=None if started is None else at(started),
        completed_at=None if ended is None else at(ended),
        has_detail=has_detail,
    )


def drawn(*jobs: JobRecord, by: Lanes = Lanes.TYPE) -> Timeline:
    return build_timeline(jobs, SINCE, UNTIL, by)


def only(timeline: Timeline) -> Bar:
    assert len(timeline.bars) == 1
    return timeline.bars[0]


MOMENTS = st.none() | st.integers(-3000, 3000).map(at)
RECORDS = st.builds(
    JobRecord,
    id=st.integers(0, 40).map(str),
    job_type=st.sampled_from(["scan", "transcode", "", "transcode #2", NO_SLOT, "\u202e\n"]),
    status=st.sampled_from(["queued", "running", "completed", "failed", "cancelled", "paused", ""]),
    created_at=MOMENTS,
    started_at=MOMENTS,
    completed_at=MOMENTS,
    has_detail=st.booleans(),
)


@given(records=st.lists(RECORDS, max_size=60), by=st.sampled_from(Lanes))
def test_each_job_is_drawn_once_within_the_window_and_no_runs_overlap_in_a_lane(
    records: list[JobRecord], by: Lanes
) -> None:
    timeline = build_timeline(records, SINCE, UNTIL, by)
    ids = [bar.job.id for bar in timeline.bars]
    assert len(ids) == len(set(ids))
    assert timeline.in_window == len(ids) + timeline.beyond
    assert len(timeline.lanes) <= MAX_LANES
    for bar in timeline.bars:
        assert SINCE <= bar.begins <= (bar.run_begins or bar.begins) <= bar.ends <= UNTIL
        assert (bar.run_begins is not None) == (bar.shape is Shape.RUN)
        assert 0 <= bar.row < len(timeline.lanes)
    for row in range(len(timeline.lanes)):
        runs = sorted(
            (bar.run_begins, bar.ends)
            for bar in timeline.bars
            if bar.row == row and bar.run_begins is not None
        )
        assert all(one[1] <= other[0] for one, other in pairwise(runs))
    without = {r.id: r for r in records}.values()
    assert timeline.without_time == sum(
        not (one.created_at or one.started_at or one.completed_at) for one in without
    )


@given(
    runs=st.lists(st.tuples(st.integers(0, 300), st.integers(1, 60)), min_size=1, max_size=40),
)
def test_there_are_as_many_slots_as_jobs_ran_at_once(runs: list[tuple[int, int]]) -> None:
    jobs = [job(str(n), 0, start, start + long) for n, (start, long) in enumerate(runs)]
    at_once = max(
        sum(start <= minute < start + long for start, long in runs) for minute in range(361)
    )
    timeline = drawn(*jobs, by=Lanes.SLOT)
    shown = min(at_once, MAX_LANES - 1)
    assert timeline.lanes == (*(f"slot {n + 1}" for n in range(shown)), NO_SLOT)
    assert (timeline.beyond > 0) == (at_once > shown)


def test_wait_and_run_are_apart_where_the_start_is_known() -> None:
    bar = only(drawn(job("a", 10, 30, 60)))
    assert (bar.begins, bar.run_begins, bar.ends) == (at(10), at(30), at(60))
    assert (wait_seconds(bar), run_seconds(bar), total_seconds(bar)) == (20 * 60, 30 * 60, None)


def test_wait_and_run_are_one_until_the_start_is_known() -> None:
    bar = only(drawn(job("a", 10, None, 60, has_detail=False)))
    assert bar.shape is Shape.WHOLE
    assert (wait_seconds(bar), run_seconds(bar), total_seconds(bar)) == (None, None, 50 * 60)


def test_a_job_cancelled_before_it_started_has_waited_only() -> None:
    bar = only(drawn(job("a", 10, None, 60, status="cancelled")))
    assert bar.shape is Shape.WAIT
    assert (wait_seconds(bar), run_seconds(bar), total_seconds(bar)) == (50 * 60, None, None)


@pytest.mark.parametrize("status", ["queued", "running", "paused"])
def test_a_job_that_has_not_ended_reaches_to_the_end_of_the_window(status: str) -> None:
    started = None if status == "queued" else 20
    assert only(drawn(job("a", 10, started, status=status))).ends == UNTIL


def test_no_end_is_made_up_for_a_job_that_ended_at_a_time_not_known() -> None:
    bar = only(drawn(job("a", 10, 20, None)))
    assert bar.run_begins == bar.ends == at(20)


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        ((10, 60, 30), (10, 30, 30)),  # completed before it started
        ((50, 20, 60), (20, 20, 60)),  # started before it was created
        ((9999, 9999, None), (1440, 1440, 1440)),  # all in the future
        ((None, 20, 60), (20, 20, 60)),
        ((-50, -20, 60), (0, 0, 60)),  # from before the window
    ],
)
def test_odd_clocks_claim_no_negative_time(
    times: tuple[float | None, float | None, float | None], expected: tuple[float, float, float]
) -> None:
    status = "running" if times[2] is None else "completed"
    bar = only(drawn(job("a", *times, status=status)))
    assert (bar.begins, bar.run_begins, bar.ends) == tuple(at(one) for one in expected)


def test_jobs_of_one_type_that_overlap_get_lanes_of_their_own() -> None:
    timeline = drawn(job("a", 0, 1, 9), job("b", 0, 5, 20), job("c", 0, 9, 12), job("d", 0, 30, 40))
    assert timeline.lanes == ("transcode", "transcode #2")
    assert {bar.job.id: bar.row for bar in timeline.bars} == {"a": 0, "b": 1, "c": 0, "d": 0}


def test_jobs_queued_at_once_and_done_one_by_one_take_one_lane_before_details_are_known() -> None:
    timeline = drawn(*(job(f"{n:03d}", 0, None, n + 1, has_detail=False) for n in range(100)))
    assert timeline.lanes == ("transcode",)
    # The one that ended first is drawn last, so that each is seen at its end.
    assert [bar.job.id for bar in timeline.bars] == [f"{n:03d}" for n in reversed(range(100))]


def test_more_lanes_than_there_is_room_for_are_counted_and_each_type_keeps_one() -> None:
    scan = job("scan", 0, 1, 500, job_type="scan")
    timeline = drawn(scan, *(job(str(n), 0, 1, 500) for n in range(40)))
    assert len(timeline.lanes) == MAX_LANES
    assert "scan" in timeline.lanes
    assert timeline.beyond == 41 - MAX_LANES
    assert "Not shown: 17 jobs beyond the first 24 lanes." in summary_text(timeline, "24h")


def test_the_newest_jobs_are_drawn_and_the_others_said() -> None:
    jobs = [job(f"{n:04d}", n / 10, n / 10, n / 10 + 0.05) for n in range(MAX_BARS + 5)]
    timeline = drawn(*jobs)
    assert len(timeline.bars) == MAX_BARS
    assert "0004" not in {bar.job.id for bar in timeline.bars}
    assert summary_text(timeline, "24h", 3412) == "Newest 1,000 of 3,412 jobs."
    assert summary_text(timeline, "24h") == "Newest 1,000 of 1,005 jobs."


def test_the_words_say_how_many_starts_are_known() -> None:
    timeline = drawn(job("a", 1, 2, 3), job("b", 1, None, 3, has_detail=False), job("c"))
    assert summary_text(timeline, "24h") == (
        "2 jobs. Start times loaded for 1 of 2 jobs so far. Not shown: 1 job without any timestamp."
    )
    assert summary_text(drawn(), "7d") == "No jobs in the last 7 days."


def test_the_window_moves_in_steps_and_never_ends_before_now() -> None:
    step = timedelta(hours=24) / 200
    first = window("24h", NOON + step / 4)
    assert first == window("24h", NOON + step / 2)
    assert first.until - first.since == timedelta(hours=24)
    assert first.until >= NOON + step / 2
    assert window("24h", NOON + step * 1.25).until - first.until == step


def test_the_axis_has_its_marks_at_the_viewers_midnights_also_when_clocks_change() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    since = datetime(2026, 10, 23, 12, tzinfo=UTC)
    week = ticks(since, since + timedelta(days=7), berlin)
    assert [tick.label for tick in week][:3] == ["Sat 24 Oct", "Sun 25 Oct", "Mon 26 Oct"]
    assert [tick.at.hour for tick in week] == [22, 22, 23, 23, 23, 23, 23]
    assert [tick.label for tick in week if tick.is_main] == ["Mon 26 Oct"]
    day = ticks(SINCE, UNTIL, UTC)
    assert [tick.label for tick in day if tick.is_main] == ["Tue 24 Nov"]
    assert day[0].label == "12:00"
    assert len(day) == 13


def test_the_table_has_a_row_for_each_bar_and_its_columns_also_without_any() -> None:
    frame = timeline_frame(drawn(job("a", 1, 2, 3), job("b", 5, None, 9, has_detail=False)))
    assert frame["wait"].tolist() == ["–", "1 min 00 s"]
    assert frame["together"].tolist() == ["4 min 00 s", "–"]
    assert timeline_frame(drawn()).columns.tolist() == frame.columns.tolist()


def test_hostile_names_become_one_harmless_line() -> None:
    one = JobRecord(
        id="a",
        job_type="\u202eevil\n",
        status="failed",
        file_path="/srv/\x1b[31mred\ud800.mkv",
        created_at=at(1),
        error="a\nb\x07",
    )
    timeline = drawn(one)
    assert timeline.lanes == ("evil",)
    row = timeline_frame(timeline).iloc[0]
    assert (row["file"], row["error"]) == ("red?.mkv", "a b")


@given(records=st.lists(RECORDS, max_size=60))
def test_what_the_tracker_has_seen_is_drawn_like_the_jobs_themselves(
    records: list[JobRecord],
) -> None:
    tracker = tracker_of(records)
    seen = tracker.records()
    assert len(seen) == len(records)
    timeline = read_timeline(tracker, Window(SINCE, UNTIL), Lanes.TYPE)
    assert timeline == build_timeline(seen, SINCE, UNTIL)


def expected(start: float, end: float, spread: float = 1.5) -> ExpectedTimes:
    """Minutes from now."""

    def around(minutes: float) -> Estimate:
        return Estimate(60 * minutes / spread, 60 * minutes, 60 * minutes * spread, "")

    return ExpectedTimes(around(start), around(end), planned=(60 * start, 60 * end))


def queued(name: str, created: float) -> JobRecord:
    return job(name, created, status="queued")


def test_expected_runs_are_right_of_now_in_lanes_like_real_ones() -> None:
    running = job("r", 1380, 1400, status="running")
    jobs = [running, queued("a", 1381), queued("b", 1382), queued("not estimated", 1383)]
    times = {"a": expected(10, 30), "b": expected(30, 50)}
    timeline = build_timeline(jobs, SINCE, UNTIL, Lanes.TYPE, times)
    bars = {bar.job.id: bar for bar in timeline.bars}
    a = bars["a"]
    assert (a.shape, a.run_begins, a.ends) == (Shape.EXPECTED, at(1450), at(1470))
    assert a.begins == at(1381)
    assert timeline.lanes == ("transcode",)  # one after the other
    assert bars["not estimated"].shape is Shape.WAIT
    assert timeline.future == timedelta(hours=2)  # room for the latest end, 75 min
    assert drawn(*jobs).future == timedelta()


def test_runs_that_are_expected_at_once_have_lanes_of_their_own() -> None:
    times = {"a": expected(10, 30), "b": expected(20, 50)}
    timeline = build_timeline([queued("a", 1), queued("b", 2)], SINCE, UNTIL, Lanes.SLOT, times)
    assert timeline.lanes == ("slot 1", "slot 2", NO_SLOT)


def test_the_future_is_a_quarter_of_the_window_at_most() -> None:
    times = {"a": expected(10, 30, spread=10), "b": expected(900, 1e9)}
    timeline = build_timeline([queued("a", 1), queued("b", 2)], SINCE, UNTIL, Lanes.TYPE, times)
    assert timeline.future == timedelta(hours=6)
    assert {bar.job.id: bar.shape for bar in timeline.bars} == {
        "a": Shape.EXPECTED,
        "b": Shape.WAIT,
    }


def test_an_expectation_of_a_job_that_has_started_since_is_not_drawn() -> None:
    timeline = build_timeline(
        [job("a", 1380, 1400, status="running")], SINCE, UNTIL, Lanes.TYPE, {"a": expected(1, 2)}
    )
    assert only(timeline).shape is Shape.RUN


def test_expected_times_are_in_the_table_too() -> None:
    timeline = build_timeline(
        [queued("a", 1), queued("b", 2)], SINCE, UNTIL, Lanes.TYPE, {"a": expected(15, 30, 1.7)}
    )
    assert timeline_frame(timeline)["expected"].tolist() == [
        "",
        "starts in 8 to 30 min · ends in 15 to 55 min",
    ]


def test_the_page_is_redrawn_when_an_expected_run_moves_visibly() -> None:
    day = timedelta(hours=24)
    near = expected_positions({"a": expected(10, 30)}, day)
    assert near == expected_positions({"a": expected(9, 30)}, day)
    assert near != expected_positions({"a": expected(20, 30)}, day)


def test_a_range_in_the_past_has_only_its_jobs_and_no_present() -> None:
    jobs = [
        job("before", 1, 2, 3),
        job("into it", 1, 2, 70),
        job("inside", 80, 90, 100),
        job("out of it", 110, 110, 300),
        job("still waiting", 115, status="queued"),
        job("after", 130, 140, 150),
    ]
    shown = window(TimeRange(at(60), at(120)), NOON)
    assert (shown.since, shown.until, shown.is_past) == (at(60), at(120), True)
    timeline = read_timeline(
        tracker_of(jobs), shown, Lanes.TYPE, {"4 still waiting": expected(5, 15)}
    )
    ends = {bar.job.id.partition(" ")[2]: (bar.begins, bar.ends) for bar in timeline.bars}
    assert ends == {
        "into it": (at(60), at(70)),
        "inside": (at(80), at(100)),
        "out of it": (at(110), at(120)),
        "still waiting": (at(115), at(120)),
    }
    assert (timeline.in_window, timeline.is_past) == (4, True)
    assert timeline.future == timedelta()


def test_a_range_that_includes_now_ends_where_it_says() -> None:
    shown = window(TimeRange(NOON - timedelta(hours=2), NOON + timedelta(hours=1)), NOON)
    assert not shown.is_past
    waiting = queued("a", 1430)
    timeline = read_timeline(tracker_of([waiting]), shown, Lanes.TYPE, {"0 a": expected(10, 300)})
    assert timeline.until - NOON < timedelta(minutes=1)
    assert timeline.until + timeline.future == NOON + timedelta(hours=1)
    (bar,) = timeline.bars
    assert (bar.shape, bar.ends) == (Shape.EXPECTED, NOON + timedelta(hours=1))


@pytest.mark.parametrize("minutes", [1, 5, 15, 30, 45, 120, 600])
def test_an_axis_of_any_length_has_a_few_round_times(minutes: int) -> None:
    begin = NOON + timedelta(seconds=17)
    assert 1 <= len(ticks(begin, begin + timedelta(minutes=minutes), UTC)) <= 15


@pytest.mark.parametrize(("hours", "labels"), [(1, 7), (6, 7)])
def test_a_short_axis_has_round_times(hours: int, labels: int) -> None:
    found = ticks(NOON, NOON + timedelta(hours=hours), UTC)
    assert len(found) == labels
    assert found[0].label == "12:00"
    assert found[1].label == ("12:10" if hours == 1 else "13:00")
