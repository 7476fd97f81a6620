"""One setting in force, with its source."""

from dataclasses import dataclass, field
from typing import Generic, TypeVar

from pydantic import SecretStr

from vpo_monitor.secrets_files import PREFIX

T = TypeVar("T")

OFF = frozenset({"off", "false", "no", "0"})
"""The value, in lower case, that turns off a setting with other values than yes and no."""
ENVIRONMENT, FILE = "environment", "secrets.toml"
"""The sources of a setting."""
TOP_OF_FILE = f"top of {FILE}"
"""Above all tables of the file, where a setting has the name of its environment variable."""


def written(name: str, source: str) -> str:
    """Return how the setting `name` is written in its source."""
    is_key = source == FILE and name.startswith(PREFIX)
    return name.removeprefix(PREFIX).lower() if is_key else name


class _Placed:
    """The name and source that both kinds of setting share."""

    name: str
    source: str

    @property
    def written(self) -> str:
        """The name as written in its source."""
        return written(self.name, self.source)

    @property
    def with_place(self) -> str:
        """The name as written, with its source."""
        return f"{self.written} ({self.source})"


@dataclass(frozen=True)
class Setting(_Placed, Generic[T]):
    """One setting in force; `warning` says what was corrected. `repr` omits the value."""

    name: str
    value: T = field(repr=False)
    source: str
    warning: str | None = None


@dataclass(frozen=True)
class SecretSetting(_Placed):
    """A secret setting: only `value` returns it, and `repr`, `vars` and dumps omit it."""

    name: str
    secret: SecretStr | None
    source: str

    @property
    def value(self) -> str | None:
        """The value that was set; None if none was."""
        return None if self.secret is None else self.secret.get_secret_value()
