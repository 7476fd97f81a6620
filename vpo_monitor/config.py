"""All settings: each is declared once, and they are read once, when the app starts.

The sources are the environment, then secrets.toml, then the server's polling hints, then the
defaults. Invalid values are corrected with a warning, and never stop the app.
"""

import math
import os
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any

from platformdirs import user_state_path
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    SecretStr,
    TypeAdapter,
    ValidationError,
    model_validator,
)
from pydantic_settings import BaseSettings, EnvSettingsSource, SettingsConfigDict

from vpo_monitor.api.server import DEFAULT_ADDRESS, InvalidAddress, parse_address
from vpo_monitor.oidc_settings import Oidc, read_oidc
from vpo_monitor.secrets_files import (
    FILE,
    PREFIX,
    SERVERS,
    Secrets,
    ServerList,
    read_secrets,
    read_servers,
    secrets_files,
)

ENVIRONMENT, TOP_OF_FILE, VPO, DEFAULT, DEMO = (
    "environment",
    f"top of {FILE}",
    "server",
    "default",
    "demo",
)
"""The sources of a setting, with `FILE`. At its top, above all tables, a setting has the name of
its environment variable."""
_OFF = frozenset({"off", "false", "no", "0"})
"""The values of `history`, in lower case, that turn it off."""
_RETIRED = ("metrics_port", "metrics_address")
"""Settings of earlier versions, which are accepted for now."""
_EDITS_MAX_AGE = 5.0


@dataclass(frozen=True)
class Detail:
    """What pydantic's `Field` cannot say about a setting.

    `valid` are its valid values in words, `default` its default, and `unset` what None means.
    `not_below` and `not_above` name an earlier setting that also limits this one.
    """

    unit: str = ""
    valid: str = ""
    default: str = ""
    unset: str = "not set"
    is_visible: bool = False
    not_below: str = ""
    not_above: str = ""


def _default_history() -> Path:
    return user_state_path("vpo-monitor", appauthor=False) / "history.sqlite3"


