"""Every metric with its labels and help text, and the sheet that one scrape fills in."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
)

Family = TypeVar("Family", CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily)


@dataclass(frozen=True)
class Metric(Generic[Family]):
    """One metric. Its name ends in its unit, and counters end in `_total`."""

    kind: type[Family]
    name: str
    meaning: str
    labels: tuple[str, ...] = ()
    is_of_server: bool = True

    def family(self, *labels: str) -> Family:
        """Create the metric without samples; metrics of a server also have these `labels`."""
        return self.kind(
            self.name,
            self.meaning,
            labels=(*self.labels, *(labels if self.is_of_server else ())),
        )


VPO_UP = Metric(
    GaugeMetricFamily,
    "vpo_up",
    "Whether VPO could be read when it was last asked: 1, or 0 where that failed.",
)
JOBS_QUEUED = Metric(GaugeMetricFamily, "vpo_jobs_queued", "Jobs that wait in VPO's queue.")
JOBS_RUNNING = Metric(GaugeMetricFamily, "vpo_jobs_running", "Jobs that run.")
JOBS_FAILED = Metric(
    GaugeMetricFamily, "vpo_jobs_failed_24h", "Jobs that failed in the last 24 hours."
)
WORKERS = Metric(GaugeMetricFamily, "vpo_workers", "Workers that are active.")
JOB_RUN = Metric(
    HistogramMetricFamily,
    "vpo_job_run_seconds",
    "How long jobs ran that ended since the metrics began and whose start and end are known.",
    ("job_type", "status"),
)
DATA_AGE = Metric(
    GaugeMetricFamily,
    "vpo_monitor_data_age_seconds",
    "Age of the newest data that is held of a route of VPO's API.",
    ("route",),
)
REQUESTS = Metric(
    CounterMetricFamily,
    "vpo_monitor_vpo_requests_total",
    "Requests to VPO that have ended, by route of its API and how they ended.",
    ("route", "outcome"),
)
BUDGET_LEFT = Metric(
    GaugeMetricFamily,
    "vpo_monitor_budget_left_requests",
    "Requests that the budget would let go out at once now.",
)
BUDGET_BURST = Metric(
    GaugeMetricFamily,
    "vpo_monitor_budget_burst_requests",
    "Requests that the budget lets go out at once when it is full.",
)
BACKOFF = Metric(
    GaugeMetricFamily,
    "vpo_monitor_backoff_seconds",
    "How long requests of a route must wait after failures: +Inf while VPO rejects the token.",
    ("route",),
)
FAILURES = Metric(
    GaugeMetricFamily,
    "vpo_monitor_consecutive_failures",
    "Failures in a row of what holds requests of a route back.",
    ("route",),
)
POLLING = Metric(
    GaugeMetricFamily,
    "vpo_monitor_polling_enabled",
    "Whether the app may ask VPO by itself: 1, or 0 where a setting forbids it.",
)
DEMO = Metric(
    GaugeMetricFamily,
    "vpo_monitor_demo_data",
    "Whether all of this is of the embedded demo, and so made up: 1, or 0 for a VPO server.",
)
VIEWERS = Metric(
    GaugeMetricFamily,
    "vpo_monitor_viewers",
    "Sessions of browsers that are connected to the app.",
    is_of_server=False,
)

AnyFamily = CounterMetricFamily | GaugeMetricFamily | HistogramMetricFamily
AnyMetric = Metric[CounterMetricFamily] | Metric[GaugeMetricFamily] | Metric[HistogramMetricFamily]

_ALL: tuple[AnyMetric, ...] = (
    VPO_UP,
    JOBS_QUEUED,
    JOBS_RUNNING,
    JOBS_FAILED,
    WORKERS,
    JOB_RUN,
    DATA_AGE,
    REQUESTS,
    BUDGET_LEFT,
    BUDGET_BURST,
    BACKOFF,
    FAILURES,
    POLLING,
    DEMO,
    VIEWERS,
)


class Sheet:
    """All metrics of one scrape, with the samples added so far.

    Unknown values are omitted, because 0 would be a claim. If there are several servers, the label
    `server` identifies the server of each sample.
    """

    def __init__(self, *, has_multiple_servers: bool = False) -> None:
        self._has_several = has_multiple_servers
        self._server: tuple[str, ...] = ()
        labels = ("server",) if has_multiple_servers else ()
        self._families: dict[str, Any] = {one.name: one.family(*labels) for one in _ALL}

    def of(self, server: str) -> None:
        """Assign all samples added from now on to this server."""
        self._server = (server,) if self._has_several else ()

    def put(
        self,
        metric: Metric[GaugeMetricFamily] | Metric[CounterMetricFamily],
        value: float | None,
        *labels: str,
    ) -> None:
        """Add a sample; None means unknown and adds nothing."""
        if value is not None:
            self._families[metric.name].add_metric((*labels, *self._server), value)

    def put_histogram(
        self,
        metric: Metric[HistogramMetricFamily],
        buckets: Iterable[tuple[float, int]],
        total: float,
        *labels: str,
    ) -> None:
        """Add histogram buckets (upper bound, number of values up to it) and the sum of values."""
        named = [("+Inf" if math.isinf(bound) else str(bound), count) for bound, count in buckets]
        self._families[metric.name].add_metric((*labels, *self._server), named, total)

    def families(self) -> Iterable[AnyFamily]:
        """Return all metric families."""
        return self._families.values()
