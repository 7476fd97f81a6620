"""Each route of VPO's API as the client's method for it."""

import functools
from collections.abc import Callable
from typing import Any, ClassVar

from tests.faults.cases import CASES, Case
from tests.faults.faulty_server import AUTHORITY, FaultyServer
from tests.faults.recorded_api import REPORT, RUNNING, SCAN
from vpo_monitor.api.client import VpoClient
from vpo_monitor.api.json_http import JsonHttp
from vpo_monitor.api.server import Server
from vpo_monitor.polling import queries
from vpo_monitor.polling.log_tail import log_tail
from vpo_monitor.polling.queries import Query, Route


class FaultClient(VpoClient):
    """A client that trusts the certificate which a faulty server shows while it is well.

    `paths` are those that it has asked for. `close_all` closes the connections of each.
    """

    _all: ClassVar[list["FaultClient"]] = []

    def __init__(self, server: Server) -> None:
        super().__init__(server, read_timeout=PATIENT)
        self._all.append(self)
        self.paths: set[str] = set()
        assert isinstance(self._http, JsonHttp)
        adapter = self._http._http
        adapter.send = functools.partial(adapter.send, verify=str(AUTHORITY))  # type: ignore[method-assign]

    def request(self, model: type[Any], path: str, *args: Any, **named: Any) -> Any:
        """Ask, and note the path."""
        self.paths.add(path)
        return super().request(model, path, *args, **named)

    @classmethod
    def close_all(cls) -> None:
        """Close what they keep: a connection that is forgotten open is an error of the test."""
        while cls._all:
            http = cls._all.pop()._http
            assert isinstance(http, JsonHttp)
            http._http.close()

    def meet(self, case: Case | None) -> None:
        """Wait no longer than need be for a fault that lasts as long as that."""
        assert isinstance(self._http, JsonHttp)
        self._http._read_timeout = HASTY if case is not None and case.is_slow else PATIENT


HASTY, PATIENT = 0.1, 10.0
"""Seconds in place of the 15 of the read timeout; the second is never reached."""
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
    "stats/report": lambda client: client.job_report(REPORT),
    "stats/files": lambda client: client.file_runs(16),
    "plans": VpoClient.plans,
    "stats/distribution": VpoClient.library_distribution,
    "stats/library": VpoClient.library_trends,
    "library": VpoClient.library,
    "library/files": lambda client: client.library_files(status="error", limit=100),
    "library/file": lambda client: client.library_file(11),
}
QUERIES: dict[str, Query[Any]] = {
    "jobs": queries.jobs(limit=100),
    "job": queries.job(RUNNING),
    "log": log_tail(RUNNING),
    "scan errors": queries.scan_errors(SCAN),
    "summary": queries.stats_summary(),
    "recent": queries.stats_recent(),
    "policies": queries.stats_policies(),
    "trends": queries.stats_trends(group_by="day"),
    "report": queries.job_report(REPORT),
    "runs": queries.file_runs(16),
    "plans": queries.plans_waiting(),
    "distribution": queries.library_distribution(),
    "library trends": queries.library_trends(),
    "library": Query(Route.LIBRARY, VpoClient.library),
    "library files": queries.library_files("error", limit=100),
    "health": queries.health(),
    "about": queries.about(),
    "polling": queries.polling_offer(),
}
"""Each route as the poller asks for it."""
ALL = frozenset(name.split("/")[0] for name in METHODS)
"""The routes as a server can be faulty on them."""
MAY_LACK = {
    "stats/distribution",
    "stats/library",
    "library/files",
    "job",
    "errors",
    "config/polling",
    "library/file",
    "stats/report",
    "stats/files",
}
"""Where a 404 is an answer of VPO; elsewhere it tells that this is no VPO."""


def ask(client: VpoClient, method: Callable[[VpoClient], Any]) -> Any:
    """The answer, or whatever came instead."""
    try:
        return method(client)
    except BaseException as error:  # noqa: BLE001 - the test looks at whatever it is
        return error


Lot = tuple[Case, ...]


@functools.cache
def lots(cases: tuple[Case, ...], routes: frozenset[str]) -> tuple[Lot, ...]:
    """The cases, together those that the client makes the same of on all of these routes.

    So does whatever builds on the client. Of a failure that is what the table says of it, as the
    tests of the client hold; an answer is asked for.
    """
    found: dict[object, list[Case]] = {}
    for case in cases:
        made: object = (case.error, case.says, case.retry_after)
        if not case.is_failure:
            of_case = _made()[case].items()
            made = tuple(it for name, it in of_case if name.split("/")[0] in routes)
        found.setdefault(made, []).append(case)
    return tuple(map(tuple, found.values()))


@functools.cache
def _made() -> dict[Case, dict[str, str]]:
    """What the client makes of each case that is no failure, on each of its routes."""
    made = {}
    with FaultyServer(polling_offer=OFFER) as server:
        for case in CASES:
            if not case.is_failure:
                client = FaultClient(Server("test", server.url))
                server.fault(case)
                made[case] = {
                    name: repr((ask(client, method), client.clock_ahead))
                    for name, method in METHODS.items()
                }
                server.clear()
    return made
