"""What makes the app installable: manifest, icons and service worker. They contain no data."""

import html
from pathlib import Path

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from vpo_monitor.web.pages import Theme, theme_color
from vpo_monitor.web.paths import ICONS, MANIFEST, SERVICE_WORKER, Paths
from vpo_monitor.web.responses import Endpoint, fixed

_FOLDER = Path(__file__).parent
_NAME = "VPO Monitor"
_TOUCH_ICON = "apple-touch-icon.png"
_ICONS = (("icon-192.png", 192, "any"), ("icon-512.png", 512, "any"))
_MASKABLE_ICONS = (("maskable-512.png", 512, "maskable"),)
"""Systems cut these to a shape of their own, so nothing matters outside the middle."""
_ICON_NAMES = (_TOUCH_ICON, *(name for name, *_rest in (*_ICONS, *_MASKABLE_ICONS)))
_DAY = {"Cache-Control": "max-age=86400"}
_CHECKED = {"Cache-Control": "no-cache"}

OPEN_PATHS = (MANIFEST, SERVICE_WORKER, *(f"{ICONS}/{name}" for name in _ICON_NAMES))
"""Browsers fetch these without the login's cookie, or before anybody has logged in."""


class WebApp:
    """The routes, and the links to them in the head of each page, in the colors of a theme."""

    def __init__(self, paths: Paths, theme: Theme) -> None:
        self._paths = paths
        self._colors = {
            kind: theme_color(theme, kind, "backgroundColor") for kind in ("light", "dark")
        }

    def head(self) -> str:
        """The HTML for the head. Some proxies serve the manifest only after a login."""
        colors = "".join(
            f'<meta name="theme-color" media="(prefers-color-scheme: {kind})" content="{color}">'
            for kind, color in self._colors.items()
        )
        manifest = html.escape(self._paths.url(MANIFEST))
        icon = html.escape(self._paths.url(f"{ICONS}/{_TOUCH_ICON}"))
        return (
            f'<link rel="manifest" href="{manifest}" crossorigin="use-credentials">'
            f'<link rel="apple-touch-icon" href="{icon}">{colors}'
        )

    def routes(self) -> list[Route]:
        """Return the routes of manifest, service worker and icons."""
        worker = (_FOLDER / "service_worker.js").read_bytes()
        return [
            Route(self._paths.url(MANIFEST), Endpoint(get=self._manifest)),
            Route(
                self._paths.url(SERVICE_WORKER),
                Endpoint(get=fixed(worker, "text/javascript", _CHECKED)),
            ),
            *(
                Route(
                    self._paths.url(f"{ICONS}/{name}"),
                    Endpoint(get=fixed((_FOLDER / "icons" / name).read_bytes(), "image/png", _DAY)),
                )
                for name in _ICON_NAMES
            ),
        ]

    async def _manifest(self, _request: Request) -> Response:
        root = self._paths.url("/")
        manifest = {
            "id": root,
            "name": _NAME,
            "short_name": _NAME,
            "description": "The job queue of a Video Policy Orchestrator server",
            "lang": "en",
            "start_url": root,
            "scope": root,
            "display": "standalone",
            "theme_color": self._colors["light"],
            "background_color": self._colors["light"],
            "icons": [
                {
                    "src": self._paths.url(f"{ICONS}/{name}"),
                    "sizes": f"{size}x{size}",
                    "type": "image/png",
                    "purpose": purpose,
                }
                for name, size, purpose in (*_ICONS, *_MASKABLE_ICONS)
            ],
        }
        return JSONResponse(manifest, headers=_CHECKED, media_type="application/manifest+json")
