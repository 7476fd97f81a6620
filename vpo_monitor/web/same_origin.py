"""Whether a form was sent by a page of this app."""

from starlette.requests import HTTPConnection


def is_from_elsewhere(request: HTTPConnection) -> bool:
    """Whether a page of another origin had the browser send this.

    Programs that are no browsers send neither header, and hold nobody's cookies.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site != "same-origin"
    origin = request.headers.get("origin")
    # Not the scheme: a proxy may take HTTPS off on the way.
    return origin is not None and origin.partition("://")[2] != request.headers.get("host")
