"""A page of the app in front of a faulty server, with a clock that can be put forward."""

import functools
import json
import time
from contextlib import ExitStack
from typing import Any

import pyarrow as pa
import pytest

from tests import shared_app_test
from tests.faults.cases import Case
from tests.faults.faulty_server import FaultyServer
from tests.faults.recorded_api import RUNNING, SCAN
from tests.faults.routes import ALL, FaultClient, lots
from vpo_monitor import services
from vpo_monitor.analysis import reader
from vpo_monitor.api import json_http
from vpo_monitor.api.server import Server
from vpo_monitor.polling import clock
from vpo_monitor.polling.poller import Poller
from vpo_monitor.polling.queries import Priority, Query, Route
from vpo_monitor.polling.snapshot import Snapshot

READS = {
    "overview": ("health", "jobs", "job", "stats", "library", "plans"),
    "jobs": ("health", "jobs"),
    "job": ("health", "job", "logs", "library", "stats"),
    "timeline": ("health", "jobs", "job"),
    "statistics": ("health", "stats", "jobs", "job"),
    "library": ("health", "stats", "library"),
    "server": ("health", "about", "config", "logs"),
}
"""The routes that each page shows, be it with what is asked for in background."""
ALONE = [
    *((script, RUNNING, routes) for script, routes in READS.items()),
    ("job", SCAN, ("health", "job", "errors")),
]
"""The pages with the job that is looked at; that of a scan has errors in place of a log."""
MOST_ROWS, MOST_TEXT = 5000, 500_000
MISSED = 500.0
"""Seconds from tick to tick: longer than any backoff of the poller's own, and than any age."""
_GIVE_UP = 20.0
_NAMES = frozenset({"title", "file", "name", "File", "Policy", "type", "Type"})


def of_page(script: str, cases: tuple[Case, ...]) -> list[Case]:
    """Those of the cases that this page meets: one of each lot, and each is met by some page.

    A page can tell none of a lot from the others.
    """
    place, pages = list(READS).index(script), len(READS)
    met = [lot[place::pages] or (lot[place % len(lot)],) for lot in lots(cases, ALL)]
    return [case for of_lot in met for case in of_lot]


