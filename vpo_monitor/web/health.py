"""`/healthz`: whether the app runs. It asks VPO for nothing, and needs no login."""

from starlette.requests import Request
from starlette.responses import Response

from vpo_monitor.web.refusals import refusal


async def health(_request: Request) -> Response:
    """Say that the app runs."""
    return refusal("ok", 200)
