"""One HTTP GET: what it sends, what it accepts, and the errors for everything else.

Requests are sent by requests' adapter, not its session, which would read the body of a redirect.
So there are no cookies, proxies, netrc files or redirects.

A body is read as it arrives, so its size and its time are bounded, whatever the server sends. The
read timeout bounds every silence. It doesn't bound what urllib3 reads as a whole, if a server keeps
sending a byte now and then:

- the head (at most 100 lines of 64 kB, but any number of 100 Continue before it)
- the line before a chunk (64 kB)
- compressed data that unpack to nothing

Such a response keeps its thread and its place among the poller's requests until the server ends it.
It takes no memory, and the other routes go on.
"""

import base64
import json
import re
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from itertools import islice
from typing import Any, Protocol

import requests
from pydantic import SecretStr
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from urllib3.exceptions import HTTPError, NameResolutionError, ProtocolError, ReadTimeoutError

from vpo_monitor.api import errors
from vpo_monitor.api.server import Server

CONNECT_TIMEOUT = 3.0
READ_TIMEOUT = 15.0
"""Seconds; longer than the 10 s for which VPO waits for its own database."""
MAX_BODY_BYTES = 16 * 1024 * 1024
_MAX_COMMAS = 500_000
"""Maximum commas in a response, not counting those in strings: a decoded value takes up to 30 times
its bytes."""
_STRING_OR_COMMA = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|,', re.DOTALL)
_CHUNK_BYTES = 64 * 1024
_PARALLEL_CONNECTIONS = 16
_DATE_STEP = 1.0
"""Resolution of a `Date` header in seconds (RFC 9110, 5.6.7)."""
SAME_CLOCK = 2.0
"""Seconds by which two clocks may differ and still count as equal."""
ANY_CLOCK = timedelta(days=36_525).total_seconds()
"""Seconds; a larger clock difference is ignored, and dates could not represent it."""
# JSON may contain an unpaired surrogate, which no encoder accepts later.
_ESCAPED_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")

Params = Mapping[str, str | int | None]


class GetsJson(Protocol):
    """Anything that returns JSON for a path: a server connection, or a cache of its responses."""

    @property
    def clock_ahead(self) -> float:
        """Seconds by which the server's clock is ahead of ours; 0 if unknown."""

    def get(self, path: str, params: Params | None = None, *, accept_503: bool = False) -> Any:
        """Return the decoded JSON of a path, or raise a VpoError."""


class _Login(AuthBase):
    """HTTP Basic authentication with VPO's token as the password, and any user name."""

    def __init__(self, token: SecretStr) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        # Encoded here because the library's exception would contain a token that is not Latin-1.
        credentials = f"vpo-monitor:{self._token.get_secret_value()}".encode("utf-8", "replace")
        request.headers["Authorization"] = f"Basic {base64.b64encode(credentials).decode()}"
        return request


