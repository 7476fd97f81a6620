"""Which jobs the histogram counts, and that it only grows."""

from tests.unit.metrics.world import World

COUNT, SUM, BUCKET = (f"vpo_job_run_seconds_{end}" for end in ("count", "sum", "bucket"))


def test_a_job_is_counted_once_in_each_bucket_that_it_fits() -> None:
    world = World()
    world.ended("a", 45.0)
    world.ended("b", 60.0)
    world.ended("c", 90_000.0)
    for _ in range(3):
        assert world.value(COUNT, "transcode", "completed") == 3
        assert world.value(SUM, "transcode", "completed") == 90_105
    buckets = {
        labels[1]: value for (name, labels), value in world.samples().items() if name == BUCKET
    }
    assert buckets["30.0"] == 0
    assert buckets["60.0"] == 2
    assert buckets["86400.0"] == 2
    assert buckets["+Inf"] == 3


def test_types_and_statuses_are_told_apart() -> None:
    world = World()
    world.ended("a", 5.0, job_type="scan")
    world.ended("b", 5.0, job_type="scan", status="failed")
    world.ended("c", 5.0, job_type="Scan")
    assert world.value(COUNT, "scan", "completed") == 1
    assert world.value(COUNT, "scan", "failed") == 1
    assert world.value(COUNT, "other", "completed") == 1


def test_what_ended_before_or_still_runs_or_has_no_start_is_not_counted() -> None:
    world = World()
    world.clock += 100
    world.ended("before", 5.0, ago=101.0)
    world.ended("running", 5.0, status="running")
    world.ended("unknown", 5.0, status="exploded")
    world.ended("ages", 200 * 365 * 86_400.0)
    assert not [name for name, _labels in world.samples() if name == COUNT]
    world.ended("after", 5.0, ago=99.0)
    assert world.value(COUNT, "transcode", "completed") == 1


def test_a_job_that_ran_again_counts_again_and_one_that_is_forgotten_takes_nothing_away() -> None:
    world = World()
    world.ended("a", 5.0)
    assert world.value(COUNT, "transcode", "completed") == 1
    world.clock += 600
    world.ended("a", 7.0)
    assert world.value(COUNT, "transcode", "completed") == 2
    world.forget("a")
    assert world.value(COUNT, "transcode", "completed") == 2


def test_a_clock_that_is_set_back_makes_no_job_count_twice() -> None:
    world = World()
    world.clock += 10
    world.ended("a", 5.0, ago=9.0)
    assert world.value(COUNT, "transcode", "completed") == 1
    for ahead in (3600.0, 0.0):
        world.tracker._ahead = lambda ahead=ahead: ahead  # type: ignore[misc]
        world.tracker.revision += 1
        assert world.value(COUNT, "transcode", "completed") == 1
