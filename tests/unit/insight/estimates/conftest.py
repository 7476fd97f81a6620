from collections.abc import Iterator

import pytest

from vpo_monitor.insight.estimates.distribution import fit


@pytest.fixture(autouse=True)
def nothing_cached() -> Iterator[None]:
    """Fit every distribution anew, or a test may pass with what another one has computed."""
    fit.cache_clear()
    yield
    fit.cache_clear()
