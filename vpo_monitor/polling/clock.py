"""The poller's clock: seconds that only increase, also while the machine sleeps."""

import time


def now() -> float:
    """Return the seconds since some fixed time.

    Linux's CLOCK_MONOTONIC stands still while the machine is suspended, which would make
    yesterday's data look fresh after a night's sleep; CLOCK_BOOTTIME does not.
    """
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()
