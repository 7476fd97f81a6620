"""Pages without a browser, and what is the same in each `AppTest` of a process, made once."""

import contextlib
import functools
from collections.abc import Iterator

import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.scriptrunner.script_cache import ScriptCache
from streamlit.testing.v1 import AppTest, app_test, local_script_runner
from streamlit.util import calc_hash

from vpo_monitor import services
from vpo_monitor.app_files import MAIN_SCRIPT

_SCRIPTS = ScriptCache()
_installed_components = functools.cache(manifest_scanner.scan_component_manifests)


def share(monkeypatch: pytest.MonkeyPatch) -> None:
    """Share compiled scripts and what is known of installed packages.

    Else each run compiles its scripts, and each test reads the metadata of all that is installed.
    """
    for module in (app_test, local_script_runner):
        monkeypatch.setattr(module, "ScriptCache", lambda: _SCRIPTS)
    monkeypatch.setattr(manifest_scanner, "scan_component_manifests", _installed_components)


def page(name: str, *, timeout: float) -> AppTest:
    """A page that is opened by its URL; `AppTest.switch_page` can do so after a first run only."""
    app = AppTest.from_file(MAIN_SCRIPT, default_timeout=timeout)
    app._page_hash = calc_hash(name) if name != "overview" else ""
    return app


@contextlib.contextmanager
def running_services() -> Iterator[services.Services]:
    """What the app's lifespan opens, with the settings as they are now."""
    with services.running(services.load_settings()) as opened:
        opened.open()
        yield opened
