"""The theme is cached, until Streamlit's settings change."""

from collections.abc import Iterator

import pytest
from streamlit import config
from streamlit.proto.NewSession_pb2 import CustomThemeConfig
from streamlit.runtime import app_session

from vpo_monitor.streamlit_patches import theme_message

LIGHT = "theme.light"


@pytest.fixture
def color(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The color of links in the light theme, which the test may set."""
    monkeypatch.setattr(app_session, "_populate_theme_msg", app_session._populate_theme_msg)
    before = config.get_option(f"{LIGHT}.linkColor")
    config.set_option(f"{LIGHT}.linkColor", "#112233")
    yield "#112233"
    config.set_option(f"{LIGHT}.linkColor", before)


def theme() -> CustomThemeConfig:
    """The theme as a run sends it."""
    whole = CustomThemeConfig()
    app_session._populate_theme_msg(whole)
    app_session._populate_theme_msg(whole.sidebar, "theme.sidebar")
    for name, part in (("light", whole.light), ("dark", whole.dark)):
        app_session._populate_theme_msg(part, f"theme.{name}")
        app_session._populate_theme_msg(part.sidebar, f"theme.{name}.sidebar")
    return whole


def test_the_same_theme_is_sent_without_reading_it_again(
    color: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = theme()
    assert sent.light.link_color == color
    theme_message.apply()
    assert theme() == sent
    with monkeypatch.context() as unreadable:
        unreadable.delattr(config, "get_options_for_section")
        assert theme() == sent


def test_a_changed_theme_is_sent(color: str) -> None:
    theme_message.apply()
    assert theme().light.link_color == color
    config.set_option(f"{LIGHT}.linkColor", "#445566")
    config._on_config_parsed.send()
    assert theme().light.link_color == "#445566"
