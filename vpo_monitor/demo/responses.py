import json
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

_NOT_FOUND_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
    <meta charset="UTF-8">
    <title>Page Not Found - VPO</title>
</head>
<body>
    <h2>Page Not Found</h2>
    <div class="error-container">
        <h3>404 - Page Not Found</h3>
        <p class="error-message">The page you requested could not be found.</p>
    </div>
</body>
</html>"""


def json_response(
    body: Any, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Answer JSON, ASCII only as VPO writes it, so that even a lone surrogate can be sent."""
    return Response(
        json.dumps(body),
        status_code=status,
        headers=headers,
        media_type="application/json; charset=utf-8",
    )


def error(
    status: int, code: str, message: str, headers: Mapping[str, str] | None = None
) -> Response:
    """Answer one of the errors that VPO writes as JSON."""
    return json_response({"error": message, "code": code}, status, headers)


def invalid_parameter(name: str, value: str) -> Response:
    return error(400, "INVALID_PARAMETER", f"Invalid {name} value: {value!r}")


def not_found() -> Response:
    """Answer 404 with an HTML page, as VPO does even under `/api`."""
    return Response(_NOT_FOUND_PAGE, status_code=404, media_type="text/html")


def unauthorized() -> Response:
    return Response(
        "Unauthorized",
        status_code=401,
        headers={"WWW-Authenticate": 'Basic realm="VPO"'},
        media_type="text/plain",
    )


def rate_limited(retry_after: str | None) -> Response:
    """Answer 429; None leaves the `Retry-After` header out."""
    return error(
        429,
        "RATE_LIMITED",
        "Rate limit exceeded. Please wait before retrying.",
        None if retry_after is None else {"Retry-After": retry_after},
    )


def shutting_down() -> Response:
    return error(503, "SHUTTING_DOWN", "Service is shutting down")


def internal_error() -> Response:
    """Answer the plain-text 500 that a query ends in while the database is held."""
    return Response(
        "500 Internal Server Error\n\nServer got itself in trouble",
        status_code=500,
        media_type="text/plain",
    )
