"""What is the same in each `AppTest` of a process, made once, as an app does for its viewers."""

import functools

import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.scriptrunner.script_cache import ScriptCache
from streamlit.testing.v1 import app_test, local_script_runner

_SCRIPTS = ScriptCache()
_installed_components = functools.cache(manifest_scanner.scan_component_manifests)


def share(monkeypatch: pytest.MonkeyPatch) -> None:
    """Share compiled scripts and what is known of installed packages.

    Else each run compiles its scripts, and each test reads the metadata of all that is installed.
    """
    for module in (app_test, local_script_runner):
        monkeypatch.setattr(module, "ScriptCache", lambda: _SCRIPTS)
    monkeypatch.setattr(manifest_scanner, "scan_component_manifests", _installed_components)
