"""Each route of VPO's API as the client's method for it."""

from collections.abc import Callable
from typing import Any

from tests.faults.recorded_api import RUNNING, SCAN
from vpo_monitor.api.client import VpoClient

OFFER = {"interval_ms": 5000, "enabled": True, "log_interval_ms": 15000}
"""What a server offers that has the route for it."""

METHODS: dict[str, Callable[[VpoClient], Any]] = {
    "jobs": lambda client: client.jobs(limit=100),
    "job": lambda client: client.job(RUNNING),
    "logs": lambda client: client.logs(RUNNING),
    "errors": lambda client: client.scan_errors(SCAN),
    "health": VpoClient.health,
    "about": VpoClient.about,
    "config/polling": VpoClient.polling_offer,
    "stats/summary": VpoClient.stats_summary,
    "stats/recent": VpoClient.stats_recent,
    "stats/policies": VpoClient.stats_policies,
    "stats/trends": VpoClient.stats_trends,
    "plans": VpoClient.plans,
    "library": VpoClient.library,
    "library/file": lambda client: client.library_file(11),
}
