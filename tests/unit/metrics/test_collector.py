"""What a scrape tells and what it asks; what is not known is left out."""

import math
from dataclasses import replace

import pytest
from prometheus_client import generate_latest
from prometheus_client.exposition import choose_encoder
from prometheus_client.openmetrics.parser import (
    text_string_to_metric_families as openmetrics_families,
)

from tests.secret_leaks import PASSWORD, TOKEN, leaks
from tests.unit.metrics.world import HEALTH, World, everything, families
from vpo_monitor.api import errors
from vpo_monitor.api.models import Health, JobDetail
from vpo_monitor.metrics.collector import GOOD_FOR, ScrapeFailed
from vpo_monitor.polling import queries
from vpo_monitor.polling.figures import Outcome
from vpo_monitor.polling.queries import Route

SERVER = ("vpo_jobs_queued", "vpo_jobs_running", "vpo_jobs_failed_24h", "vpo_workers")


@pytest.fixture
def world() -> World:
    return World()


def test_a_scrape_tells_the_health_and_how_the_polling_stands(world: World) -> None:
    samples = world.samples()
    told = {name: value for (name, labels), value in samples.items() if not labels}
    assert told == {
        "vpo_up": 1,
        "vpo_jobs_queued": 3,
        "vpo_jobs_running": 2,
        "vpo_jobs_failed_24h": 1,
        "vpo_workers": 4,
        "vpo_monitor_budget_left_requests": 19,
        "vpo_monitor_budget_burst_requests": 20,
        "vpo_monitor_polling_enabled": 1,
        "vpo_monitor_demo_data": 0,
        "vpo_monitor_viewers": 2,
    }
    assert samples["vpo_monitor_data_age_seconds", ("health",)] == 0
    assert samples["vpo_monitor_vpo_requests_total", ("answered", "health")] == 1
    assert samples["vpo_monitor_vpo_requests_total", ("timed_out", "health")] == 0
    assert ("vpo_monitor_data_age_seconds", ("list",)) not in samples


def test_every_name_and_unit_is_as_prometheus_wants_it() -> None:
    known = families(everything().text())
    assert len(known) == 15
    for family in known:
        assert family.documentation.endswith(".")
        assert family.samples, family.name
        assert family.name.startswith("vpo_")
        assert all(family.type == "counter" for s in family.samples if s.name.endswith("_total"))


def test_the_text_is_also_what_newer_prometheus_servers_ask_for() -> None:
    world = everything()
    encode, kind = choose_encoder("application/openmetrics-text; version=1.0.0")
    assert kind.startswith("application/openmetrics-text")
    known = openmetrics_families(encode(world.registry).decode())  # type: ignore[no-untyped-call]
    assert [family.name for family in known] == [f.name for f in families(world.text())]


def test_scrapes_within_an_interval_share_one_request_with_all_viewers(world: World) -> None:
    world.poller.read(queries.health(), 5.0)
    for _ in range(20):
        world.text()
        world.clock += 0.5
    assert world.client.asked == ["/health"] * 2


def test_two_scrapers_never_take_more_than_the_budget(world: World) -> None:
    world.look(interval=2)
    for _ in range(60):
        world.text()
        world.poller.read(queries.jobs(), 0.0)
        world.poller.read(queries.about(), 0.0)
        world.clock += 1
    assert len(world.client.asked) <= 100


def test_while_polling_is_off_nothing_is_asked_and_what_viewers_had_asked_is_told(
    world: World,
) -> None:
    world.look(enabled=False)
    assert world.value("vpo_up") is None
    assert world.value("vpo_monitor_polling_enabled") == 0
    assert not world.client.asked
    world.poller.read(queries.health(), math.inf)
    world.clock += GOOD_FOR
    assert (world.value("vpo_up"), world.value("vpo_jobs_queued")) == (1, 3)
    world.clock += 1
    assert (world.value("vpo_up"), world.value("vpo_jobs_queued")) == (None, None)
    assert world.client.asked == ["/health"]


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (errors.Unreachable("gone"), Outcome.UNREACHABLE),
        (errors.TimedOut("late"), Outcome.TIMED_OUT),
        (errors.ServerBusy("busy"), Outcome.SERVER_BUSY),
        (errors.Unauthorized("no"), Outcome.UNAUTHORIZED),
        (errors.RateLimited("often", 60.0), Outcome.RATE_LIMITED),
        (errors.BadResponse("odd"), Outcome.BAD_RESPONSE),
        (KeyError("a mistake of ours"), Outcome.BAD_RESPONSE),
    ],
)
def test_a_server_that_fails_is_down_and_has_no_counts(
    error: Exception, outcome: Outcome, world: World
) -> None:
    world.text()
    world.client.answers["/health"] = error
    world.clock += 60
    samples = world.samples()
    assert samples["vpo_up", ()] == 0
    assert not [name for name, _labels in samples if name in SERVER]
    assert samples["vpo_monitor_vpo_requests_total", (outcome, "health")] == 1
    assert samples["vpo_monitor_data_age_seconds", ("health",)] == 60
    assert samples["vpo_monitor_backoff_seconds", ("health",)] > 0


def test_a_refused_login_is_left_alone_for_ever(world: World) -> None:
    world.client.answers["/health"] = errors.Unauthorized("no")
    assert world.value("vpo_monitor_backoff_seconds", "list") == math.inf


