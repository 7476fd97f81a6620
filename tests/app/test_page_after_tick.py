"""A whole page that is requested in the moment in which a tick ends."""

from typing import Any

import pytest
from streamlit.runtime.scriptrunner import RerunData
from streamlit.runtime.scriptrunner.script_runner import ScriptRunnerEvent
from streamlit.testing.v1 import AppTest, app_test, local_script_runner
from streamlit.testing.v1.element_tree import Block
from streamlit.testing.v1.local_script_runner import LocalScriptRunner
from streamlit.util import calc_hash

from .conftest import Open

PAGE_ENDED = ScriptRunnerEvent.SCRIPT_STOPPED_WITH_SUCCESS
TICK_ENDED = ScriptRunnerEvent.FRAGMENT_STOPPED_WITH_SUCCESS
JOBS = calc_hash("jobs")


class _Hurried(LocalScriptRunner):
    """Once the page is drawn, runs its tick; once that has ended, but not its thread, the jobs."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.on_event.connect(self._follow, weak=False)
        self._ended: list[ScriptRunnerEvent] = []

    def _follow(self, _sender: object, event: ScriptRunnerEvent, **_data: object) -> None:
        if event not in (PAGE_ENDED, TICK_ENDED):
            return
        self._ended.append(event)
        if self._ended == [PAGE_ENDED]:
            tick = self._fragment_storage.resolve_target("tick")
            self.request_rerun(RerunData(fragment_id_queue=tick))
        elif self._ended == [PAGE_ENDED, TICK_ENDED]:
            self.request_rerun(RerunData(page_script_hash=JOBS))


@pytest.mark.usefixtures("server")
def test_it_is_drawn_in_its_place(open_app: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    app = open_app()
    assert _first_titles(app) == ["Overview"]
    for module in (app_test, local_script_runner):
        monkeypatch.setattr(module, "LocalScriptRunner", _Hurried)
    assert _first_titles(app.run()) == ["Jobs"]


def _first_titles(app: AppTest) -> list[str]:
    """The titles in the page's first container."""
    head = app.main.children.get(0)
    return [title.value for title in head.title] if isinstance(head, Block) else []
