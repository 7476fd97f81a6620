"""Forms that are sent to the app: their fields, and whether a page of the app sent them."""

from urllib.parse import parse_qs

from starlette.requests import ClientDisconnect, HTTPConnection, Request

MAX_FORM = 8192
_MAX_FIELDS = 10
_FORM = "application/x-www-form-urlencoded"


class BadForm(Exception):
    """No form that can be read, with the HTTP status that says so."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


async def read_form(request: Request) -> dict[str, str]:
    """The fields of a form. Raises BadForm, without reading on, if it is too long or none."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise BadForm(415)
    length = request.headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > MAX_FORM:
        raise BadForm(413)
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAX_FORM:
                raise BadForm(413)
        fields = parse_qs(
            body.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=_MAX_FIELDS,
        )
    except (ValueError, ClientDisconnect):
        raise BadForm(400) from None
    return {name: values[0] for name, values in fields.items()}


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
