"""Pages with recorded events say so if nothing is recorded while nobody looks."""

import pytest

from tests.app.conftest import Open
from tests.vpo_server import VpoServer

NOTE = (
    "Events are recorded only while a page is open. To record them always, set "
    "`VPO_MONITOR_WATCH_INTERVAL`."
)


@pytest.mark.parametrize("page", ["overview", "timeline", "statistics"])
def test_the_note_names_the_setting_until_it_is_set(
    page: str, server: VpoServer, open_app: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert NOTE in [caption.value for caption in open_app(page).caption]
    assert NOTE not in [caption.value for caption in open_app(page, kiosk="1").caption]


@pytest.mark.parametrize("page", ["overview", "timeline", "statistics"])
def test_it_is_gone_once_the_app_watches(
    page: str, server: VpoServer, open_app: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VPO_MONITOR_WATCH_INTERVAL", "60")
    app = open_app(page)
    assert not app.exception
    assert NOTE not in [caption.value for caption in app.caption]
