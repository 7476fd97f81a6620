"""What processes leave for each other in the store: how a GET ended.

It is checked like a server's answer, as other programs may be able to write to the store.
"""

import json
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from vpo_monitor.api import errors
from vpo_monitor.api.json_http import decoded_json
from vpo_monitor.plain_text import plain_line

_MAX_SENTENCE = 500
_Seconds = Annotated[float, Field(ge=0)]


class Result(BaseModel):
    """VPO's answer to a GET, which took so many seconds, or the error that it ended with.

    `clock` is VPO's time when it came, in seconds since 1970.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    took: Annotated[_Seconds, Field(allow_inf_nan=False)]
    clock: Annotated[float, Field(allow_inf_nan=False)]
    body: Any = None
    error: str | None = None
    sentence: Annotated[str, Field(max_length=_MAX_SENTENCE)] = ""
    retry_after: _Seconds | None = None

    @classmethod
    def pack(cls, body: Any, error: errors.VpoError | None, *, took: float, clock: float) -> bytes:
        """Return the result as JSON; a body nested too deeply for that becomes an error."""
        result = cls(
            took=took,
            clock=clock,
            body=body,
            error=None if error is None else type(error).__name__,
            sentence=str(error or "")[:_MAX_SENTENCE],
            retry_after=getattr(error, "retry_after", None),
        )
        try:
            return json.dumps(dict(result), ensure_ascii=False).encode()
        except RecursionError:
            error = errors.BadResponse("VPO's response couldn't be parsed.")
            return cls.pack(None, error, took=took, clock=clock)

    @classmethod
    def unpack(cls, packed: bytes) -> Self | None:
        """Return the result; None if it is none of this version."""
        try:
            result = cls.model_validate(decoded_json(packed))
        except (ValueError, RecursionError, ValidationError):
            return None
        return result if result.error is None or result.failure(0) is not None else None

    def failure(self, age: float) -> errors.VpoError | None:
        """Return the error, `age` seconds later; None if it is an answer."""
        kind, sentence = vars(errors).get(self.error or ""), plain_line(self.sentence)
        if not isinstance(kind, type) or not issubclass(kind, errors.VpoError):
            return None
        if issubclass(kind, errors.RateLimited | errors.Unavailable):
            wait = self.retry_after
            return kind(sentence, None if wait is None else max(0.0, wait - age))
        return kind(sentence)
