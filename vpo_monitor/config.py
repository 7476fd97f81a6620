"""Load the settings: environment, then secrets.toml, then the server's suggestions, then defaults.

Invalid values are corrected with a warning, and never stop the app.
"""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from platformdirs import user_state_path
from pydantic import (
    BaseModel,
    ConfigDict,
    SecretStr,
    TypeAdapter,
    ValidationError,
    model_validator,
)
from pydantic_settings import BaseSettings, EnvSettingsSource, SettingsConfigDict

from vpo_monitor.access.oidc import Oidc, read_oidc
from vpo_monitor.api.server import DEFAULT_ADDRESS
from vpo_monitor.secrets_files import PREFIX, SERVERS, Secrets, read_secrets
from vpo_monitor.server_list import ServerList, read_servers
from vpo_monitor.setting import ENVIRONMENT, FILE, OFF, TOP_OF_FILE, SecretSetting, Setting, written

MIN_INTERVAL, MAX_INTERVAL = 2.0, 60.0
MAX_LOG_INTERVAL = 3600.0
MAX_REQUESTS_PER_MINUTE = 120
"""VPO's limit for one client address."""
MIN_STALLED_AFTER, MAX_STALLED_AFTER = 30.0, 86400.0
MAX_HISTORY_DAYS = 365.0
MIN_SESSION_DAYS, MAX_SESSION_DAYS = 0.01, 365.0
MIN_HISTORY_JOBS, MAX_HISTORY_JOBS = 100, 100_000
_RETIRED = ("metrics_port", "metrics_address")
"""Settings of earlier versions, which are accepted for now."""


class PollingConfig(BaseModel):
    """Polling intervals in seconds. `interval` is 2 to 60; `log_interval` is never shorter."""

    model_config = ConfigDict(frozen=True)

    interval: float = 5.0
    log_interval: float = 15.0
    enabled: bool = True

    @model_validator(mode="before")
    @classmethod
    def _clamp(cls, values: Any) -> Any:
        clamped = dict(values)
        interval = _clamped(clamped.get("interval", 5.0), MIN_INTERVAL, MAX_INTERVAL)
        clamped["interval"] = interval
        log_interval = clamped.get("log_interval", max(15.0, interval))
        clamped["log_interval"] = _clamped(log_interval, interval, MAX_LOG_INTERVAL)
        return clamped


@dataclass(frozen=True)
class Settings:
    """All settings in force, each with its source.

    Addresses are treated as secrets: VPO's may contain credentials, and the store's a password.
    """

    api_url: SecretSetting
    api_token: SecretSetting
    poll_interval: Setting[float]
    log_interval: Setting[float]
    polling_enabled: Setting[bool]
    requests_per_minute: Setting[int]
    password: SecretSetting
    allowed_emails: Setting[tuple[str, ...]]
    allow_unverified_emails: Setting[bool]
    session_days: Setting[float]
    session_idle_days: Setting[float]
    read_key: SecretSetting
    stalled_after: Setting[float]
    history: Setting[Path | None]
    history_days: Setting[float]
    history_jobs: Setting[int]
    shared_store: SecretSetting
    oidc: Oidc | None = None
    access_problem: str | None = None
    """Why the required password cannot be checked, as a sentence; None if it can be checked."""
    access_doubt: str | None = None
    """Why it is uncertain whether a password is set, as a sentence; None if it is certain."""
    file_warnings: tuple[str, ...] = ()
    unread_file: str | None = None
    """A secrets file that cannot be read, so some settings are unknown; None if there is none."""
    has_file: bool = False
    """Whether any secrets file exists."""
    server_list: ServerList = field(default_factory=ServerList)
    default_address: str = DEFAULT_ADDRESS
    """The address to try if no address is set."""

    @property
    def token_written(self) -> str:
        """The name of VPO's token as set, or as it should be set: next to the address."""
        token = self.api_token
        return written(token.name, self.api_url.source if token.secret is None else token.source)

    @property
    def requires_login(self) -> bool:
        """Whether viewers have to log in."""
        return self.password.secret is not None or self.oidc is not None

    @property
    def polling(self) -> PollingConfig:
        """The polling intervals in force."""
        return PollingConfig(
            interval=self.poll_interval.value,
            log_interval=self.log_interval.value,
            enabled=self.polling_enabled.value,
        )

    @property
    def warnings(self) -> tuple[str, ...]:
        """A sentence for each corrected setting."""
        settings = (
            self.poll_interval,
            self.log_interval,
            self.polling_enabled,
            self.requests_per_minute,
            self.allow_unverified_emails,
            self.session_days,
            self.session_idle_days,
            self.stalled_after,
            self.history_days,
            self.history_jobs,
        )
        corrected = (s.warning for s in settings if s.warning)
        return (*self.file_warnings, *self.server_list.warnings, *corrected)