class DeclaredSettings(BaseSettings):
    """Each setting: its name, type, default, range and description.

    The Server page, `vpo-monitor check`, docs/reference/configuration.md and secrets.toml.example
    are made from these declarations. Addresses are secrets: VPO's may contain credentials, and the
    store's a password.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        enable_decoding=False,
        extra="ignore",
        frozen=True,
    )

    api_url: Annotated[
        SecretStr | None, Detail(valid="`http://` or `https://` URL", is_visible=True)
    ] = Field(
        None,
        examples=["http://192.168.1.5:8321"],
        description=(
            f"VPO's address. Unset: VPO at `{DEFAULT_ADDRESS}` if it answers, otherwise the demo"
        ),
    )
    api_token: SecretStr | None = Field(
        None, description="VPO's token (`VPO_AUTH_TOKEN`), sent to that address only"
    )
    public_url: Annotated[
        SecretStr | None,
        Detail(valid="`http://` or `https://` URL", unset="VPO's address", is_visible=True),
    ] = Field(
        None,
        examples=["https://vpo.example.org"],
        description="where *Open in VPO* leads, if browsers reach VPO at another address",
    )
    poll_interval: Annotated[float, Detail(unit="s")] = Field(
        5.0,
        ge=2.0,
        le=60.0,
        description="seconds between polls; each viewer can choose another interval",
    )
    log_interval: Annotated[float, Detail(unit="s", not_below="poll_interval")] = Field(
        15.0,
        ge=2.0,
        le=3600.0,
        description="seconds between polls of a log; never below the poll interval",
    )
    polling_enabled: bool = Field(
        True, description="false: fetch on load and on *Refresh* only, for all viewers"
    )
    requests_per_minute: int = Field(
        100,
        ge=1,
        le=120,
        description="request limit for all viewers together; VPO allows 120 per address",
    )
    watch_interval: Annotated[float | None, Detail(unit="s", unset="off")] = Field(
        None,
        ge=30.0,
        le=3600.0,
        examples=[60.0],
        description=(
            "seconds between polls while no page is open; unset: no polls then, and gaps in the "
            "history"
        ),
    )
    password: SecretStr | None = Field(None, description="password for viewers")
    allowed_emails: Annotated[
        tuple[str, ...],
        Detail(
            default="none",
            valid="addresses, domains or `*` (everyone), separated by commas or spaces",
        ),
    ] = Field((), description="which accounts may log in")
    allow_unverified_emails: bool = Field(
        False,
        description="true: accounts with unverified addresses may log in, too",
    )
    session_days: Annotated[float, Detail(unit="days")] = Field(
        30.0, ge=0.01, le=365.0, description="days until viewers have to log in again"
    )
    session_idle_days: Annotated[float, Detail(unit="days", not_above="session_days")] = Field(
        7.0,
        ge=0.01,
        le=365.0,
        description="the same without use; never more than `VPO_MONITOR_SESSION_DAYS`",
    )
    read_key: SecretStr | None = Field(
        None,
        description="lets programs read summary, feed and metrics without a login",
    )
    stalled_after: Annotated[float, Detail(unit="s")] = Field(
        300.0,
        ge=30.0,
        le=86400.0,
        description="seconds without progress before a job is *possibly stalled*",
    )
    history: Annotated[
        Path | None,
        Detail(
            valid="a file, or `off`",
            default="`history.sqlite3` in your state directory",
            unset="off",
        ),
    ] = Field(
        default_factory=_default_history,
        examples=["off"],
        description="file that keeps events across restarts; one per app",
    )
    history_days: Annotated[float, Detail(unit="days")] = Field(
        30.0, ge=1.0, le=365.0, description="days to keep it"
    )
    history_jobs: Annotated[int, Detail(unit="jobs")] = Field(
        10_000, ge=100, le=100_000, description="jobs to keep per server"
    )
    shared_store: Annotated[
        SecretStr | None, Detail(valid="`redis://`, `rediss://` or `unix://` URL")
    ] = Field(
        None,
        description="Redis or Valkey that [several processes](../how-to/scale-out.md) share",
    )


DECLARED = DeclaredSettings.model_fields
RANGES: dict[str, tuple[float, float]] = {
    name: (
        next(one.ge for one in declared.metadata if hasattr(one, "ge")),
        next(one.le for one in declared.metadata if hasattr(one, "le")),
    )
    for name, declared in DECLARED.items()
    if declared.annotation in (int, float, float | None)
}
"""The lowest and highest value of each number."""


def detail(name: str) -> Detail:
    """Return the details of a declared setting."""
    return next((one for one in DECLARED[name].metadata if isinstance(one, Detail)), Detail())


class PollingConfig(BaseModel):
    """Polling intervals in seconds, within their ranges; `log_interval` is never the shorter."""

    model_config = ConfigDict(frozen=True)

    interval: float = 5.0
    log_interval: float = 15.0
    enabled: bool = True

    @model_validator(mode="before")
    @classmethod
    def _clamp(cls, values: Any) -> Any:
        clamped = dict(values)
        interval = _clamped(clamped.get("interval", 5.0), *RANGES["poll_interval"])
        clamped["interval"] = interval
        log_interval = clamped.get("log_interval", max(15.0, interval))
        clamped["log_interval"] = _clamped(log_interval, interval, RANGES["log_interval"][1])
        return clamped


_ACCESS = (
    *("password", "allowed_emails", "allow_unverified_emails"),
    *("session_days", "session_idle_days", "read_key"),
)
"""The settings that the web server reads when it starts."""
_ACCESS_STATE = ("oidc", "access_problem", "access_doubt")


@dataclass(frozen=True)
class Origin:
    """The name of a setting, and the source that its value is from."""

    name: str
    source: str

    @property
    def written(self) -> str:
        """The name as written in the source."""
        is_key = self.source == FILE and self.name.startswith(PREFIX)
        return self.name.removeprefix(PREFIX).lower() if is_key else self.name

    @property
    def with_place(self) -> str:
        """The name as written, with the source."""
        return f"{self.written} ({self.source})"

    @property
    def is_given(self) -> bool:
        """Whether the user has set it."""
        return self.source in (ENVIRONMENT, FILE, TOP_OF_FILE)


class Settings(DeclaredSettings):
    """The settings in force, and what else the secrets files say.

    `access_problem` is a sentence that says why the required password cannot be checked, and
    `access_doubt` one that says why it is uncertain whether a password is set; None if there is no
    such problem. `unread_file` is the name of a secrets file that cannot be read, so that some
    settings are unknown. `default_address` is tried if no address is set.
    """

    origins: dict[str, Origin]
    corrections: dict[str, str]
    oidc: Oidc | None
    access_problem: str | None
    access_doubt: str | None
    file_warnings: tuple[str, ...]
    unread_file: str | None
    has_file: bool
    server_list: ServerList
    default_address: str
    _given: "Given" = PrivateAttr()

    def __repr__(self) -> str:
        """Omit all values, which may be secret."""
        return f"{type(self).__name__}()"

    __str__ = __repr__

    @property
    def token_written(self) -> str:
        """The name of VPO's token as set, or as it should be set: next to the address."""
        token = self.origins["api_token"]
        source = token.source if self.api_token is not None else self.origins["api_url"].source
        return Origin(token.name, source).written

    @property
    def requires_login(self) -> bool:
        """Whether viewers have to log in."""
        return self.password is not None or self.oidc is not None

    @property
    def polling(self) -> PollingConfig:
        """The polling intervals in force."""
        return PollingConfig(
            interval=self.poll_interval,
            log_interval=self.log_interval,
            enabled=self.polling_enabled,
        )

    @property
    def seconds_between_watches(self) -> float | None:
        """The time between polls while nobody looks; None if there are none."""
        return self.watch_interval if self.polling_enabled else None

    @property
    def warnings(self) -> tuple[str, ...]:
        """A sentence for each corrected setting."""
        corrected = (self.corrections[name] for name in DECLARED if name in self.corrections)
        return (*self.file_warnings, *self.server_list.warnings, *corrected)

    def with_hints(self, hints: PollingConfig) -> "Settings":
        """Return the settings with the server's polling hints as defaults. Reads no file."""
        hinted = {
            "poll_interval": hints.interval,
            "log_interval": hints.log_interval,
            "polling_enabled": hints.enabled,
        }
        values, origins, corrections = self._given.resolved(hinted, hinted)
        others = {name: said for name, said in self.corrections.items() if name not in hinted}
        changed = {"origins": self.origins | origins, "corrections": others | corrections}
        return self.model_copy(update=values | changed)

    def with_access_of(self, running: "Settings") -> "Settings":
        """Return these settings with the login of the running app, which only a restart changes."""
        kept: dict[str, Any] = {name: getattr(running, name) for name in (*_ACCESS, *_ACCESS_STATE)}
        for texts in ("origins", "corrections"):
            own, others = getattr(self, texts), getattr(running, texts)
            kept[texts] = {name: text for name, text in own.items() if name not in _ACCESS}
            kept[texts] |= {name: others[name] for name in _ACCESS if name in others}
        copy = self.model_copy(update=kept)
        secrets = replace(self._given.secrets, auth=running._given.secrets.auth)  # noqa: SLF001 - of the same class
        copy._given = replace(self._given, secrets=secrets)  # noqa: SLF001 - its own
        return copy

    def for_demo(self) -> "Settings":
        """Return the settings for the demo, which needs no token and whose jobs are not kept."""
        unused = ("api_token", "public_url", "history", "shared_store")
        origins = {name: Origin(self.origins[name].name, DEMO) for name in unused}
        changed = dict.fromkeys(unused) | {"origins": self.origins | origins}
        return self.model_copy(update=changed)

    def changes(self, files: Sequence[Path]) -> tuple[str, ...]:
        """Return the names of the settings that would change if `files` were read now.

        If one of them cannot be read, it is the only one named.
        """
        now = load_settings(files, environment=self._given.environment)
        if now.unread_file is not None and self.unread_file is None:
            return (now.unread_file,)
        changed = [name for name in DECLARED if getattr(now, name) != getattr(self, name)]
        if now.server_list.servers != self.server_list.servers:
            changed.append(SERVERS)
        if now._given.secrets.auth != self._given.secrets.auth:  # noqa: SLF001 - of the same class
            changed.append("[auth]")
        return tuple(changed)