def test_a_route_in_backoff_is_told_by_itself(world: World) -> None:
    world.client.answers["/api/jobs"] = errors.ServerBusy("busy")
    world.poller.read(queries.jobs(), 5.0)
    assert world.value("vpo_monitor_backoff_seconds", "list") == 5
    assert world.value("vpo_monitor_consecutive_failures", "list") == 1
    assert world.value("vpo_monitor_backoff_seconds", "health") == 0
    assert world.value("vpo_up") == 1


def test_without_a_server_only_the_viewers_are_told(world: World) -> None:
    world.targets = ()
    assert world.samples() == {("vpo_monitor_viewers", ()): 2}


def test_what_is_not_known_is_left_out(world: World) -> None:
    world.viewers = None
    world.client.answers["/health"] = Health(status="healthy", jobs_queued=0)
    names = {name for name, _labels in world.samples()}
    assert "vpo_jobs_queued" in names
    assert not names & {"vpo_jobs_running", "vpo_jobs_failed_24h", "vpo_workers"}
    assert "vpo_monitor_viewers" not in names


def test_an_answer_that_is_on_its_way_is_waited_for_no_longer_than_a_page_waits(
    world: World,
) -> None:
    world.poller._start = lambda _work: None  # it never comes
    assert world.value("vpo_up") is None
    assert world.value("vpo_monitor_budget_left_requests") == 19


def test_nothing_of_a_hostile_server_becomes_a_label(world: World) -> None:
    hostile = 'x"} 1\nvpo_up 7\n' + TOKEN
    for number in range(50):
        job = JobDetail(
            id=f"id-{PASSWORD}-{number}",
            job_type=f"{hostile}{number}",
            status="completed",
            file_path=TOKEN,
            error_message=TOKEN,
            policy_name=TOKEN,
            started_at=world.utcnow(),
            completed_at=world.utcnow(),
        )
        world.tracker.ingest(queries.job(job.id), job, world.clock, 0.0)
    world.client.answers["/health"] = HEALTH.model_copy(
        update={"status": hostile, "version": TOKEN, "database": PASSWORD}
    )
    text = world.text()
    assert not leaks(text)
    assert world.value("vpo_up") == 1
    assert world.value("vpo_job_run_seconds_count", "other", "completed") == 50
    assert len(text.splitlines()) < 200


def test_counts_that_cannot_be_are_left_out(world: World) -> None:
    counts = {"jobs_queued": -1, "jobs_running": "two", "active_workers": 10**400}
    world.client.answers["/health"] = Health.read({"status": "x", "recent_errors": 7} | counts)
    told = {name for name, _labels in world.samples()} & set(SERVER)
    assert told == {"vpo_jobs_failed_24h"}


def test_labels_are_bounded_whatever_has_been_asked_and_failed() -> None:
    world = everything()
    for kind in ("scan", "apply", "transcode", "move", "process", "prune", "a", "b", "c"):
        for status in ("completed", "failed", "cancelled"):
            world.clock += 10  # for the budget
            world.ended(f"{kind}{status}", 5.0, job_type=kind, status=status)
    samples = world.samples()
    kinds = {labels for name, labels in samples if name == "vpo_job_run_seconds_count"}
    assert len(kinds) == 7 * 3
    assert len(samples) <= 7 * 3 * 14 + len(Route) * (len(Outcome) + 3) + 10


def test_a_mistake_of_ours_is_named_by_its_kind_alone(world: World) -> None:
    def broken() -> int:
        raise KeyError(TOKEN)

    world.collector._sources = type(world.collector._sources)(lambda: (), broken)
    with pytest.raises(ScrapeFailed) as failure:
        world.text()
    assert str(failure.value) == "KeyError"
    assert failure.value.__suppress_context__


def test_a_scraper_may_ask_for_some_metrics_by_name(world: World) -> None:
    text = generate_latest(world.registry.restricted_registry(["vpo_up"])).decode()
    assert world.samples(text) == {("vpo_up", ()): 1}


def test_of_several_servers_each_sample_says_its_own_but_the_viewers(world: World) -> None:
    one = everything()
    alone = one.samples()
    (target,) = one.targets
    one.targets = (replace(target, name="Attic"), replace(world.targets[0], name="Barn"))
    both = {
        (sample.name, tuple(sorted(sample.labels.items())))
        for family in families(one.text())
        for sample in family.samples
    }
    servers = {dict(labels).get("server") for _name, labels in both}
    assert servers == {"Attic", "Barn", None}
    assert {name for name, labels in both if "server" not in dict(labels)} == {
        "vpo_monitor_viewers"
    }
    of_attic = {(name, labels) for name, labels in both if ("server", "Attic") in labels}
    assert len(of_attic) == len(alone) - 1
    assert ("vpo_jobs_queued", (("server", "Barn"),)) in both


def test_run_times_of_several_servers_are_counted_apart(world: World) -> None:
    other = World()
    world.ended("a", 10.0)
    other.ended("b", 10.0)
    other.ended("c", 10.0)
    world.targets = (*world.targets, replace(other.targets[0], name="other"))
    counted = {
        sample.labels["server"]: sample.value
        for family in families(world.text())
        for sample in family.samples
        if sample.name == "vpo_job_run_seconds_count"
    }
    assert counted == {"test": 1, "other": 2}
