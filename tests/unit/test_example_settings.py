"""The example of secrets.toml is safe, whether copied as it is or with every line in use."""

import re
import tomllib
from pathlib import Path

import pytest

from vpo_monitor.config import Settings, load_settings, reveal

_EXAMPLE = Path(__file__).parents[2] / ".streamlit" / "secrets.toml.example"
_SECRETS = ("api_token", "password", "shared_store")


def with_every_line_in_use() -> str:
    text = _EXAMPLE.read_text("utf-8")
    return re.sub(r"^# *(?=\w+ = |\[\[)", "", text, flags=re.MULTILINE)


def test_copied_as_it_is_it_changes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "secrets.toml"
    file.write_bytes(_EXAMPLE.read_bytes())
    assert tomllib.loads(_EXAMPLE.read_text("utf-8")) == {"vpo_monitor": {}}
    assert not load_settings((file,)).warnings
    assert is_without_secrets(load_settings((file,)))


def test_with_every_line_in_use_it_has_no_secret_and_nobody_can_log_in(tmp_path: Path) -> None:
    file = tmp_path / "secrets.toml"
    file.write_text(with_every_line_in_use(), "utf-8")
    used = load_settings((file,))
    assert used.api_url is not None
    assert is_without_secrets(used)
    assert used.access_doubt is not None
    (server,) = tomllib.loads(file.read_text("utf-8"))["vpo_monitor"]["servers"]
    assert not server["token"]


def is_without_secrets(settings: Settings) -> bool:
    return not any(reveal(getattr(settings, name)) for name in _SECRETS)


@pytest.fixture(autouse=True)
def nothing_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("API_URL", "PASSWORD"):
        monkeypatch.delenv(f"VPO_MONITOR_{name}", raising=False)
