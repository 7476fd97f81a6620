"""The files and the default address from which this process takes its settings."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from vpo_monitor.api.server import DEFAULT_ADDRESS
from vpo_monitor.config import PollingConfig, Settings, load_settings
from vpo_monitor.secrets_files import secrets_files


@dataclass
class SettingsSources:
    """The secrets files, and the default address if no address is set.

    A later file overrides an earlier one.
    """

    files: Callable[[], tuple[Path, ...]] = secrets_files
    default_address: str = DEFAULT_ADDRESS

    def load(self, offer: PollingConfig | None = None) -> Settings:
        """Load the current settings, with the server's suggestions as fallback."""
        return load_settings(self.files(), offer, self.default_address)

    @property
    def own_file(self) -> Path:
        """The file that overrides all others, and therefore the best one for settings."""
        return self.files()[-1]


SOURCES = SettingsSources()
"""The sources of this process. Other code that starts the app, such as a test, sets them first."""
