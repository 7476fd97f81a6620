"""One setting in force, with where it came from."""

from dataclasses import dataclass, field
from typing import Generic, TypeVar

from pydantic import SecretStr

T = TypeVar("T")

OFF = frozenset({"off", "false", "no", "0"})
"""What turns off something that is set by more than yes and no; in lower case."""


@dataclass(frozen=True)
class Setting(Generic[T]):
    """One setting in force; `warning` says what was corrected. The value is not in `repr`."""

    name: str
    value: T = field(repr=False)
    source: str
    warning: str | None = None


@dataclass(frozen=True)
class SecretSetting:
    """One setting that is shown to nobody: only `value` has it, no `repr`, `vars` or dump."""

    name: str
    secret: SecretStr | None
    source: str

    @property
    def value(self) -> str | None:
        """What was set; None where nothing was."""
        return None if self.secret is None else self.secret.get_secret_value()