def reveal(secret: SecretStr | None) -> str | None:
    """Return the text of a secret setting; None if it is not set."""
    return None if secret is None else secret.get_secret_value()


def load_settings(
    files: Sequence[Path] = (),
    default_address: str = DEFAULT_ADDRESS,
    environment: Mapping[str, Any] | None = None,
) -> Settings:
    """Load the settings from the environment, then `files`, later ones first."""
    secrets = read_secrets(files, (*DECLARED, *_RETIRED, SERVERS))
    if environment is None:
        environment = {
            name: value
            for name, value in _environment().items()
            # Streamlit exports what is above all tables of its files.
            if name not in secrets.at_top or value != str(secrets.own[name])
        }
    given = Given(environment, secrets)
    values, origins, corrections = given.resolved(DECLARED)
    address, token = (
        origins[name].written if values[name] is not None else None
        for name in ("api_url", "api_token")
    )
    settings = Settings.model_construct(
        **values,
        origins=origins,
        corrections=corrections,
        oidc=read_oidc(
            secrets.auth,
            values["allowed_emails"],
            allow_unverified=values["allow_unverified_emails"],
        ),
        access_problem=given.access_problem(),
        access_doubt=given.access_doubt(origins["allowed_emails"], values["allowed_emails"]),
        file_warnings=(*secrets.warnings, *given.retired()),
        unread_file=secrets.unread,
        has_file=secrets.has_file,
        server_list=read_servers(secrets.own.get(SERVERS), address=address, token=token),
        default_address=default_address,
    )
    settings._given = given  # noqa: SLF001 - its own
    return settings


