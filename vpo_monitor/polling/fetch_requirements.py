"""What one fetch needs: how new an answer must be that another process may have requested.

Several processes can share their requests (`vpo_monitor.polling.shared`). The poller knows of that
only what is in this module.
"""

from dataclasses import dataclass

from vpo_monitor.polling.queries import Priority


class BudgetExhausted(Exception):
    """The processes together may send no request for this fetch in the next `seconds`."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"the budget allows no request for {seconds:.1f} s")
        self.seconds = seconds


@dataclass
class FetchRequirements:
    """What an answer must be, and when the one arrived that was taken.

    All times are the poller's clock, in seconds. It was wanted since `wanted_since`. An answer that
    is `max_age` seconds old is too old, and so is one that was requested at `not_before` or
    earlier. `priority` decides how much of the budget must be left for others.

    `asked_at` is when the fetch began. With a shared answer, the client changes it to the time of
    the other process's request, and sets `answered_at`.
    """

    wanted_since: float
    max_age: float
    not_before: float
    priority: Priority
    asked_at: float
    answered_at: float | None = None
