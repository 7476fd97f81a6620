import json
from typing import Any

from starlette.responses import RedirectResponse, Response
from starlette.types import Receive, Scope, Send

from .responses import json_response

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


def malform(answer: Response, kind: str) -> Response:
    """Return what a client gets in place of this answer; see `Fault.MALFORMED` for the kinds."""
    match kind:
        case "html":
            return Response(_PAGE, media_type="text/html")
        case "not_json":
            return Response(b'{"jobs": [oops', media_type="application/json; charset=utf-8")
        case "cut_short":
            return _CutShort(answer.body, media_type="application/json; charset=utf-8")
        case "huge":
            return _Huge(media_type="application/json; charset=utf-8")
        case "redirect":
            return RedirectResponse("http://vpo.invalid/login", status_code=302)
    try:
        body = json.loads(bytes(answer.body))
    except ValueError:  # a page or plain text has no shape to change
        return answer
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


class _CutShort(Response):
    """Sends half of what its Content-Length promises and closes the connection."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - the ASGI interface
        await send(
            {
                "type": "http.response.start",
                "status": self.status_code,
                "headers": self.raw_headers,
            }
        )
        half = bytes(self.body)[: len(self.body) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})


class _Huge(Response):
    """Streams valid JSON of 20 MB without a Content-Length."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - the ASGI interface
        headers = [pair for pair in self.raw_headers if pair[0] != b"content-length"]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"{", "more_body": True})
        for _ in range(_HUGE_CHUNKS):
            await send({"type": "http.response.body", "body": _CHUNK, "more_body": True})
        await send({"type": "http.response.body", "body": b"}", "more_body": False})