def _environment() -> dict[str, Any]:
    variables = {name: os.environ.get(PREFIX + name.upper()) for name in _RETIRED}
    retired = {name: value for name, value in variables.items() if value}
    return EnvSettingsSource(DeclaredSettings)() | retired


@dataclass(frozen=True, repr=False)
class Given:
    """The settings as written, before any check."""

    environment: Mapping[str, Any]
    secrets: Secrets

    def look_up(self, name: str) -> tuple[Any, Origin]:
        """Return the value as written, or None, and its origin."""
        own, variable = self.secrets.own, PREFIX + name.upper()
        if name in self.environment:
            return self.environment[name], Origin(variable, ENVIRONMENT)
        if own.get(name) not in (None, ""):
            source = TOP_OF_FILE if name in self.secrets.at_top else FILE
            return own[name], Origin(variable, source)
        return None, Origin(variable, DEFAULT)

    def resolved(
        self, names: Iterable[str], hints: Mapping[str, Any] = MappingProxyType({})
    ) -> tuple[dict[str, Any], dict[str, Origin], dict[str, str]]:
        """Return the values in force, their origins, and the warnings of corrected ones, by name.

        A hint replaces a default.
        """
        values: dict[str, Any] = {}
        origins: dict[str, Origin] = {}
        warnings: dict[str, str] = {}
        for name in names:
            given, origin = self.look_up(name)
            default = DECLARED[name].get_default(call_default_factory=True)
            if name in hints:
                default = hints[name]
                origin = origin if origin.is_given else Origin(origin.name, VPO)
            warning = None
            if name in RANGES:
                limits = _limits(name, values)
                default = None if default is None else _clamped(default, *limits)
            if given is None:
                value = default
            elif name in RANGES:
                value, warning = _number(given, origin.written, default, limits)
                if value is not None and DECLARED[name].annotation is int:
                    value = int(value)
            elif DECLARED[name].annotation is bool:
                value, warning = _flag(given, origin.written, default=default)
            elif name == "public_url":
                value, warning = _public_url(str(given), origin.written)
            else:
                value = _converted(name, given)
            values[name], origins[name] = value, origin
            if warning is not None:
                warnings[name] = warning
        return values, origins, warnings

    def retired(self) -> Iterator[str]:
        """Yield a warning for each setting that is no longer used."""
        for name in _RETIRED:
            value, origin = self.look_up(name)
            if value is not None:
                yield (
                    f"{origin.written} is no longer used: metrics are at /metrics, on the app's "
                    "own port."
                )

    def access_problem(self) -> str | None:
        """Return why the required password cannot be checked; None if it can be."""
        given, origin = self.look_up("password")
        if given is None:
            return self.secrets.problem
        # A number without quotes is a valid password; False means none.
        if not isinstance(given, str | int) or isinstance(given, bool):
            return f"{origin.written} is not text. Put it in quotes and restart the app."
        if not _is_text(str(given)):
            return (
                f"{origin.written} is not valid UTF-8, so nobody can type it. Change it and "
                "restart the app."
            )
        return None

    def access_doubt(self, origin: Origin, allowed: tuple[str, ...]) -> str | None:
        """Return why it is uncertain whether a password is set; None if it is certain."""
        if self.secrets.own.get("password") == "" and "password" not in self.environment:
            return (
                "The password in secrets.toml is empty. Set one or remove the line, then restart "
                "the app."
            )
        if allowed and self.secrets.auth is None:
            return (
                f"{origin.written} is set, but secrets.toml has no [auth] section for account "
                "login. Add it or remove the setting, then restart the app."
            )
        return self.secrets.doubt


