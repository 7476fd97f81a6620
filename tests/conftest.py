"""What all tests run in: nothing of this machine reaches them, nor what they start.

This is loaded before Streamlit, which looks at the environment only then.
"""

import gc
import tempfile
import time

import pytest
from hypothesis import settings

from tests.isolation import isolate_environment, isolate_sources

_HOME = tempfile.TemporaryDirectory(prefix="vpo-monitor-tests-", ignore_cleanup_errors=True)
isolate_environment(_HOME.name)
if hasattr(time, "tzset"):
    time.tzset()

# A limit in seconds for each example would measure what else the machine does.
settings.register_profile("all", deadline=None)
settings.register_profile("quick", deadline=None, max_examples=30)


@pytest.fixture(scope="session", autouse=True)
def isolated_sources() -> None:
    isolate_sources()


def pytest_configure(config: pytest.Config) -> None:
    is_quick = "not long" in config.getoption("markexpr")
    settings.load_profile("quick" if is_quick else "all")


def pytest_collection_finish() -> None:
    # The garbage collector need not look at all tests again and again: a twentieth of the run.
    gc.set_threshold(100_000, 50, 50)
    gc.freeze()


def pytest_unconfigure() -> None:
    _HOME.cleanup()
