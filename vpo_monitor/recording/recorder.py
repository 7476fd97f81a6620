"""Record one response of each route and kind from a VPO for tests, without private data.

Only GET requests are sent, within the request budget of the settings. The directory is written as a
whole at the end, so a failure leaves nothing behind.
"""

import contextlib
import json
import re
import secrets
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from vpo_monitor.api import errors
from vpo_monitor.api.json_http import JsonHttp, decoded_json
from vpo_monitor.api.server import Server, parse_address
from vpo_monitor.checks.check_result import CheckStatus
from vpo_monitor.checks.per_server import per_server_settings
from vpo_monitor.checks.vpo_checks import check_vpo
from vpo_monitor.config import Settings, reveal
from vpo_monitor.plain_text import plain_line
from vpo_monitor.polling import clock
from vpo_monitor.polling.limits import Budget
from vpo_monitor.recording.recorded_requests import (
    DEPENDENT,
    Answer,
    Recorded,
    Request,
    everything,
)
from vpo_monitor.recording.redaction import Redaction

_CHECKS = 5
"""Requests that find out whether the address is a VPO that accepts the token."""
_LEAST_WAIT = 0.01
"""Seconds; a remainder from rounding would cause endless waits."""
_MOST_PAUSES = 5
_LONGEST_PAUSE = 120.0
"""Seconds; VPO requests a pause of at most a minute."""
_ACCEPTED = (HTTPStatus.OK, HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND)
_CONTENT_TYPE = re.compile(r"[a-z]+/[a-z+.-]+(?:; charset=[\w-]+)?")
_THIS_MACHINE = ("127.0.0.1", "localhost", "::1")


class NotRecorded(Exception):
    """Nothing was recorded; `str()` is a sentence that says why and what to do."""


def record(
    settings: Settings,
    folder: Path,
    *,
    say: Callable[[str], None] = print,
    now: Callable[[], float] = clock.now,
    sleep: Callable[[float], None] = time.sleep,
) -> int:
    """Record into `folder`. Return 0, or 1 if nothing was recorded.

    `now` and `sleep` count seconds. `say` prints one line for each step.
    """
    try:
        with _new_folder(folder) as made:
            pace = _Pace(settings.requests_per_minute, now, sleep)
            _check(settings, pace)
            server = _server(settings)
            kept = _Recorder(JsonHttp(server), pace, say).run(with_token=server.token is not None)
            _write(made, _redacted(kept, server))
    except RecursionError:
        return _not_recorded("VPO's response is too deeply nested.")
    except (NotRecorded, errors.VpoError) as error:
        return _not_recorded(str(error))
    if missing := [name for name in DEPENDENT if name not in kept]:
        say(f"Not recorded because this VPO has none: {', '.join(missing)}.")
    say(f"{len(kept)} responses are in {plain_line(str(folder))}. Read them before you share them.")
    return 0


def _not_recorded(why: str) -> int:
    print(f"Nothing was recorded. {why}", file=sys.stderr)
    return 1


def _check(settings: Settings, pace: "_Pace") -> None:
    """Raise NotRecorded unless there is exactly one address, with a VPO that accepts the token."""
    if len(per_server_settings(settings)) > 1:
        raise NotRecorded(
            "Several servers are configured. Set VPO_MONITOR_API_URL and VPO_MONITOR_API_TOKEN "
            "to those of the one to record."
        )
    for _ in range(_CHECKS):
        pace.wait_for_turn()
    problem = "There is no valid address."
    for finding in check_vpo(settings):
        if finding.status is CheckStatus.OK:
            if finding.name == "jobs":
                return
        elif finding.name in ("address", "token", "jobs"):
            problem = finding.message
            break
    raise NotRecorded(problem)


def _server(settings: Settings) -> Server:
    ((_name, own),) = per_server_settings(settings)
    names = own.origins["api_url"].written, own.token_written
    url = parse_address(reveal(own.api_url) or settings.default_address, *names)
    return Server("VPO", url, own.api_token, *names)