def _limits(name: str, earlier: Mapping[str, Any]) -> tuple[float, float]:
    low, high = RANGES[name]
    limited = detail(name)
    return earlier.get(limited.not_below, low), earlier.get(limited.not_above, high)


def _number(
    given: Any, written: str, default: float | None, limits: tuple[float, float]
) -> tuple[float | None, str | None]:
    """Return the nearest valid number, and a warning if it is not the one that was given."""
    valid = "{:g} to {:g}".format(*limits)
    try:
        number = math.nan if isinstance(given, bool) else float(given)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if math.isnan(number):
        instead = "it is ignored" if default is None else f"{default:g} is used"
        return default, f"{written} is not a number, so {instead}. Valid values: {valid}."
    used = _clamped(number, *limits)
    if used == number:
        return number, None
    return used, f"{written} is {number:g}, so {used:g} is used. Valid values: {valid}."


def _flag(given: Any, written: str, *, default: bool) -> tuple[bool, str | None]:
    try:
        return TypeAdapter(bool).validate_python(given), None
    except ValidationError:
        used = "true" if default else "false"
        return default, f"{written} is neither true nor false, so {used} is used."


def _public_url(given: str, written: str) -> tuple[SecretStr | None, str | None]:
    try:
        return SecretStr(parse_address(given, written)), None
    except InvalidAddress as error:
        return None, f"{error} Links to VPO lead to its own address."


def _converted(name: str, given: Any) -> Any:
    annotation = DECLARED[name].annotation
    if annotation == tuple[str, ...]:
        words = given if isinstance(given, list) else re.split(r"[\s,]+", str(given))
        return tuple(str(word) for word in words if word)
    if annotation == Path | None:
        is_off = str(given).strip().casefold() in _OFF
        return None if is_off else Path(str(given)).expanduser()
    return SecretStr(str(given))


def _is_text(value: str) -> bool:
    """Whether the value is valid text; the environment may contain bytes that are not."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _clamped(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)


@dataclass
class SettingsSources:
    """The secrets files, and the default address if no address is set.

    A later file overrides an earlier one.
    """

    files: Callable[[], tuple[Path, ...]] = secrets_files
    default_address: str = DEFAULT_ADDRESS

    def load(self) -> Settings:
        """Load the current settings, without any server's polling hints."""
        return load_settings(self.files(), self.default_address)

    @property
    def own_file(self) -> Path:
        """The file that overrides all others, and therefore the best one for settings."""
        return self.files()[-1]


SOURCES = SettingsSources()
"""The sources of this process. Other code that starts the app, such as a test, sets them first."""


@dataclass
class SettingsEdits:
    """What was edited in the secrets files since `settings` were read from them.

    The files are looked at once in 5 s, and read only if their time or size has changed.
    """

    settings: Settings
    now: Callable[[], float] = time.monotonic
    _next: float = -math.inf
    _stamps: tuple[Any, ...] | None = None
    _names: tuple[str, ...] = ()

    def names(self) -> tuple[str, ...]:
        """Return the names of the settings that a restart would change."""
        if self.now() >= self._next:
            self._next = self.now() + _EDITS_MAX_AGE
            files = SOURCES.files()
            stamps = tuple(map(_stamp, files))
            if stamps != self._stamps:
                self._names = self.settings.changes(files)
                self._stamps = stamps
        return self._names


def _stamp(file: Path) -> tuple[int, int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
