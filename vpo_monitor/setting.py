"""One setting in force, with where it came from."""

from dataclasses import dataclass, field
from typing import Generic, TypeVar

from pydantic import SecretStr

from vpo_monitor.secrets_files import PREFIX

T = TypeVar("T")

OFF = frozenset({"off", "false", "no", "0"})
"""What turns off something that is set by more than yes and no; in lower case."""
ENVIRONMENT, FILE = "environment", "secrets.toml"
"""Where a setting was found."""
TOP_OF_FILE = f"top of {FILE}"
"""Above all tables of it, where it is called as in the environment."""


def written(name: str, source: str) -> str:
    """What the setting `name` is called in the place where it stands."""
    is_key = source == FILE and name.startswith(PREFIX)
    return name.removeprefix(PREFIX).lower() if is_key else name


class _Placed:
    """What both kinds of setting say of where they stand."""

    name: str
    source: str

    @property
    def written(self) -> str:
        """What it is called where it stands."""
        return written(self.name, self.source)

    @property
    def with_place(self) -> str:
        """The same, with where that is."""
        return f"{self.written} ({self.source})"


@dataclass(frozen=True)
class Setting(_Placed, Generic[T]):
    """One setting in force; `warning` says what was corrected. The value is not in `repr`."""

    name: str
    value: T = field(repr=False)
    source: str
    warning: str | None = None


@dataclass(frozen=True)
class SecretSetting(_Placed):
    """One setting that is shown to nobody: only `value` has it, no `repr`, `vars` or dump."""

    name: str
    secret: SecretStr | None
    source: str

    @property
    def value(self) -> str | None:
        """What was set; None where nothing was."""
        return None if self.secret is None else self.secret.get_secret_value()
