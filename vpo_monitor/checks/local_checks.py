"""Checks that need no server: the settings, the login and the history file."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from vpo_monitor.app_files import INIT_COMMAND
from vpo_monitor.checks.check_result import CheckResult, fail, ok, skipped
from vpo_monitor.config import SOURCES, Settings
from vpo_monitor.history.schema import HEAD_BYTES, is_newer, is_of_others
from vpo_monitor.plain_text import plain_line
from vpo_monitor.secrets_files import FILE


def check_settings(settings: Settings) -> Iterator[CheckResult]:
    """Check the settings, listing those that are set by name, without their values."""
    given = [origin.with_place for origin in settings.origins.values() if origin.is_given]
    listed = settings.server_list.servers
    if listed:
        names = ", ".join(server.name for server in listed)
        given.append(f"the servers {names} ({FILE})")
    if not settings.warnings:
        yield ok("settings", f"Read: {', '.join(given)}." if given else _none_set(settings))
    for warning in settings.warnings:
        yield fail("settings", warning)
    if settings.unread_file is not None and settings.password is None:
        yield skipped("login", f"Not tested: {settings.unread_file} cannot be read.")
        return
    oidc = settings.oidc.problem if settings.oidc is not None else None
    for problem in filter(None, (settings.access_problem, settings.access_doubt, oidc)):
        yield fail("login", problem)


def _none_set(settings: Settings) -> str:
    file = plain_line(str(SOURCES.own_file))
    if SOURCES.own_file.exists():
        return f"None is set in {file}. Using the defaults."
    if settings.has_file:
        return "None is set. Using the defaults."
    return f"None is set, and {file} does not exist. Create it with '{INIT_COMMAND}'."


def check_history(settings: Settings) -> CheckResult:
    """Check that the history can be written, without changing the file or its directory."""
    path, written = settings.history, settings.origins["history"].written
    if path is None:
        return ok("history", f"Off, as set in {written}.")
    shown = plain_line(str(path))
    try:
        head = _head_of(path)
        with tempfile.TemporaryFile(dir=_folder(path)):
            pass
    except OSError as error:
        why = (error.strerror or "it cannot be used").lower()
        return fail(
            "history",
            f"{shown} cannot be written: {why}. Let this user write it, or set {written} "
            "to another file or off.",
        )
    if is_of_others(head):
        return fail(
            "history",
            f"{shown} is another program's file. Set {written} to a file of its own.",
        )
    if is_newer(head):
        return fail(
            "history",
            f"A newer version of this app wrote {shown}. Upgrade the app, or set {written} to "
            "another file.",
        )
    return ok("history", f"{shown} can be written.")


def _head_of(path: Path) -> bytes:
    """Return the header of a file, empty if there is none. Raises OSError if it isn't writable."""
    try:
        with path.open("r+b") as file:
            return file.read(HEAD_BYTES)
    except FileNotFoundError:
        return b""


def _folder(path: Path) -> Path:
    """Return the file's directory, or its nearest parent that exists."""
    return next(folder for folder in path.absolute().parents if folder.exists())
