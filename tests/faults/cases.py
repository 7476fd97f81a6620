"""The table of all that a faulty server does, and what is right when it does."""

import ssl
from collections.abc import Callable
from dataclasses import dataclass

from tests.faults.exchange import Exchange
from vpo_monitor.api import errors


@dataclass(frozen=True)
class Case:
    """One fault: `serve` is what is done in place of the good answer.

    `error` is what the client raises of it, None where the answer is still one; `says` is a part of
    that error's sentence. Where `error` depends on the route (an object that lacks its id is no
    answer, a row that does is one row less), `may_be_usable`.
    """

    name: str
    serve: Callable[[Exchange], None] | None
    error: type[errors.VpoError] | None = None
    says: str = ""
    may_be_usable: bool = False
    retry_after: float | None = None
    is_refused: bool = False
    certificate: ssl.SSLContext | None = None
