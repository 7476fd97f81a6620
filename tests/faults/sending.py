"""How a server can send badly, whatever it is that it sends.

Times are scaled: where a real server drips a byte a second, this one does each 20 ms, and the tests
hand in a read timeout of a fraction of a second.
"""

import functools
import zlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.faults.exchange import Exchange

Serve = Callable[[Exchange], None]

DRIP = 0.02
"""Seconds from one byte to the next."""
_JSON = {"Content-Type": "application/json; charset=utf-8"}
_MEGABYTE = 2**20
_BLANK = b" " * _MEGABYTE
_HUGE = 50
_BOMB = 1024
"""Megabytes."""


def as_ever(exchange: Exchange) -> None:
    """Send the good answer: what is wrong is not the answer."""
    exchange.answer(exchange.good)


def close_without_answer(exchange: Exchange) -> None:
    """Take the request and close the connection, as a process does that is just ending."""
    exchange.close()


def close_kept_connection(exchange: Exchange) -> None:
    """Answer the first request of each connection, and close it at the second."""
    if exchange.is_first:
        exchange.answer(exchange.good)
    else:
        exchange.close()


def close_after_answer(exchange: Exchange) -> None:
    """Promise to keep the connection, and close it."""
    exchange.answer(exchange.good)
    exchange.close()


