"""What makes the app installable is there for everybody, also below a path."""

import json
import re
from io import BytesIO

import pytest
from PIL import Image

from tests.unit.web.asgi import Browser
from tests.unit.web.stand_in import PASSWORD, browser_of, layer_with, log_in, open_layer
from vpo_monitor.web.layer import ServerOptions

BASES = ("", "video/vpo")


def browser(base: str, *, password: bool) -> Browser:
    options = ServerOptions(base_path=base)
    return browser_of(layer_with(options) if password else open_layer(options))


def root_of(base: str) -> str:
    return f"/{base}/" if base else "/"


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("password", [False, True])
def test_the_manifest_names_icons_that_load_before_login(base: str, *, password: bool) -> None:
    one, root = browser(base, password=password), root_of(base)
    answer = one.get(f"{root}manifest.webmanifest")
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("application/manifest+json")
    manifest = json.loads(answer.body)
    assert (manifest["start_url"], manifest["scope"]) == (root, root)
    assert manifest["display"] == "standalone"
    assert {icon["purpose"] for icon in manifest["icons"]} == {"any", "maskable"}
    assert {icon["sizes"] for icon in manifest["icons"]} == {"192x192", "512x512"}
    for icon in manifest["icons"]:
        picture = one.get(icon["src"])
        assert (picture.status, picture.headers["content-type"]) == (200, "image/png")
        width, height = Image.open(BytesIO(picture.body)).size
        assert f"{width}x{height}" == icon["sizes"]
    assert PASSWORD not in answer.text


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("password", [False, True])
def test_the_service_worker_is_a_script_at_the_root_of_its_scope(
    base: str, *, password: bool
) -> None:
    answer = browser(base, password=password).get(f"{root_of(base)}service-worker.js")
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "notificationclick" in answer.text
    assert '"fetch"' not in answer.text


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_nothing_can_be_sent_to_them(method: str) -> None:
    for path in ("/manifest.webmanifest", "/service-worker.js", "/icons/icon-192.png"):
        assert browser("", password=True).get(path, method).status == 405


def test_what_is_no_icon_needs_a_login() -> None:
    for path in ("/icons/", "/icons/icon.svg", "/icons/../app.py", "/manifest.webmanifest/x"):
        assert browser("", password=True).get(path).status in (303, 401)


@pytest.mark.parametrize("base", BASES)
def test_each_page_links_to_them_in_its_head(base: str) -> None:
    one, root = browser(base, password=True), root_of(base)
    log_in(one, path=f"{root}login")
    head = one.get(root).text.partition("</head>")[0]
    links = dict(re.findall(r'<link rel="([\w-]+)" href="([^"]+)"', head))
    assert links["manifest"] == f"{root}manifest.webmanifest"
    assert one.get(links["apple-touch-icon"]).headers["content-type"] == "image/png"


def test_the_system_bar_has_the_color_of_the_page() -> None:
    theme = {"light": {"backgroundColor": "#fafafa"}, "dark": {"backgroundColor": '"><script>'}}
    page = browser_of(open_layer(ServerOptions(theme=theme))).get("/").text
    colors = dict(re.findall(r'scheme: (\w+)\)" content="([^"]*)"', page))
    assert colors == {"light": "#fafafa", "dark": "#0e1117"}
