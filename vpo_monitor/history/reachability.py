"""What one response, or its failure, says about the state of a server."""

from typing import Any

from vpo_monitor.api import errors
from vpo_monitor.api.models import Health
from vpo_monitor.history.records import Reachability
from vpo_monitor.polling.queries import Route

_WITHOUT_DATABASE = frozenset({Route.HEALTH, Route.ABOUT, Route.CONFIG, Route.LOGS})
"""Routes that respond while VPO's database is locked."""


def observed_state(route: Route, answer: Any, before: str | None) -> Reachability | None:
    """Return the state that a response shows, or the error in its place; None if it shows none.

    `before` is the last known state, None if the server was not monitored just before. A locked
    database stays locked until a route that needs it responds. A server whose health fails stays
    unreachable until VPO itself responds.
    """
    match answer:
        case errors.Unreachable() | errors.Unavailable() | Health(shutting_down=True):
            return Reachability.UNREACHABLE
        case errors.TimedOut() | errors.ServerBusy() | errors.BadResponse() if (
            route is Route.HEALTH
        ):
            return Reachability.UNREACHABLE
        case errors.TimedOut() if route in _WITHOUT_DATABASE:
            return None
        case errors.TimedOut() | errors.ServerBusy() | errors.BadResponse() if (
            before == Reachability.UNREACHABLE
        ):
            return None
        case errors.TimedOut() | errors.ServerBusy() if route not in _WITHOUT_DATABASE:
            return Reachability.DATABASE_LOCKED
    is_answer = isinstance(answer, errors.ANSWERS) or not isinstance(answer, errors.VpoError)
    if before == Reachability.DATABASE_LOCKED and (not is_answer or route in _WITHOUT_DATABASE):
        return None
    return Reachability.REACHED
