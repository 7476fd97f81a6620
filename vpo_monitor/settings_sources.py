"""Where this process takes its settings from, besides its environment."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from vpo_monitor.api.server import DEFAULT_ADDRESS
from vpo_monitor.config import PollingConfig, Settings, load_settings
from vpo_monitor.secrets_files import secrets_files


@dataclass
class SettingsSources:
    """The secrets files, and the address where VPO is looked for if no address is set.

    A later file overrides an earlier one.
    """

    files: Callable[[], tuple[Path, ...]] = secrets_files
    default_address: str = DEFAULT_ADDRESS

    def load(self, offer: PollingConfig | None = None) -> Settings:
        """Read the settings as they are now, over what the server offers."""
        return load_settings(self.files(), offer, self.default_address)

    @property
    def own_file(self) -> Path:
        """The file that overrides all others: the best place for settings."""
        return self.files()[-1]


SOURCES = SettingsSources()
"""Those of this process. Code that starts the app differently, such as a test, sets them first."""
