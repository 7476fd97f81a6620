"""A page of the app, watching a faulty server with a clock that can be put forward."""

import functools
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from tests.faults.faulty_server import FaultyServer
from tests.faults.routes import FaultClient
from vpo_monitor.polling import clock
from vpo_monitor.polling.poller import Poller
from vpo_monitor.views import servers

APP = Path(__file__).parents[2] / "app.py"
PAGES = ("app.py", *(f"pages/{path.name}" for path in sorted(APP.parent.glob("pages/*.py"))))
GIVE_UP = 10.0


class Page:
    """One page in one viewer's session, all of it in one process that is as if newly started."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, server: FaultyServer) -> None:
        self._ahead = 0.0
        monkeypatch.setenv("VPO_MONITOR_API_URL", server.url)
        monkeypatch.setattr(servers, "VpoClient", FaultClient)
        monkeypatch.setattr(servers, "Poller", functools.partial(Poller, now=self._now))

    def open(self, script: str, **query: str) -> "Page":
        """Open a page in a process that knows nothing yet."""
        st.cache_resource.clear()
        self.app = AppTest.from_file(APP, default_timeout=GIVE_UP)
        if script != APP.name:
            self.app.switch_page(script)
        for key, value in query.items():
            self.app.query_params[key] = value
        self.app.run()
        return self

    def _now(self) -> float:
        return clock.now() + self._ahead

    def later(self, seconds: float) -> "Page":
        """Tick once, so much later."""
        self._ahead += seconds
        self.app.run()
        return self

    def until(self, is_so: Callable[["Page"], bool]) -> bool:
        """Tick until something is so; whether it came to be."""
        give_up_at = time.monotonic() + GIVE_UP
        while not is_so(self):
            if time.monotonic() > give_up_at:
                return False
            self.app.run()
        return True

    @property
    def badge(self) -> dict[str, Any]:
        """What the badge was told."""
        return next(iter(self.components("pulse")))

    def components(self, name: str) -> list[Any]:
        """What each component of this name was told."""
        protos = [element.proto for element in self.app.get("bidi_component")]
        return [_strict(proto.json) for proto in protos if proto.component_name.endswith(name)]

    @property
    def words(self) -> str:
        """All that the page says in text, messages and captions."""
        app = self.app
        kinds = (app.text, app.caption, app.markdown, app.warning, app.error, app.info, app.title)
        said = [str(element.value) for kind in kinds for element in kind]
        return "\n".join(said)


def _strict(text: str) -> Any:
    """JSON as a browser reads it, which knows no NaN."""

    def refuse(literal: str) -> None:
        raise AssertionError(f"a browser cannot read {literal}")

    return json.loads(text or "null", parse_constant=refuse)
