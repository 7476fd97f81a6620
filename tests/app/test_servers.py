"""Several servers in one app: each page shows one of them, and none the jobs of another."""

import json
import re
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.secret_leaks import TOKEN, leaks
from tests.vpo_server import Fault, VpoServer, start
from vpo_monitor import services
from vpo_monitor.app_files import PAGES_FOLDER
from vpo_monitor.config import SOURCES
from vpo_monitor.polling.limits import Budget

from .conftest import PAGES, Open, until
from .test_pages import badge, button, settle, words


@pytest.fixture
def two(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[dict[str, VpoServer]]:
    """The servers Attic and Barn, as a file of secrets lists them."""
    with ExitStack() as stack:
        running = {
            name: stack.enter_context(start(worker=False, history=0, polling=None))
            for name in ("Attic", "Barn")
        }
        for name, server in running.items():
            server.store.add_job(
                job_type="move", status="running", file_path=f"/{name}.mkv", progress_percent=40.0
            )
        write(tmp_path, {name: server.url for name, server in running.items()})
        monkeypatch.setattr(SOURCES, "files", lambda: (tmp_path / "secrets.toml",))
        monkeypatch.setenv("VPO_MONITOR_HISTORY", "off")
        yield running


def write(folder: Path, listed: dict[str, str]) -> None:
    """A file of secrets with these names and addresses."""
    entries = [
        f'[[vpo_monitor.servers]]\nname = "{name}"\naddress = "{url}"\n'
        for name, url in listed.items()
    ]
    (folder / "secrets.toml").write_text("".join(entries), "utf-8")


def everything(app: AppTest) -> str:
    frames = [str(frame.value.to_dict()) for frame in app.dataframe]
    return "\n".join([words(app), *frames])


def told(app: AppTest, component: str) -> list[Any]:
    """What each component of this name was told."""
    protos = [element.proto for element in app.get("bidi_component")]
    return [json.loads(one.json) for one in protos if one.component_name.endswith(component)]


@pytest.mark.parametrize("page", ["overview", "jobs", "timeline"])
def test_a_page_shows_the_jobs_of_its_server_alone(
    page: str, two: dict[str, VpoServer], open_app: Open
) -> None:
    app = settle(open_app(page, server="Barn"), "Live")
    assert not app.exception
    assert "Barn.mkv" in everything(app)
    main = [str(element.proto) for element in app.main if element.proto is not None]
    beside = [one for one in main if "server-list" not in one]  # which is of all servers
    assert not [one for one in beside if "Attic.mkv" in one]


def test_the_first_is_shown_where_the_address_names_none(
    two: dict[str, VpoServer], open_app: Open
) -> None:
    app = settle(open_app("jobs"), "Live")
    assert "Attic.mkv" in everything(app)
    assert " · Attic · VPO Monitor" in badge(app)["page"]


def test_a_session_keeps_to_its_server(two: dict[str, VpoServer], open_app: Open) -> None:
    app = settle(open_app("server", server="barn"), "Live")
    del app.query_params["server"]
    app.run()
    assert " · Barn · " in badge(app)["page"]
    app.query_params["server"] = "Attic"
    app.run()
    assert " · Attic · " in badge(app)["page"]


@pytest.mark.parametrize("page", ["overview", "job"])
def test_a_name_that_is_not_there_is_said_and_the_first_is_shown(
    page: str, two: dict[str, VpoServer], open_app: Open
) -> None:
    app = settle(open_app(page, server="C\u202ellar", id="a"), "Live")
    assert "No server named Cllar. Showing Attic instead" in words(app)
    assert "No server named" not in words(open_app(page, server="Barn"))


def test_a_dead_server_takes_nothing_from_the_other(
    two: dict[str, VpoServer], open_app: Open
) -> None:
    two["Barn"].stop()
    settle(open_app("jobs", server="Barn"), "Reconnecting")
    settle(open_app("jobs", server="Attic"), "Live")
    attic, barn = (
        [route.failures for route in one.poller.figures().routes.values()]
        for one in services.current().servers
    )
    assert not any(attic)
    assert any(barn)


def test_each_server_has_a_budget_of_its_own(two: dict[str, VpoServer], open_app: Open) -> None:
    settle(open_app("jobs", server="Barn"), "Live")
    attic, barn = services.current().servers
    assert barn.poller.figures().budget_left < barn.poller.figures().budget_burst
    assert attic.poller.figures().budget_left == attic.poller.figures().budget_burst


def test_a_list_in_which_nothing_can_be_used_is_said(
    tmp_path: Path, two: dict[str, VpoServer], open_app: Open
) -> None:
    write(tmp_path, {"Attic": "nas:8321"})
    for page in ("overview", "server"):
        app = open_app(page)
        assert not app.exception
        assert "The address of Attic in secrets.toml must start with http://" in words(app)
        assert "made-up" not in words(app)


def test_one_that_is_left_out_is_said_on_the_server_page(
    tmp_path: Path, two: dict[str, VpoServer], open_app: Open
) -> None:
    write(tmp_path, {"Attic": two["Attic"].url, "Barn": "nas:8321"})
    app = settle(open_app("server"), "Live")
    assert "The address of Barn in secrets.toml must start with http://" in words(app)


@pytest.mark.parametrize("page", ["overview", "server"])
def test_a_list_of_one_looks_like_no_list(
    page: str, tmp_path: Path, two: dict[str, VpoServer], open_app: Open
) -> None:
    write(tmp_path, {"Attic": two["Attic"].url})
    app = settle(open_app(page, server="Barn", id="00000000-0000-4000-8000-000000000000"), "Live")
    assert badge(app)["page"].count("·") == 1
    assert not told(app, "servers")
    assert "Attic" not in [text.value for text in app.text]
    assert "No server named" not in words(app)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_says_which_server_it_shows_and_asks_no_other(
    page: str, two: dict[str, VpoServer], open_app: Open
) -> None:
    app = settle(open_app(page, server="Barn", id="00000000-0000-4000-8000-000000000000"), "Live")
    (menu,) = (one for one in told(app, "servers") if one["layout"] == "menu")
    assert menu["servers"] == [{"name": "Attic"}, {"name": "Barn"}]
    assert menu["current"] == "Barn"
    links = [element.proto.query_string for element in app.sidebar.get("page_link")]
    assert set(links) == {"server=Barn"}
    assert badge(app)["server"] == "Barn"
    assert "Barn" in [text.value for text in app.text]
    assert page == "overview" or not two["Attic"].requests  # the overview lists all servers


def lines(app: AppTest) -> dict[str, dict[str, Any]]:
    """What the overview says of each server."""
    (list_of_all,) = (one for one in told(app, "servers") if one["layout"] == "list")
    return {line["name"]: line["state"] for line in list_of_all["servers"]}


def test_the_overview_begins_with_all_servers(two: dict[str, VpoServer], open_app: Open) -> None:
    app = until(open_app(server="Barn"), lambda app: "Attic.mkv" in lines(app)["Attic"]["runs"])
    assert list(lines(app)) == ["Attic", "Barn"]
    for name in two:
        assert lines(app)[name]["word"] == "Live"
        assert lines(app)[name]["counts"] == "1 running · 0 queued · 0 failed in 24 h"
        assert lines(app)[name]["runs"] == f"40 % {name}.mkv"
    assert {one["current"] for one in told(app, "servers")} == {"Barn"}


def test_a_server_that_is_down_is_said_with_since_when(
    two: dict[str, VpoServer], open_app: Open
) -> None:
    app = until(open_app(), lambda app: lines(app)["Barn"]["word"] == "Live")
    assert not lines(app)["Barn"]["old"]
    two["Barn"].stop()
    button(app, "Refresh").click()
    app = until(app.run(), lambda app: lines(app)["Barn"]["word"] == "Reconnecting")
    assert re.fullmatch(r"No response since \d\d:\d\d", lines(app)["Barn"]["runs"])
    assert lines(app)["Barn"]["old"]
    assert lines(app)["Attic"]["word"] == "Live"
    assert badge(app)["word"] == "Live"


def test_a_server_that_was_never_there_is_said(two: dict[str, VpoServer], open_app: Open) -> None:
    two["Attic"].stop()
    app = until(open_app(server="Barn"), lambda app: lines(app)["Attic"]["word"] == "Reconnecting")
    assert lines(app)["Attic"]["runs"] == "No response yet"
    assert lines(app)["Attic"]["counts"] == ""


def test_a_refresh_of_the_overview_tries_all_servers(
    two: dict[str, VpoServer], open_app: Open
) -> None:
    two["Barn"].faults.set(Fault.UNAUTHORIZED)
    app = until(open_app(), lambda app: lines(app)["Barn"]["word"] == "Token rejected")
    two["Barn"].faults.clear()
    button(app, "Refresh").click()
    app = until(app.run(), lambda app: lines(app)["Barn"]["word"] == "Live")
    assert badge(app)["word"] == "Live"


def test_a_refresh_of_another_page_tries_its_server_alone(
    two: dict[str, VpoServer], open_app: Open
) -> None:
    two["Barn"].faults.set(Fault.UNAUTHORIZED)
    app = until(open_app(), lambda app: lines(app)["Barn"]["word"] == "Token rejected")
    app.switch_page(str(PAGES_FOLDER / "jobs.py")).run()
    asked = len(two["Barn"].requests)
    button(settle(app, "Live"), "Refresh").click()
    settle(app.run(), "Live")
    assert len(two["Barn"].requests) == asked


@pytest.mark.long
def test_however_often_it_is_pressed_each_server_keeps_its_budget(
    two: dict[str, VpoServer], open_app: Open
) -> None:
    begun = time.monotonic()
    two["Barn"].faults.set(Fault.UNAUTHORIZED)
    app = open_app()
    for _ in range(30):
        button(app, "Refresh").click()
        app.run()
    for server in two.values():
        allowed = Budget(100).burst + (time.monotonic() - begun) * Budget(100).per_second
        assert len(server.requests) <= allowed


def test_the_server_page_has_all_servers_and_no_token(
    two: dict[str, VpoServer], tmp_path: Path, open_app: Open
) -> None:
    written = (tmp_path / "secrets.toml").read_text("utf-8")
    (tmp_path / "secrets.toml").write_text(f"{written}token = {json.dumps(TOKEN)}\n", "utf-8")
    app = settle(open_app("server"), "Live")
    rows = app.dataframe[0].value.set_index("Setting")["Value"]
    assert rows["Server Attic"] == f"{two['Attic'].url}, token not set"
    assert rows["Server Barn"] == f"{two['Barn'].url}, token set"
    assert not {"VPO_MONITOR_API_URL", "VPO_MONITOR_API_TOKEN"} & set(rows.index)
    shown = "\n".join(str(element.proto) for element in app.main if element.proto is not None)
    assert not leaks(shown + repr(services.current().servers) + repr(services.current().settings))


def test_metrics_tell_all_servers_apart(
    two: dict[str, VpoServer], open_app: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle(open_app("server"), "Live")
    assert [target.name for target in services.metrics_targets()] == ["Attic", "Barn"]
