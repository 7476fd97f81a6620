"""The table of all that a faulty server does, and of what is right when it does."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from tests.faults import content, sending
from tests.faults.exchange import Exchange
from vpo_monitor.api import errors

NO_TLS = "none"
"""In place of a certificate: plain HTTP where TLS is expected."""


@dataclass(frozen=True)
class Case:
    """One fault: `serve` is what is done in place of the good answer.

    `error` is what the client makes of it, None where the answer is still good, and `says` a part
    of its sentence. `may_be_read`: whether it is an error depends on the route, as an object
    without its id is no answer and a row without one is a row less. `is_slow` where it lasts until
    the read timeout. `certificate` is the one (of `tests/data/tls`) that is shown instead of the
    good one by a server that speaks TLS.
    """

    name: str
    serve: Callable[[Exchange], None] | None
    error: type[errors.VpoError] | None = None
    says: str = ""
    may_be_read: bool = False
    retry_after: float | None = None
    is_slow: bool = False
    is_refused: bool = False
    certificate: str | None = None

    @property
    def is_failure(self) -> bool:
        """Whether it is an error on each route."""
        return self.error is not None and not self.may_be_read


def _untrusted(name: str, certificate: str) -> Case:
    serve = sending.as_ever
    says = "TLS certificate or protocol was refused"
    return Case(name, serve, errors.Unreachable, says, certificate=certificate)


def _no_answer(name: str, serve: sending.Serve) -> Case:
    return Case(name, serve, errors.Unreachable, "closed the connection without a response")


def _cut(name: str, serve: sending.Serve) -> Case:
    return Case(name, serve, errors.BadResponse, "cut off or damaged")


def _slow(name: str, serve: sending.Serve) -> Case:
    return Case(name, serve, errors.TimedOut, "no complete response within", is_slow=True)


def _large(name: str, serve: sending.Serve) -> Case:
    return Case(name, serve, errors.BadResponse, "MB, which VPO never does")


def _no_json(name: str, text: bytes, content_type: str = "application/json") -> Case:
    serve = sending.body(text, content_type)
    return Case(name, serve, errors.BadResponse, "a response that isn't JSON")


def _limited(
    name: str, seconds: float | None, retry_after: str | Callable[[], str] | None = None
) -> Case:
    serve = sending.status(429, retry_after=retry_after)
    return Case(name, serve, errors.RateLimited, "too many requests", retry_after=seconds)


def _read(name: str, change: content.Change) -> Case:
    return Case(name, sending.changed(change))


def _maybe(name: str, change: content.Change) -> Case:
    return Case(
        name, sending.changed(change), errors.BadResponse, "unexpected response", may_be_read=True
    )


def _in(seconds: float) -> Callable[[], str]:
    """The date so many seconds after the moment at which it is sent."""
    return lambda: format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)


_FIRST, _LAST = "1970-01-01T00:00:00+00:00", "2199-12-31T23:59:59.999999+00:00"
"""The first and the last time that is taken for one."""
_OBJECTS = b'{"jobs": [' + b'{"a":1},' * 1_000_000 + b"{}]}"
_HTML = b"<!DOCTYPE html><html><body><h1>Sign in</h1></body></html>"
_ELSEWHERE = "http://elsewhere.invalid/login"

CONNECTION = (
    Case("refuse", None, errors.Unreachable, "cannot be reached", is_refused=True),
    _no_answer("close early", sending.close_without_answer),
    _no_answer("speak another protocol", sending.no_http),
    _no_answer("send a head of 12 MB", sending.endless_head),
    _cut("drop mid-body", sending.drop_mid_body),
    _cut("drop mid-chunk", sending.drop_mid_chunk),
    _cut("reset mid-body", sending.reset_mid_body),
    _cut("say two lengths", sending.two_lengths),
    _cut("announce a negative chunk", sending.negative_chunk),
    _cut("say gzip and send none", sending.no_gzip),
    _slow("hang before the head", sending.hang_before_head),
    _slow("hang mid-body", sending.hang_mid_body),
    _slow("drip the body", sending.drip_body),
    _slow("drip chunks", sending.drip_chunks),
    Case("close a kept connection after the answer", sending.close_after_answer),
    Case("close a kept connection at the next request", sending.close_kept_connection),
)
TLS = (
    _untrusted("a certificate of another host", "of_another_host"),
    _untrusted("an expired certificate", "expired"),
    _untrusted("a certificate signed by itself", "self_signed"),
    _untrusted("no TLS at all", NO_TLS),
)
SIZE = (
    _large("50 MB", sending.huge_body),
    _large("50 MB in chunks", sending.endless_chunks),
    _large("gzip bomb", sending.gzip_bomb),
    _large("gzip bomb in one chunk", sending.gzip_bomb_in_one_chunk),
    _large("deflate bomb", sending.deflate_bomb),
    _large("gzip bomb in gzip", sending.gzip_in_gzip_bomb),
    Case(
        "a million objects",
        sending.body(_OBJECTS),
        errors.BadResponse,
        "more than 500,000 values",
    ),
)
STATUS = (
    Case("302", sending.status(302, location=_ELSEWHERE), errors.BadResponse, "redirects"),
    Case("302 with a gzip bomb", sending.redirect_bomb, errors.BadResponse, "redirects"),
    Case("401", sending.status(401), errors.Unauthorized, "VPO_MONITOR_API_TOKEN"),
    Case("403", sending.status(403), errors.Unauthorized, "VPO_MONITOR_API_TOKEN"),
    Case("404", sending.status(404), errors.BadResponse, "unexpected response"),
    _limited("429 for 37 seconds", 37.0, "37"),
    _limited("429 until a date", 3500.0, _in(3500)),
    _limited("429 until a past date", 0.0, _in(-3500)),
    _limited("429 until the year 9999", 2.5e11, "Fri, 31 Dec 9999 23:59:59 GMT"),
    _limited("429 for negative seconds", None, "-5"),
    _limited("429 for garbage", None, "soon \x80"),
    _limited("429 for too many digits", math.inf, "9" * 5000),
    _limited("429 without Retry-After", None),
    Case("500", sending.status(500), errors.ServerBusy, "internal error"),
    Case("500 late", sending.status(500, seconds=0.1), errors.ServerBusy, "internal error"),
    Case("503", sending.status(503), errors.Unavailable, "shutting down or not running"),
    Case(
        "503 with Retry-After",
        sending.status(503, retry_after="37"),
        errors.Unavailable,
        "shutting down or not running",
        retry_after=37.0,
    ),
    Case("an unknown status", sending.status(799), errors.BadResponse, "unexpected status 799"),
)
NO_JSON = (
    _no_json("200 with HTML", _HTML, "text/html"),
    _no_json("HTML called JSON", _HTML),
    _no_json("an empty body", b""),
    _no_json("half of JSON", b'{"jobs": [{"id": "a'),
    _no_json("text that is not UTF-8", b'{"jobs": ["\xff\xfe"]}'),
    _no_json("100,000 lists in each other", b"[" * 100_000),
    _no_json("1,200 lists and half a character", b"[" * 1200 + b'"\\ud800"' + b"]" * 1200),
    _no_json("a number of 10,000 digits", b'{"total": ' + b"9" * 10_000 + b"}"),
)
CONTENT = (
    _maybe("wrong shape", content.wrong_shape),
    _maybe("wrong lists", content.wrong_lists),
    _maybe("null", lambda _body, _route: None),
    _read("nulls", content.each_value(lambda _value: None)),
    _maybe("nulls everywhere", content.each_value(lambda _value: None, everywhere=True)),
    _read("wrong types", content.each_value(content.wrong_type)),
    _maybe("wrong types everywhere", content.each_value(content.wrong_type, everywhere=True)),
    _read("lists for values", content.each_value(lambda value: [value])),
    _read("missing keys", content.missing_keys),
    _maybe("missing everything", content.missing_everything),
    _read("duplicate ids", content.duplicate_rows),
    _read("NaN", content.each_number(float("nan"))),
    _read("Infinity", content.each_number(float("inf"))),
    _read("-Infinity", content.each_number(float("-inf"))),
    _read("beyond 64 bits", content.each_number(2**70)),
    _read("below 64 bits", content.each_number(-(2**70))),
    _read("the largest of 64 bits", content.each_number(2**63 - 1)),
    _read("the largest that is taken", content.each_number(2**63 - 1025)),
    _read("the least that is taken", content.each_number(-(2**63) + 1025)),
    _read("the largest float", content.each_number(1.7e308)),
    _read("-1", content.each_number(-1)),
    _read("from 1970 to 2199", content.each_time(_FIRST, _LAST)),
    _read("from 2199 to 1970", content.each_time(_LAST, _FIRST)),
    _read("year 0", content.each_time(*["0000-01-01T00:00:00+00:00"] * 2)),
    _read("year 1", content.each_time(*["0001-01-01T00:00:00+00:00"] * 2)),
    _read("year 9999", content.each_time(*["9999-12-31T23:59:59.999999+00:00"] * 2)),
    _read("past year 9999", content.each_time(*["9999-12-31T23:59:59-14:00"] * 2)),
    _read(
        "from year 1 to 9999",
        content.each_time("0001-01-01T00:00:00+00:00", "9999-12-31T23:59:59+00:00"),
    ),
    _read(
        "from year 9999 to 1",
        content.each_time("9999-12-31T23:59:59+00:00", "0001-01-01T00:00:00+00:00"),
    ),
    _read("10,000 rows", content.many_rows),
    Case("a Date of the year 9999", sending.dated("Fri, 31 Dec 9999 23:59:59 GMT")),
    Case("a Date of the year 1", sending.dated("Mon, 01 Jan 0001 00:00:00 GMT")),
    Case("a Date that is none", sending.dated("Fri, 99 Foo 9999 23:59:59 +999999")),
)
GROUPS = {
    "Connections": CONNECTION,
    "TLS": TLS,
    "Large responses": SIZE,
    "Statuses": STATUS,
    "Not JSON": NO_JSON,
    "Unexpected content": CONTENT,
}
CASES = tuple(case for cases in GROUPS.values() for case in cases)
BY_NAME = {case.name: case for case in CASES}
EXTREMES = tuple(
    BY_NAME[name]
    for name in (
        *("nulls everywhere", "wrong types everywhere", "missing everything", "wrong lists"),
        *("duplicate ids", "-1", "the largest that is taken", "from 2199 to 1970", "10,000 rows"),
    )
)
"""Good JSON that differs most from what VPO sends; the rest lies between."""
Kind = type[errors.VpoError]
WELL = frozenset({"Live", "Idle", "Finished"})
BADGE: dict[Kind, tuple[str, ...]] = {
    errors.Unreachable: ("Reconnecting", "Offline"),
    errors.TimedOut: ("Reconnecting",),
    errors.BadResponse: ("Reconnecting",),
    errors.ServerBusy: ("Reconnecting",),
    errors.RateLimited: ("Rate limited",),
    errors.Unavailable: ("Shutting down",),
    errors.Unauthorized: ("Token rejected",),
}
"""What the badge says where every route fails."""
SAID: dict[Kind, str] = {errors.Unavailable: "VPO is shutting down."}
"""Where a page has a sentence of its own."""