class _Poller(Poller):
    """Notes for each query whether its reader was told that newer data is still to come."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.unfinished: dict[Query[Any], bool] = {}

    def read(self, query: Query[Any], *args: Any, **named: Any) -> Snapshot[Any]:
        told = super().read(query, *args, **named)
        if query.priority is Priority.IN_VIEW:
            is_due = told.next_attempt_at <= self.now()
            self.unfinished[query] = is_due or told.fetching_since is not None
        return told

    def is_asking(self, *, with_bulk: bool) -> bool:
        """Whether a request is on its way, be it one for which no viewer waits."""
        with self._changed:
            entries = self._entries.values()
            return any(
                entry.fetching_since and (with_bulk or entry.query.priority is Priority.IN_VIEW)
                for entry in entries
            )


class Page:
    """One page in one viewer's session; `restart` makes the app's process as good as new."""

    def __init__(
        self,
        script: str,
        server: FaultyServer,
        monkeypatch: pytest.MonkeyPatch,
        job_id: str = RUNNING,
    ) -> None:
        monkeypatch.setenv("VPO_MONITOR_API_URL", server.url)
        monkeypatch.setenv("VPO_MONITOR_HISTORY", "off")
        monkeypatch.setattr(services, "VpoClient", self._made_client)
        monkeypatch.setattr(
            services, "Poller", functools.partial(_Poller, now=self._now, patience=_GIVE_UP)
        )
        monkeypatch.setattr(reader, "PATIENCE", _GIVE_UP)  # so that one run shows it all
        shared_app_test.share(monkeypatch)
        self._monkeypatch = monkeypatch
        self._server = server
        self._script = script
        self._paths: set[str] = set()
        self._ahead = 0.0
        self._case: Case | None = None
        self._client: FaultClient | None = None
        self._process = ExitStack()
        self._process.enter_context(shared_app_test.running_services())
        self.app = shared_app_test.page(script, timeout=_GIVE_UP)
        self.app.query_params["id"] = job_id

    def close(self) -> None:
        """Stop the app, which other tests of this process would take for theirs."""
        self._process.close()

    def restart(self) -> None:
        """Forget all that was ever asked."""
        self.close()
        self._client = None
        self._process.enter_context(shared_app_test.running_services())

    def fault(self, case: Case | None, *routes: str, after: float = MISSED) -> None:
        """Have a fault on these routes (none given: on all), or none at all, and tick."""
        self._server.clear()
        self._wait(with_bulk=True)  # what was held by the last fault ends before this one
        self._case = case
        if case is not None:
            self._server.fault(case, *([routes] if routes else []))
        limit = (
            2**20 if case is not None and "MB" in case.says else 2**24
        )  # the real 16 MB are a matter of the client
        self._monkeypatch.setattr(json_http, "MAX_BODY_BYTES", limit)
        self.tick(after)

    def tick(self, after: float = MISSED) -> None:
        """Run as a tick does that comes after a while, and once more for what came late."""
        if self._client is not None:
            self._client.meet(self._case)
        self._ahead += after
        self.app.run()
        give_up_at = time.monotonic() + _GIVE_UP
        while self._has_drawn_too_early():
            assert time.monotonic() < give_up_at, "it is asked for again and again"
            self.app.run()

    def press(self, label: str) -> None:
        """Press a button."""
        next(button for button in self.app.button if button.label == label).click()

    @property
    def read(self) -> set[str]:
        """The routes that the app has asked for."""
        return {self._server.api.answer(path)[0] for path in self._paths.copy()}

    @property
    def badge(self) -> dict[str, Any]:
        """What the badge was told."""
        return next(dict(one) for one in self._components("message") if "word" in one)

    @property
    def words(self) -> str:
        """All that the page says in text, messages and captions."""
        app = self.app
        kinds = (app.text, app.caption, app.markdown, app.warning, app.error, app.info)
        return "\n".join(str(element.value) for kind in kinds for element in kind)

    @property
    def names(self) -> set[str]:
        """The names of files, types and policies that are on the page."""
        found = {text.value for text in self.app.text if "/" in text.value}
        for table in self._tables:
            for column in _NAMES & set(table.column_names):
                found |= set(table[column].to_pylist())
        return found | _named(self._components(""))

    @property
    def problem(self) -> str | None:
        """What no page may show, whatever it was sent; None where it shows nothing of it."""
        if self.app.exception:
            return f"an exception: {self.app.exception[0].message}"
        if "Traceback" in self.words:
            return "a traceback"
        if any(table.num_rows > MOST_ROWS for table in self._tables):
            return "too many rows"
        texts = [element.proto.json for element in self.app.get("bidi_component")]
        texts += [element.proto.spec for element in self.app.get("arrow_vega_lite_chart")]
        try:
            for text in texts:
                _strict(text)
        except ValueError as error:
            return str(error)
        return "too much text" if sum(map(len, texts)) > MOST_TEXT else None

    @property
    def _tables(self) -> list[pa.Table]:
        """The tables as they were sent: `value` of each would make a pandas frame of it."""
        sent = [frame.proto.arrow_data.data for frame in self.app.dataframe]
        return [pa.ipc.open_stream(one).read_all() for one in sent]

    def _now(self) -> float:
        return clock.now() + self._ahead

    def _made_client(self, server: Server) -> FaultClient:
        self._client = FaultClient(server)
        self._client.paths = self._paths
        self._client.meet(self._case)
        return self._client

    def _has_drawn_too_early(self) -> bool:
        """Whether something was on its way when it was drawn; returns when that has come."""
        unfinished = self._poller.unfinished
        # The offered polling is used from the next run on, and only the Server page shows it.
        is_passed = Route.CONFIG if "config" not in READS[self._script] else None
        is_early = any(it for query, it in unfinished.items() if query.route is not is_passed)
        unfinished.clear()
        self._wait(with_bulk=False)
        return is_early

    def _wait(self, *, with_bulk: bool) -> None:
        give_up_at = time.monotonic() + _GIVE_UP
        while self._poller.is_asking(with_bulk=with_bulk):
            assert time.monotonic() < give_up_at, "an answer never came"
            time.sleep(0.001)

    @property
    def _poller(self) -> _Poller:
        poller = services.current().servers[0].poller
        assert isinstance(poller, _Poller)
        return poller

    def _components(self, name: str) -> list[Any]:
        protos = [element.proto for element in self.app.get("bidi_component")]
        return [_strict(proto.json) for proto in protos if proto.component_name.endswith(name)]


def _named(value: Any) -> set[str]:
    if isinstance(value, list):
        return set().union(*map(_named, value))
    if not isinstance(value, dict):
        return set()
    own = {text for key, text in value.items() if key in _NAMES and isinstance(text, str)}
    return own.union(*map(_named, value.values()))


def _strict(text: str) -> Any:
    """JSON as a browser reads it, which knows no NaN."""

    def refuse(literal: str) -> None:
        raise ValueError(f"{literal} in JSON, which no browser reads")

    return json.loads(text or "null", parse_constant=refuse)
