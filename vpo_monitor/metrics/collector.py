"""One scrape: reads as any viewer does, and makes metrics of what is known then."""

import threading
from collections.abc import Callable, Iterable
from datetime import timedelta

from prometheus_client.registry import Collector

from vpo_monitor.api.models import Health
from vpo_monitor.metrics import catalogue
from vpo_monitor.metrics.catalogue import AnyFamily, Sheet
from vpo_monitor.metrics.job_durations import JobDurations
from vpo_monitor.metrics.sources import Sources, Target
from vpo_monitor.polling import clock, queries
from vpo_monitor.polling.figures import Figures, Outcome
from vpo_monitor.polling.poller import Poller
from vpo_monitor.polling.queries import Route
from vpo_monitor.polling.snapshot import State

GOOD_FOR = 300.0
"""Seconds for which a count of VPO's is told; Prometheus gives a series up after the same time."""


class ScrapeFailed(Exception):
    """Something of ours failed. The message names its kind only: its own may hold server text."""


class VpoCollector(Collector):
    """Collects for each scrape anew; any number of scrapes at once.

    A scrape asks for VPO's health where what is known is older than the poll interval, through the
    poller and from its budget, and waits for it no longer than the poller's patience. While polling
    is off it asks for nothing.
    """

    def __init__(self, sources: Sources, *, now: Callable[[], float] = clock.now) -> None:
        self._sources = sources
        self._now = now
        self._began_at = now()
        self._durations: dict[str, JobDurations] = {}
        self._revisions: dict[str, int] = {}
        self._lock = threading.Lock()

    def describe(self) -> Iterable[AnyFamily]:
        """Every metric, without samples; asks nothing."""
        return Sheet().families()

    def collect(self) -> Iterable[AnyFamily]:
        """Every metric with what is known of it.

        Raises ScrapeFailed for a mistake of ours, whatever the server does.
        """
        try:
            return self._filled().families()
        except Exception as failure:  # noqa: BLE001 - its message would be logged with its traceback
            raise ScrapeFailed(type(failure).__name__) from None

    def _filled(self) -> Sheet:
        targets = self._sources.targets()
        sheet = Sheet(has_multiple_servers=len(targets) > 1)
        sheet.put(catalogue.VIEWERS, self._sources.viewers())
        for target in targets:
            sheet.of(target.name)
            sheet.put(catalogue.DEMO, target.is_demo)
            sheet.put(catalogue.POLLING, target.polling.enabled)
            _put_health(sheet, target)
            self._put_durations(sheet, target)
            _put_polling(sheet, target.poller.figures())
        return sheet

    def _put_durations(self, sheet: Sheet, target: Target) -> None:
        passed = timedelta(seconds=self._now() - self._began_at)
        with self._lock:
            revision = target.watch.revision
            of_server = self._durations.setdefault(target.name, JobDurations())
            if revision != self._revisions.get(target.name, 0):
                self._revisions[target.name] = revision
                of_server.take(target.watch.records(), target.watch.now() - passed)
            for labels, durations in of_server.of.items():
                buckets = durations.buckets()
                sheet.put_histogram(catalogue.JOB_RUN, buckets, durations.total, *labels)


def _put_health(sheet: Sheet, target: Target) -> None:
    health, is_up = _health(target)
    sheet.put(catalogue.VPO_UP, is_up)
    if health is not None:
        sheet.put(catalogue.JOBS_QUEUED, health.jobs_queued)
        sheet.put(catalogue.JOBS_RUNNING, health.jobs_running)
        sheet.put(catalogue.JOBS_FAILED, health.recent_errors)
        sheet.put(catalogue.WORKERS, health.active_workers)


def _health(target: Target) -> tuple[Health | None, bool | None]:
    """The health where it is still true, and whether VPO could be read; None for not known."""
    if not target.polling.enabled:
        known = _held_health(target.poller)
        return known, None if known is None else True
    snapshot = target.poller.read(queries.health(), target.polling.interval)
    if snapshot.state in (State.FAILED, State.STOPPED):
        return None, False
    age = snapshot.age(target.poller.now())
    if age is None or age > GOOD_FOR:
        return None, None
    return snapshot.data, True


def _held_health(poller: Poller) -> Health | None:
    """What viewers last had asked for, where that is still true; asks nothing."""
    now = poller.now()
    known = (data for data, fetched_at in poller.held(Route.HEALTH) if now - fetched_at <= GOOD_FOR)
    return next(known, None)


def _put_polling(sheet: Sheet, figures: Figures) -> None:
    for route, known in figures.routes.items():
        label = route.name.lower()
        sheet.put(catalogue.DATA_AGE, known.age, label)
        sheet.put(catalogue.BACKOFF, known.opens_in, label)
        sheet.put(catalogue.FAILURES, known.failures, label)
    # All outcomes of a route from its first request on: a counter that appears with its first
    # failure has no increase for Prometheus to see.
    for route in dict.fromkeys(route for route, _outcome in figures.requests):
        for outcome in Outcome:
            count = figures.requests.get((route, outcome), 0)
            sheet.put(catalogue.REQUESTS, count, route.name.lower(), outcome)
    sheet.put(catalogue.BUDGET_LEFT, figures.budget_left)
    sheet.put(catalogue.BUDGET_BURST, figures.budget_burst)
