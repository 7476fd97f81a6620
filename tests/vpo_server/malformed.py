import json
from typing import Any

from vpo_monitor.demo.api import Response, json_response
from vpo_monitor.demo.server import RequestHandler

_PAGE = (
    "<!DOCTYPE html><html><head><title>Sign in</title></head><body>Please sign in.</body></html>"
)
_CHUNK = b" " * 65_536
_HUGE_CHUNKS = 320  # 20 MB
_GARBAGE: tuple[object, ...] = (None, "garbage \ud800", -7, [], {"nested": None}, 1e300, "")
# Values that a newer, older or broken server could send; each row takes one set of them.
_ODD_FIELDS: tuple[dict[str, object], ...] = (
    {"status": "paused", "job_type": "defragment", "progress_percent": 50},
    {"file_path": "/srv/media/\ud800 half a character.mkv", "progress_percent": None},
    {"created_at": "yesterday", "completed_at": 0, "progress_percent": 250.0},
    {"processed_at": None, "size_before": "big", "duration_seconds": -3},
)


def send_malformed(request: RequestHandler, good: Response, kind: str) -> None:
    """Send what a client gets in place of this answer; see `Fault.MALFORMED` for the kinds."""
    match kind:
        case "html":
            request.send(Response(200, _PAGE.encode(), "text/html; charset=utf-8"))
        case "not_json":
            request.send(Response(200, b'{"jobs": [oops'))
        case "redirect":
            headers = {"Location": "http://vpo.invalid/login"}
            request.send(Response(302, b"", headers=headers))
        case "cut_short":
            request.close_connection = True
            request.send_head(good, {"Content-Length": str(len(good.body))})
            request.wfile.write(good.body[: len(good.body) // 2])
        case "huge":  # valid JSON of 20 MB, without a Content-Length
            request.close_connection = True
            request.send_head(Response(200, b""), {"Connection": "close"})
            for chunk in (b"{", *[_CHUNK] * _HUGE_CHUNKS, b"}"):
                request.wfile.write(chunk)
        case _:
            request.send(_misshapen(good, kind))


def _misshapen(good: Response, kind: str) -> Response:
    try:
        body = json.loads(good.body)
    except ValueError:  # a page or plain text has no shape to change
        return good
    return json_response(_wrong_shape(body) if kind == "wrong_shape" else _bad_rows(body))


def _wrong_shape(body: Any) -> Any:
    return [body] if isinstance(body, dict) else {"rows": body}


def _bad_rows(body: Any) -> Any:
    """Put spoiled rows before the good ones; without any list, spoil every other field."""
    if isinstance(body, list):
        return _spoiled_rows(body) + body
    lists = {name: value for name, value in body.items() if isinstance(value, list)}
    if not lists:
        return _spoiled(body)
    return body | {name: _spoiled_rows(rows) + rows for name, rows in lists.items()}


def _spoiled_rows(rows: list[Any]) -> list[Any]:
    spoiled: list[Any] = [None, 7, [], {}, {"unexpected": "row"}]
    if rows and isinstance(rows[0], dict):
        row = rows[0]
        spoiled.append({name: value for name, value in row.items() if not name.endswith("id")})
        spoiled.append(dict.fromkeys(row))
        spoiled.append(_spoiled(row))
        spoiled.extend(
            row | {name: value for name, value in odd.items() if name in row} for odd in _ODD_FIELDS
        )
    elif rows:
        spoiled.append("a line with half a character \ud800")
    return spoiled


def _spoiled(fields: dict[str, Any]) -> dict[str, Any]:
    return {
        name: _GARBAGE[place // 2 % len(_GARBAGE)] if place % 2 else value
        for place, (name, value) in enumerate(fields.items())
    }