class _Given(BaseSettings):
    """The settings as written, before any check."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, extra="ignore")

    api_url: Any = None
    api_token: Any = None
    poll_interval: Any = None
    log_interval: Any = None
    polling_enabled: Any = None
    requests_per_minute: Any = None
    password: Any = None
    allowed_emails: Any = None
    allow_unverified_emails: Any = None
    session_days: Any = None
    session_idle_days: Any = None
    read_key: Any = None
    stalled_after: Any = None
    history: Any = None
    history_days: Any = None
    history_jobs: Any = None
    metrics_port: Any = None
    metrics_address: Any = None
    shared_store: Any = None


def load_settings(
    files: Sequence[Path] = (),
    offer: PollingConfig | None = None,
    default_address: str = DEFAULT_ADDRESS,
) -> Settings:
    """Load the settings from the environment, then `files`, then the server's suggestions."""
    secrets = read_secrets(files, (*_Given.model_fields, SERVERS))
    settings = _Resolver(EnvSettingsSource(_Given)(), secrets, offer).settings()
    return replace(settings, default_address=default_address)


class _Resolver:
    """Lookup of each setting in its sources, in order, with correction of invalid values."""

    def __init__(
        self, environment: dict[str, Any], secrets: Secrets, offer: PollingConfig | None
    ) -> None:
        self._environment = environment
        self._files = secrets
        self._secrets = secrets.own
        self._offer = offer

    def settings(self) -> Settings:
        offer = self._offer or PollingConfig()
        interval = self._number("poll_interval", offer.interval, MIN_INTERVAL, MAX_INTERVAL)
        log_default = max(offer.log_interval, interval.value)
        allowed, password = self._list("allowed_emails"), self._secret("password")
        allow_unverified = self._flag("allow_unverified_emails", default=False)
        session_days = self._number("session_days", 30.0, MIN_SESSION_DAYS, MAX_SESSION_DAYS)
        idle_default = min(7.0, session_days.value)
        address, token = self._secret("api_url"), self._secret("api_token")
        return Settings(
            api_url=address,
            api_token=token,
            poll_interval=interval,
            log_interval=self._number(
                "log_interval", log_default, interval.value, MAX_LOG_INTERVAL
            ),
            polling_enabled=self._flag("polling_enabled", default=offer.enabled),
            requests_per_minute=self._count("requests_per_minute", 100, 1, MAX_REQUESTS_PER_MINUTE),
            password=password,
            allowed_emails=allowed,
            allow_unverified_emails=allow_unverified,
            session_days=session_days,
            session_idle_days=self._number(
                "session_idle_days", idle_default, MIN_SESSION_DAYS, session_days.value
            ),
            read_key=self._secret("read_key"),
            stalled_after=self._number(
                "stalled_after", 300.0, MIN_STALLED_AFTER, MAX_STALLED_AFTER
            ),
            history=self._history(),
            history_days=self._number("history_days", 30.0, 1.0, MAX_HISTORY_DAYS),
            history_jobs=self._count("history_jobs", 10_000, MIN_HISTORY_JOBS, MAX_HISTORY_JOBS),
            shared_store=self._secret("shared_store"),
            oidc=read_oidc(
                self._files.auth, allowed.value, allow_unverified=allow_unverified.value
            ),
            access_problem=self._access_problem(password),
            access_doubt=self._access_doubt(allowed),
            file_warnings=(*self._files.warnings, *self._retired()),
            unread_file=self._files.unread,
            has_file=self._files.has_file,
            server_list=read_servers(
                self._secrets.get(SERVERS),
                address=None if address.secret is None else address.written,
                token=None if token.secret is None else token.written,
            ),
        )

    def _retired(self) -> Iterator[str]:
        for key in _RETIRED:
            value, source = self._look_up(key)
            if value is not None:
                name = written(PREFIX + key.upper(), source)
                yield f"{name} is no longer used: metrics are at /metrics, on the app's own port."

    def _access_problem(self, password: SecretSetting) -> str | None:
        given, _source = self._look_up("password")
        if given is None:
            return self._files.problem
        name = password.written
        # A number without quotes is a valid password; False means none.
        if not isinstance(given, str | int) or isinstance(given, bool):
            return f"{name} is not text. Put it in quotes and restart the app."
        if not _is_text(str(given)):
            return (
                f"{name} is not valid UTF-8, so nobody can type it. Change it and restart the app."
            )
        return None

    def _access_doubt(self, allowed: Setting[tuple[str, ...]]) -> str | None:
        if self._secrets.get("password") == "" and "password" not in self._environment:
            return (
                "The password in secrets.toml is empty. Set one or remove the line, then restart "
                "the app."
            )
        if allowed.value and self._files.auth is None:
            return (
                f"{allowed.written} is set, but secrets.toml has no [auth] section for account "
                "login. Add it or remove the setting, then restart the app."
            )
        return self._files.doubt

    def _look_up(self, key: str) -> tuple[Any, str]:
        if key in self._environment:
            return self._environment[key], ENVIRONMENT
        if self._secrets.get(key) not in (None, ""):
            return self._secrets[key], TOP_OF_FILE if key in self._files.at_top else FILE
        offered = key in ("poll_interval", "log_interval", "polling_enabled") and self._offer
        return None, "server" if offered else "default"

    def _text(self, key: str) -> Setting[str | None]:
        value, source = self._look_up(key)
        return Setting(PREFIX + key.upper(), None if value is None else str(value), source)

    def _secret(self, key: str) -> SecretSetting:
        given = self._text(key)
        secret = None if given.value is None else SecretStr(given.value)
        return SecretSetting(given.name, secret, given.source)

    def _list(self, key: str) -> Setting[tuple[str, ...]]:
        """Split a list, or a text separated by commas or spaces, into words."""
        value, source = self._look_up(key)
        words = value if isinstance(value, list) else re.split(r"[\s,]+", str(value or ""))
        return Setting(PREFIX + key.upper(), tuple(str(word) for word in words if word), source)

    def _number(self, key: str, default: float, low: float, high: float) -> Setting[float]:
        name = PREFIX + key.upper()
        value, source = self._look_up(key)
        if value is None:
            return Setting(name, default, source)
        said, valid = written(name, source), f"{low:g} to {high:g}"
        try:
            number = math.nan if isinstance(value, bool) else float(value)
        except (TypeError, ValueError):
            number = math.nan
        if math.isnan(number):
            warning = f"{said} is not a number, so {default:g} is used. Valid values: {valid}."
            return Setting(name, default, source, warning)
        used = _clamped(number, low, high)
        if used == number:
            return Setting(name, number, source)
        warning = f"{said} is {number:g}, so {used:g} is used. Valid values: {valid}."
        return Setting(name, used, source, warning)

    def _count(self, key: str, default: int, low: int, high: int) -> Setting[int]:
        number = self._number(key, default, low, high)
        return Setting(number.name, int(number.value), number.source, number.warning)

    def _history(self) -> Setting[Path | None]:
        """The path of the history file; None if the history is off."""
        given = self._text("history")
        if given.value is None:
            path = user_state_path("vpo-monitor", appauthor=False) / "history.sqlite3"
            return Setting(given.name, path, given.source)
        is_off = given.value.strip().casefold() in OFF
        return Setting(given.name, None if is_off else Path(given.value).expanduser(), given.source)

    def _flag(self, key: str, *, default: bool) -> Setting[bool]:
        name = PREFIX + key.upper()
        value, source = self._look_up(key)
        if value is None:
            return Setting(name, default, source)
        try:
            return Setting(name, TypeAdapter(bool).validate_python(value), source)
        except ValidationError:
            used = "true" if default else "false"
            warning = f"{written(name, source)} is neither true nor false, so {used} is used."
            return Setting(name, default, source, warning)


def _is_text(value: str) -> bool:
    """Whether the value is valid text; the environment may contain bytes that are not."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _clamped(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)
