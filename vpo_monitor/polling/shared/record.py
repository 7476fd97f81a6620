"""An answer, or a failure, as it stands in the store, and what is taken for one.

Whatever else may write there is as little to be trusted as a server is.
"""

import json
import math
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from vpo_monitor.api import errors
from vpo_monitor.api.json_http import decoded_json
from vpo_monitor.plain_text import plain_line
from vpo_monitor.polling.shared.store import MOST_BYTES

MOST_SECONDS = 180.0
"""No record stands in the store for longer."""
FAILURE_SECONDS = 15.0
_ROUNDED = 0.01
_LONGEST_FETCH = 600.0
_LONGEST_WAIT = 86_400.0
_LONGEST_SENTENCE = 500

# Only these names make an error, so that nothing in the store can name another class.
_KINDS: dict[str, type[errors.VpoError]] = {
    kind.__name__: kind
    for kind in (
        errors.Unreachable,
        errors.TimedOut,
        errors.Unauthorized,
        errors.NotFound,
        errors.BadRequest,
        errors.ServerBusy,
        errors.BadResponse,
        errors.RateLimited,
        errors.Unavailable,
    )
}
_ANSWERS = (errors.NotFound, errors.BadRequest)

_Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Failure(BaseModel):
    """An error of the client: its class, its sentence and how long the server wants it to wait."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    kind: Literal[
        "Unreachable",
        "TimedOut",
        "Unauthorized",
        "NotFound",
        "BadRequest",
        "ServerBusy",
        "BadResponse",
        "RateLimited",
        "Unavailable",
    ]
    sentence: Annotated[str, Field(min_length=1, max_length=_LONGEST_SENTENCE)]
    retry_after: Annotated[_Seconds, Field(le=_LONGEST_WAIT)] | None = None

    @classmethod
    def of(cls, error: errors.VpoError) -> Self | None:
        """What to share of an error; None for one that is not known here."""
        name = type(error).__name__
        if _KINDS.get(name) is not type(error):
            return None
        wait = getattr(error, "retry_after", None)
        sentence = str(error)[:_LONGEST_SENTENCE]
        kept = None if wait is None else min(wait, _LONGEST_WAIT)
        return cls.model_validate({"kind": name, "sentence": sentence, "retry_after": kept})

    def error(self, age: float) -> errors.VpoError:
        """The error again, `age` seconds later; its sentence is one line of plain text."""
        kind, sentence = _KINDS[self.kind], plain_line(self.sentence)
        if issubclass(kind, errors.RateLimited | errors.Unavailable):
            left = None if self.retry_after is None else max(0.0, self.retry_after - age)
            return kind(sentence, left)
        return kind(sentence)


class Record(BaseModel):
    """What one GET brought.

    It stands in the store for `life` seconds, by which its age is known, and took `took` seconds to
    come. `clock` is the server's time when it came, in seconds since 1970.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    version: Literal[1] = 1
    life: Annotated[_Seconds, Field(gt=0, le=MOST_SECONDS)]
    took: Annotated[_Seconds, Field(le=_LONGEST_FETCH)]
    clock: Annotated[float, Field(allow_inf_nan=False)]
    failure: Failure | None = None
    body: Any = None

    @model_validator(mode="after")
    def _is_one_of_both(self) -> Self:
        if self.failure is not None and self.body is not None:
            raise ValueError("both a failure and an answer")
        return self

    @property
    def is_answer(self) -> bool:
        """Whether the server has answered, be it that what was asked for is not there."""
        return self.failure is None or issubclass(_KINDS[self.failure.kind], _ANSWERS)

    def octets(self) -> bytes | None:
        """It as JSON; None where it is too long or too deep to be shared."""
        failure = None if self.failure is None else self.failure.model_dump()
        try:
            octets = json.dumps({**dict(self), "failure": failure}, separators=(",", ":")).encode()
        except RecursionError:
            return None
        return octets if len(octets) <= MOST_BYTES else None


@dataclass(frozen=True)
class Found:
    """A record with its age, in seconds."""

    record: Record
    age: float


def record_of(
    body: Any, error: errors.VpoError | None, *, life: float, took: float, clock: float
) -> Record | None:
    """What to share of an answer or a failure; None where that cannot be.

    A failure stands there for `FAILURE_SECONDS`: processes try again at times that differ a bit.
    """
    failure = None if error is None else Failure.of(error)
    if error is not None and failure is None:
        return None
    try:
        record = Record(life=life, took=took, clock=clock, failure=failure, body=body)
    except ValidationError:
        return None  # as when the machine slept over it
    return record if record.is_answer else record.model_copy(update={"life": FAILURE_SECONDS})


def read_record(octets: bytes, seconds_left: float) -> Found | None:
    """The record that was put there; None where it is none of this version."""
    try:
        record = Record.model_validate(decoded_json(octets))
    except (ValueError, RecursionError, ValidationError):
        return None
    age = record.life - seconds_left
    if not math.isfinite(age) or age < -_ROUNDED:
        return None  # it was not put there with that end
    return Found(record, max(0.0, age))