class _Pace:
    """Rate limit that keeps requests within the budget."""

    def __init__(
        self, per_minute: int, now: Callable[[], float], sleep: Callable[[float], None]
    ) -> None:
        self.sleep = sleep
        self.per_minute = per_minute
        self._budget = Budget(per_minute)
        self._now = now

    def wait_for_turn(self) -> None:
        """Wait until the budget allows a request, and spend it."""
        while not self._budget.take(self._now()):
            self.sleep(max(_LEAST_WAIT, self._budget.wait(self._now())))


class _Recorder:
    """The requests of a recording, sent one at a time."""

    def __init__(self, http: JsonHttp, pace: _Pace, say: Callable[[str], None]) -> None:
        self._http = http
        self._pace = pace
        self._say = say

    def run(self, *, with_token: bool) -> dict[str, Recorded]:
        """Return all recordings by name, with the names and secrets in them."""
        self._say(f"Recording, with at most {self._pace.per_minute} requests a minute.")
        asking = everything(with_token=with_token)
        request = next(asking)
        while True:
            self._say(f"{request.name or '(searching)':<28} {request.shown}")
            answer = self._ask(request)
            try:
                request = asking.send(answer)
            except StopIteration as done:
                kept: dict[str, Recorded] = done.value
                return kept

    def _ask(self, request: Request) -> Answer:
        is_health = request.route == "/health"
        accepted = (*_ACCEPTED, HTTPStatus.SERVICE_UNAVAILABLE) if is_health else _ACCEPTED
        pauses = 0
        while True:
            self._pace.wait_for_turn()
            try:
                got = self._http.exchange(request.path, request.all_params, accepted=accepted)
                break
            except errors.RateLimited as limited:
                pauses += 1
                if pauses > _MOST_PAUSES:
                    raise
                seconds = min(limited.retry_after or 0.0, _LONGEST_PAUSE) or _LONGEST_PAUSE
                self._say(f"Rate limit reached. Retrying in {seconds:.0f} s.")
                self._pace.sleep(seconds)
        content_type = got.headers.get("Content-Type", "")
        if _CONTENT_TYPE.fullmatch(content_type) is None:
            content_type = "application/octet-stream"
        if content_type.startswith("application/json"):
            with contextlib.suppress(ValueError, RecursionError):
                return Answer(got.status, content_type, decoded_json(got.body))
        elif got.status in (HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND):
            return Answer(got.status, content_type, got.body.decode("utf-8", "replace"))
        raise NotRecorded(
            f"The response to {request.route} is not from VPO. Check that the address is that of "
            "VPO 0.2 or newer."
        )


def _redacted(kept: Mapping[str, Recorded], server: Server) -> dict[str, dict[str, Any]]:
    host = urlsplit(server.url).hostname
    redaction = Redaction(
        list(kept.values()),
        token=None if server.token is None else server.token.get_secret_value(),
        host=None if host in _THIS_MACHINE else host,
    )
    redacted = {name: redaction.recording(one) for name, one in kept.items()}
    for name, recording in redacted.items():
        if redaction.is_leaking(recording):
            raise NotRecorded(
                f"{name}.json would still hold a name or a secret from VPO. Please report this, "
                "without that name."
            )
    return redacted


@contextlib.contextmanager
def _new_folder(folder: Path) -> Iterator[Path]:
    """Create a hidden directory that replaces `folder` on success and is removed on failure."""
    shown = plain_line(str(folder))
    try:
        target = folder.resolve()
        if target.exists() and (not target.is_dir() or any(target.iterdir())):
            raise NotRecorded(f"{shown} already exists and is not empty. Choose another directory.")
        made = target.parent / f".{target.name}-{secrets.token_hex(4)}"
        made.mkdir()
    except OSError as error:
        raise _unwritable(shown, error) from error
    try:
        yield made
        if target.exists():
            target.rmdir()
        made.rename(target)
    except OSError as error:
        raise _unwritable(shown, error) from error
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _unwritable(shown: str, error: OSError) -> NotRecorded:
    why = (error.strerror or "it cannot be used").lower()
    return NotRecorded(f"{shown} cannot be written ({why}). Choose another directory.")


def _write(folder: Path, recordings: Mapping[str, Mapping[str, Any]]) -> None:
    for name, recording in recordings.items():
        text = json.dumps(recording, indent=1, ensure_ascii=False)
        (folder / f"{name}.json").write_text(f"{text}\n", "utf-8")
