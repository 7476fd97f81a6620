"""Scripts that are compiled once for the tests of a process, as an app does for its viewers."""

import pytest
from streamlit.runtime.scriptrunner.script_cache import ScriptCache
from streamlit.testing.v1 import local_script_runner

_CACHE = ScriptCache()


def share(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have each run of an `AppTest` use them; else each compiles its scripts anew."""
    monkeypatch.setattr(local_script_runner, "ScriptCache", lambda: _CACHE)