def drop_mid_body(exchange: Exchange) -> None:
    """Promise a body and send half of it."""
    body = exchange.good.encoded()
    exchange.send(exchange.head({**_JSON, "Content-Length": str(len(body))}))
    exchange.send(body[: len(body) // 2])
    exchange.close()


def drop_mid_chunk(exchange: Exchange) -> None:
    """Promise a chunk and send half of it."""
    body = exchange.good.encoded()
    exchange.send(exchange.head({**_JSON, "Transfer-Encoding": "chunked"}))
    exchange.send(b"%x\r\n" % len(body) + body[: len(body) // 2])
    exchange.close()


def reset_mid_body(exchange: Exchange) -> None:
    """As before, but with the connection broken off."""
    body = exchange.good.encoded()
    exchange.send(exchange.head({**_JSON, "Content-Length": str(len(body))}))
    exchange.send(body[: len(body) // 2])
    exchange.reset()


def hang_before_head(exchange: Exchange) -> None:
    """Take the request and say nothing."""
    if exchange.wait():
        exchange.answer(exchange.good)


def hang_mid_body(exchange: Exchange) -> None:
    """Send half of the body and say no more."""
    body = exchange.good.encoded()
    exchange.send(exchange.head({**_JSON, "Content-Length": str(len(body))}))
    exchange.send(body[: len(body) // 2])
    exchange.wait()
    exchange.close()


def drip_head(exchange: Exchange) -> None:
    """Send a byte of the head now and then."""
    body = exchange.good.encoded()
    head = exchange.head({**_JSON, "X-Long": "-" * 9999, "Content-Length": str(len(body))})
    _drip(exchange, head)


def drip_body(exchange: Exchange) -> None:
    """Send the head at once, and of the body a byte now and then."""
    body = exchange.good.encoded() + b" " * 9999
    exchange.send(exchange.head({**_JSON, "Content-Length": str(len(body))}))
    _drip(exchange, body)


def drip_chunks(exchange: Exchange) -> None:
    """The same with chunks of one byte."""
    exchange.send(exchange.head({**_JSON, "Transfer-Encoding": "chunked"}))
    _drip(exchange, exchange.good.encoded() + b" " * 9999, b"1\r\n%b\r\n")


def drip_continue(exchange: Exchange) -> None:
    """Say again and again that the answer is about to come."""
    _drip(exchange, b" " * 9999, b"HTTP/1.1 100 Continue\r\n%b:\r\n\r\n")


def _drip(exchange: Exchange, data: bytes, form: bytes = b"%b") -> None:
    for byte in data:
        exchange.send(form % bytes([byte]))
        if exchange.wait(DRIP):
            break
    exchange.close()


def no_http(exchange: Exchange) -> None:
    """Speak another protocol."""
    exchange.send(b"220 mail.example ESMTP\r\n")
    exchange.close()


def endless_head(exchange: Exchange) -> None:
    """Send a head of many megabytes."""
    exchange.send(b"HTTP/1.1 200 OK\r\n")
    for number in range(200):
        exchange.send(b"X-%d: " % number + b"-" * 60_000 + b"\r\n")
    exchange.close()


def two_lengths(exchange: Exchange) -> None:
    """Say two lengths of one body."""
    exchange.send(exchange.head({**_JSON, "Content-Length": "2, 3"}) + b"{}")
    exchange.close()


def negative_chunk(exchange: Exchange) -> None:
    """Announce a chunk of fewer bytes than none."""
    exchange.send(exchange.head({**_JSON, "Transfer-Encoding": "chunked"}) + b"-5\r\n{}\r\n")
    exchange.close()


def huge_body(exchange: Exchange) -> None:
    """Send valid JSON of 50 MB, with its length."""
    length = _HUGE * _MEGABYTE + 2
    exchange.send(exchange.head({**_JSON, "Content-Length": str(length)}) + b"{")
    for _ in range(_HUGE):
        exchange.send(_BLANK)
    exchange.send(b"}")


def endless_chunks(exchange: Exchange) -> None:
    """The same in chunks, without a length."""
    exchange.send(exchange.head({**_JSON, "Transfer-Encoding": "chunked"}))
    for _ in range(_HUGE):
        exchange.send(b"%x\r\n" % _MEGABYTE + _BLANK + b"\r\n")
    exchange.send(b"0\r\n\r\n")


@functools.cache
def _gzip(megabytes: int, windows: int = 16) -> bytes:
    """So many megabytes of blanks, packed; each megabyte is packed alike, so that it is quick."""
    packer = zlib.compressobj(9, zlib.DEFLATED, windows + zlib.MAX_WBITS)
    first = packer.compress(_BLANK) + packer.flush(zlib.Z_FULL_FLUSH)
    other = packer.compress(_BLANK) + packer.flush(zlib.Z_FULL_FLUSH)
    return first + other * (megabytes - 1)


def gzip_bomb(exchange: Exchange) -> None:
    """Send 1 GB of blanks as 1 MB of gzip, with its length."""
    exchange.send_body(_gzip(_BOMB), {**_JSON, "Content-Encoding": "gzip"})


def gzip_bomb_in_one_chunk(exchange: Exchange) -> None:
    """The same in one chunk."""
    packed = _gzip(_BOMB)
    head = {**_JSON, "Content-Encoding": "gzip", "Transfer-Encoding": "chunked"}
    exchange.send(exchange.head(head) + b"%x\r\n" % len(packed) + packed + b"\r\n0\r\n\r\n")


def deflate_bomb(exchange: Exchange) -> None:
    """The same in the other packing that a client takes."""
    exchange.send_body(_gzip(_BOMB, 0), {**_JSON, "Content-Encoding": "deflate"})


def gzip_in_gzip_bomb(exchange: Exchange) -> None:
    """Pack the bomb once more, so that only a few thousand bytes are sent."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    packed = packer.compress(_gzip(_BOMB)) + packer.flush()
    exchange.send_body(packed, {**_JSON, "Content-Encoding": "gzip, gzip"})


def no_gzip(exchange: Exchange) -> None:
    """Say that the body is packed, when it is not."""
    exchange.send_body(exchange.good.encoded(), {**_JSON, "Content-Encoding": "gzip"})


def body(text: bytes, content_type: str = _JSON["Content-Type"]) -> Serve:
    """Send this with status 200."""
    return lambda exchange: exchange.send_body(text, {"Content-Type": content_type})


def status(
    code: int,
    *,
    seconds: float = 0.0,
    location: str | None = None,
    retry_after: str | Callable[[], str] | None = None,
) -> Serve:
    """Send this status with a few words, after so many seconds."""

    def serve(exchange: Exchange) -> None:
        if seconds and exchange.wait(seconds):
            exchange.answer(exchange.good)
            return
        wait = retry_after() if callable(retry_after) else retry_after
        named = {"Content-Type": "text/plain", "Location": location, "Retry-After": wait}
        headers = {name: value for name, value in named.items() if value is not None}
        exchange.send_body(b"Sorry.", headers, code)

    return serve


def redirect_bomb(exchange: Exchange) -> None:
    """Redirect to another host, with a bomb for whoever reads the body of a redirect."""
    headers = {"Location": "http://elsewhere.invalid/", "Content-Encoding": "gzip"}
    exchange.send_body(_gzip(_BOMB), headers, 302)


def dated(date: str) -> Serve:
    """Send the good answer as of another time."""

    def serve(exchange: Exchange) -> None:
        good = exchange.good
        exchange.answer(replace(good, headers={**good.headers, "Date": date}))

    return serve


def changed(change: Callable[[Any, str], Any]) -> Serve:
    """Send the good JSON changed, given with its route; what is no JSON is sent as it is."""

    def serve(exchange: Exchange) -> None:
        good = exchange.good
        exchange.answer(
            replace(good, body=change(good.body, exchange.route)) if good.is_json else good
        )

    return serve
