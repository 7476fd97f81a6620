"""Handle one scrape: read data as a page does, and convert it to metrics."""

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
"""Seconds for which a count stays valid; Prometheus marks a series stale after the same time."""


_MARGIN = timedelta(days=1)
"""The server's clock may be set back by this much without counting a job twice."""


class ScrapeFailed(Exception):
    """A bug in the collector. The message is only the exception type, as its text may quote VPO."""


class VpoCollector(Collector):
    """A collector of all metrics for each scrape; scrapes may run at the same time.

    If the health is older than the poll interval, a scrape requests it through the poller, within
    the request budget, and waits no longer than the poller's patience. While polling is off, a
    scrape sends no request.
    """

    def __init__(self, sources: Sources, *, now: Callable[[], float] = clock.now) -> None:
        self._sources = sources
        self._now = now
        self._began_at = now()
        self._durations: dict[str, JobDurations] = {}
        self._revisions: dict[str, int] = {}
        self._lock = threading.Lock()

    def describe(self) -> Iterable[AnyFamily]:
        """Return every metric without samples. Sends no request."""
        return Sheet().families()

    def collect(self) -> Iterable[AnyFamily]:
        """Return every metric with its known samples.

        Raises ScrapeFailed for a bug in the collector, and for no failure of the server.
        """
        try:
            return self._filled().families()
        except Exception as failure:  # noqa: BLE001 - the traceback would log its message
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
            revision = target.tracker.revision
            of_server = self._durations.setdefault(target.name, JobDurations())
            if revision != self._revisions.get(target.name, 0):
                self._revisions[target.name] = revision
                since = target.tracker.now() - passed
                of_server.take(target.tracker.finished(since - _MARGIN), since)
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
    """Return the health if still valid, and whether VPO was reachable; each None if unknown."""
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
    """Return the last health fetched for a page, if still valid. Sends no request."""
    now = poller.now()
    known = (data for data, fetched_at in poller.held(Route.HEALTH) if now - fetched_at <= GOOD_FOR)
    return next(known, None)


def _put_polling(sheet: Sheet, figures: Figures) -> None:
    for route, known in figures.routes.items():
        label = route.name.lower()
        sheet.put(catalogue.DATA_AGE, known.age, label)
        sheet.put(catalogue.BACKOFF, known.opens_in, label)
        sheet.put(catalogue.FAILURES, known.failures, label)
    # Every outcome is exported from a route's first request on: Prometheus sees no increase in a
    # counter that first appears with a failure.
    for route in dict.fromkeys(route for route, _outcome in figures.requests):
        for outcome in Outcome:
            count = figures.requests.get((route, outcome), 0)
            sheet.put(catalogue.REQUESTS, count, route.name.lower(), outcome)
    sheet.put(catalogue.BUDGET_LEFT, figures.budget_left)
    sheet.put(catalogue.BUDGET_BURST, figures.budget_burst)
