"""What one fetch needs: how new an answer must be that somebody else may have asked for.

Several processes can share what they ask (`vpo_monitor.polling.shared`); the poller knows of that
only what stands here.
"""

from dataclasses import dataclass


class NotNow(Exception):
    """No request is free for this fetch, which may try again in so many `seconds`."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"no request is free for {seconds:.1f} s")
        self.seconds = seconds


@dataclass
class Need:
    """What an answer must be, and when the one came that was taken.

    All moments are the poller's clock, in seconds. It was wanted since `wanted_since`; an answer
    that is `max_age` seconds old is too old, and so is one that was asked for at `not_before` or
    earlier. So many requests are to be left to those who may not wait: `keep`.

    `asked_at` is when the fetch began, and `answered_at` None, until somebody who knows better says
    when the answer was really asked for and came.
    """

    wanted_since: float
    max_age: float
    not_before: float
    keep: int
    asked_at: float
    answered_at: float | None = None