@dataclass(frozen=True)
class HttpAnswer:
    """A complete response; `headers` ignores the case of names."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class JsonHttp:
    """A client that fetches JSON from one server. Thread-safe.

    The token is sent only to `server.url`. `read_timeout` bounds each silence, and the time of a
    whole response but for its last silence, in seconds.
    """

    def __init__(
        self,
        server: Server,
        *,
        read_timeout: float = READ_TIMEOUT,
        utcnow: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._url = server.url
        self._address_setting = server.address_setting
        self._token_setting = server.token_setting
        self._read_timeout = read_timeout
        self._utcnow = utcnow
        self._clock_ahead = 0.0
        self._http = HTTPAdapter(pool_maxsize=_PARALLEL_CONNECTIONS)
        self._headers = {
            "Accept": "application/json",
            "Accept-Encoding": "gzip, deflate",
            "User-Agent": "vpo-monitor",
        }
        self._login = _Login(server.token) if server.token is not None else None

    @property
    def clock_ahead(self) -> float:
        """Seconds by which the server's clock is ahead of ours, from its last response.

        0 if responses have no date or the difference is below 2 s, because a `Date` header counts
        whole seconds.
        """
        return self._clock_ahead if abs(self._clock_ahead) >= SAME_CLOCK else 0.0

    def get(self, path: str, params: Params | None = None, *, accept_503: bool = False) -> Any:
        """GET `path` below the server's address and return the decoded JSON.

        Parameters that are None are omitted. Raises a VpoError unless the response is complete JSON
        with status 200, or 503 if `accept_503` is set.
        """
        accepted = {HTTPStatus.OK, *((HTTPStatus.SERVICE_UNAVAILABLE,) if accept_503 else ())}
        answer = self.exchange(path, params, accepted=accepted)
        try:
            return decoded_json(answer.body)
        except (ValueError, RecursionError) as error:
            if answer.status != HTTPStatus.OK:
                raise self._error_of_status(answer.status, answer.headers) from error
            raise errors.BadResponse(
                f"{self._url} sent a response that isn't JSON. Check that the address is VPO's, "
                "and that no proxy's login page answers instead."
            ) from error

    def exchange(
        self, path: str, params: Params | None = None, *, accepted: Collection[int]
    ) -> HttpAnswer:
        """GET `path` below the server's address and return the response with any body.

        Parameters that are None are omitted. Raises the VpoError for a status that is not in
        `accepted`, or for a response that is missing or truncated.
        """
        failure = None
        give_up_at = time.monotonic() + self._read_timeout
        try:
            with self._send(path, params or {}) as response:
                self._compare_clocks(response)
                if response.status_code not in accepted:
                    raise self._error_of_status(response.status_code, response.headers)
                body = self._read_body(response, give_up_at)
        except (requests.RequestException, HTTPError, ValueError) as error:
            failure = self._error_of_transport(error)
        if failure is not None:
            raise failure  # raised here without a cause, which would hold the request and its token
        return HttpAnswer(response.status_code, response.headers, body)

    def _send(self, path: str, params: Params) -> requests.Response:
        """Send the request and return the response, of which only the head has been read."""
        request = requests.Request(
            "GET",
            self._url + path,
            params={key: value for key, value in params.items() if value is not None},
            headers=self._headers,
            auth=self._login,
        ).prepare()
        timeout = (CONNECT_TIMEOUT, self._read_timeout)
        try:
            return self._http.send(request, stream=True, timeout=timeout)
        except requests.ConnectionError as error:
            # The server may have closed a kept connection while this was sent (RFC 9112, 9.3.1).
            if not isinstance(error.args[0] if error.args else None, ProtocolError):
                raise
        # On a new connection: another kept one, returned in the meantime, may be closed as well.
        return HTTPAdapter().send(request, stream=True, timeout=timeout)

    def _compare_clocks(self, response: requests.Response) -> None:
        """Read the server's clock from a response, unless a proxy served it from its cache."""
        said = response.headers.get("Date")
        if said is None or "Age" in response.headers:
            return
        try:
            servers = parsedate_to_datetime(said)
        except (ValueError, OverflowError):
            return
        if servers.tzinfo is not None:
            ahead = (servers - self._utcnow()).total_seconds()
            self._clock_ahead = ahead + _DATE_STEP / 2 if abs(ahead) < ANY_CLOCK else 0.0

    def _read_body(self, response: requests.Response, give_up_at: float) -> bytes:
        """Read the whole body, up to MAX_BODY_BYTES after decompression."""
        # Read in small chunks: the process would keep freed blocks of many MB.
        chunks, size = [], 0
        while chunk := response.raw.read1(_CHUNK_BYTES, decode_content=True):
            chunks.append(chunk)
            size += len(chunk)
            if size > MAX_BODY_BYTES:
                raise self._too_large(f"{MAX_BODY_BYTES // 2**20} MB")
            if time.monotonic() > give_up_at:
                raise self.timed_out()
        body = b"".join(chunks)
        if body.count(b",") > _MAX_COMMAS and _has_more_commas(body):
            raise self._too_large(f"{_MAX_COMMAS:,} values")
        return body

    def timed_out(self) -> errors.TimedOut:
        """Return the error for a response that isn't complete in time."""
        return errors.TimedOut(
            f"VPO at {self._url} sent no complete response within {self._read_timeout:.0f} s."
        )

    def _too_large(self, limit: str) -> errors.BadResponse:
        return errors.BadResponse(
            f"{self._url} sent more than {limit}, which VPO never does. Check the address."
        )

    def _damaged(self) -> errors.BadResponse:
        return errors.BadResponse(f"The response from VPO at {self._url} was cut off or damaged.")

    def _error_of_status(self, status: int, headers: Mapping[str, str]) -> errors.VpoError:
        """Return the error for an unsuccessful status."""
        server = f"VPO at {self._url}"
        retry_after = errors.parse_retry_after(headers.get("Retry-After"), self._utcnow())
        match status:
            case HTTPStatus.UNAUTHORIZED | HTTPStatus.FORBIDDEN:
                return errors.Unauthorized(
                    f"{server} requires a valid token. Set {self._token_setting} and restart the "
                    "app. If it is already correct, press Refresh."
                )
            case HTTPStatus.NOT_FOUND:
                return errors.NotFound(f"{server} has no such item.")
            case HTTPStatus.BAD_REQUEST:
                return errors.BadRequest(f"{server} rejected the request parameters.")
            case HTTPStatus.TOO_MANY_REQUESTS:
                return errors.RateLimited(
                    f"{server} received too many requests from this address. "
                    "The app retries when VPO allows it.",
                    retry_after,
                )
            case HTTPStatus.INTERNAL_SERVER_ERROR:
                return errors.ServerBusy(
                    f"{server} reported an internal error, as it does while a running job locks "
                    "its database."
                )
            case (
                HTTPStatus.SERVICE_UNAVAILABLE | HTTPStatus.BAD_GATEWAY | HTTPStatus.GATEWAY_TIMEOUT
            ):
                return errors.Unavailable(
                    f"{server} is shutting down or not running yet.", retry_after
                )
        if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
            return errors.BadResponse(
                f"{self._url} redirects to another address. "
                f"Set {self._address_setting} to VPO's own address."
            )
        return errors.BadResponse(f"{self._url} returned the unexpected status {status}.")

    def _error_of_transport(self, error: Exception) -> errors.VpoError:
        """Return the error for a failure below HTTP. ValueError means malformed HTTP."""
        server = f"VPO at {self._url}"
        if isinstance(error, ReadTimeoutError):
            return self.timed_out()
        if not isinstance(error, requests.RequestException):
            return self._damaged()
        cause = error.args[0] if error.args else None
        cause = getattr(cause, "reason", None) or cause  # the error inside urllib3's retry wrapper
        match error:
            case requests.exceptions.SSLError():
                return errors.Unreachable(
                    f"{server} could not be reached securely: its TLS certificate or protocol was "
                    "refused. Check the certificate, or use http:// on a trusted network."
                )
            case requests.exceptions.ConnectTimeout():
                return errors.Unreachable(
                    f"{server} did not accept a connection within {CONNECT_TIMEOUT:.0f} s. "
                    "Check the address, and that the machine is on."
                )
            case requests.exceptions.Timeout():
                return self.timed_out()
            case (
                requests.exceptions.ChunkedEncodingError()
                | requests.exceptions.ContentDecodingError()
                | requests.exceptions.InvalidHeader()
            ):
                return self._damaged()
        match cause:
            case ReadTimeoutError():
                return self.timed_out()
            case NameResolutionError():
                return errors.Unreachable(
                    f"The host name in {self._url} is not known on this network. "
                    "Check the address for typos."
                )
            case ProtocolError():
                return errors.Unreachable(
                    f"{server} closed the connection without a response. "
                    "Check the address and port."
                )
        return errors.Unreachable(
            f"{server} cannot be reached. Check that 'vpo serve' is running there, and check the "
            "address and port."
        )


def _has_more_commas(body: bytes) -> bool:
    """Whether a JSON text has more than `_MAX_COMMAS` commas outside of its strings."""
    commas = (found for found in _STRING_OR_COMMA.finditer(body) if found[0] == b",")
    return next(islice(commas, _MAX_COMMAS, None), None) is not None


def decoded_json(body: bytes) -> Any:
    """Decode JSON in which all text can be encoded. Raises ValueError or RecursionError."""
    decoded = json.loads(body)
    return _replace_surrogates(decoded) if _ESCAPED_SURROGATE.search(body) else decoded


def _replace_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [_replace_surrogates(item) for item in value]
    if isinstance(value, dict):
        return {_replace_surrogates(key): _replace_surrogates(item) for key, item in value.items()}
    return value
