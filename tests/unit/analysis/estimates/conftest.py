from collections.abc import Iterator

import pytest

from vpo_monitor.analysis.estimates.durations import likely_times


@pytest.fixture(autouse=True)
def nothing_cached() -> Iterator[None]:
    """Compute the likely times again, or a test may pass with what another one has computed."""
    likely_times.cache_clear()
    yield
    likely_times.cache_clear()
