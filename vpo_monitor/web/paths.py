"""The paths of the app, below the base path under which a proxy may serve it."""

from collections.abc import Iterable, Sequence
from urllib.parse import quote, unquote, urlencode, urlsplit

LOGIN, LOGOUT, SESSION = "/login", "/logout", "/session"
OAUTH_CALLBACK = "/oauth2callback"
HEALTH, METRICS = "/healthz", "/metrics"
SUMMARY, FEED = "/api/summary", "/feed.atom"
STYLE = "/style.css"
MANIFEST, SERVICE_WORKER, ICONS = "/manifest.webmanifest", "/service-worker.js", "/icons"
MEDIA, COMPONENT, STATIC = "/media/", "/component/", "/static/"

_STREAMLITS = ("_stcore", "media", "component", "static", "auth", "app")
"""The first part of all paths that Streamlit keeps for itself."""
_OWN = (
    *(LOGIN, LOGOUT, SESSION, OAUTH_CALLBACK, HEALTH, METRICS, SUMMARY, FEED, STYLE),
    *(MANIFEST, SERVICE_WORKER, ICONS),
)
_NOT_PAGES = frozenset((*_STREAMLITS, *(path.split("/")[1] for path in _OWN)))
_MAX_URL = 2000


def account_paths(providers: Sequence[str]) -> list[str]:
    """The path of the app where a login with each provider starts."""
    return [f"{LOGIN}/{number}" for number, _name in enumerate(providers, start=1)]


class Paths:
    """Translates between paths of the app, such as `/jobs`, and paths of the server: `/vpo/jobs`.

    `base` is Streamlit's `server.baseUrlPath`: `vpo`, or empty if the app has the server to itself.
    """

    def __init__(self, base: str = "") -> None:
        name = base.strip("/")
        self._base = f"/{name}" if name else ""

    @property
    def cookie_path(self) -> str:
        """The `Path` of cookies that are sent to this app only."""
        return self._base or "/"

    def url(self, path: str) -> str:
        """The server's path for one of the app."""
        return self._base + path

    def inside(self, path: str) -> str | None:
        """The app's path for one of the server; None if it is outside of the app."""
        if path == self._base:
            return "/"
        return path.removeprefix(self._base) if path.startswith(f"{self._base}/") else None


def is_page(path: str) -> bool:
    """Whether a path of the app is a page's, rather than a file's or a route's."""
    return path.split("/")[1:2][0] not in _NOT_PAGES if path.startswith("/") else False


def with_query(path: str, query: bytes) -> str:
    """A path of the app with its query string, as it is written in a URL."""
    text = query.decode("latin-1")
    return quote(path) + (f"?{text}" if text else "")


def page_to_return_to(wanted: str | None) -> str:
    """The page that somebody wants to see after logging in: always one of this app.

    Anything else becomes the first page, above all what browsers take for an address elsewhere.
    """
    if wanted is None or len(wanted) > _MAX_URL or not _is_plain(wanted):
        return "/"
    parts = urlsplit(wanted)
    path = unquote(parts.path)
    if not _is_plain(path) or not is_page(path) or not _is_canonical(path.split("/")[1:]):
        return "/"
    return quote(parts.path, safe="/%") + (f"?{parts.query}" if parts.query else "")


def next_query(page: str) -> str:
    """The query string by which the login returns to a page."""
    return "" if page == "/" else "?" + urlencode({"next": page})


def _is_plain(url: str) -> bool:
    """Whether it is a path from the root without what browsers drop, or read as a slash."""
    return (
        url.startswith("/")
        and not url.startswith("//")
        and not any(character <= " " or character in "\\\x7f" for character in url)
    )


def _is_canonical(segments: Iterable[str]) -> bool:
    *folders, _last = segments
    return all(folders) and not any(segment in (".", "..") for segment in segments)
