"""The feed as readers get it."""

from datetime import UTC, datetime
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import pytest

from tests.unit.watched_server import World
from tests.unit.web.asgi import Browser
from tests.unit.web.stand_in import READ_KEY, StandIn, browser_of, open_layer, settings_with
from vpo_monitor.config import PollingConfig
from vpo_monitor.metrics.sources import Target
from vpo_monitor.web.layer import ServerOptions, WebLayer

PATH = "/feed.atom"
ATOM = "{http://www.w3.org/2005/Atom}"
HOSTILE = '\x1b[31m\u202e\x00</title><script>alert(1)</script>&"\ufffe]]>'


def target(name: str, world: World) -> Target:
    return Target(name, world.poller, world.tracker, PollingConfig())


def browser_with(
    *targets: Target, options: ServerOptions | None = None, read_key: str | None = None
) -> Browser:
    settings = settings_with(**({"read_key": read_key} if read_key else {}))
    layer = WebLayer(settings, options or ServerOptions(), targets=lambda: targets)
    return Browser(StandIn().app(layer))


def feed_of(browser: Browser, path: str = PATH) -> ET.Element:
    answer = browser.get(path)
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    feed = ET.fromstring(answer.body)  # noqa: S314 - the app's own
    check(feed)
    return feed


def check(feed: ET.Element) -> None:
    """Hold the document against RFC 4287: what must be there, once, and nothing that may not."""
    assert feed.tag == f"{ATOM}feed"
    once = {"id", "title", "updated", "author"}
    assert_elements(feed, once, others={"link", "entry"})
    assert [name.text for name in feed.iter(f"{ATOM}name")] == ["VPO Monitor"]
    ids = [element.text or "" for element in feed.iter(f"{ATOM}id")]
    assert len(set(ids)) == len(ids)
    assert all(one.startswith("urn:uuid:") for one in ids)
    for element in feed.iter(f"{ATOM}updated"):
        datetime.strptime(element.text or "", "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    links = [(one.get("rel"), one.get("href")) for one in feed.findall(f"{ATOM}link")]
    assert [rel for rel, _href in links] == ["self", "alternate"]
    for entry in feed.findall(f"{ATOM}entry"):
        assert_elements(entry, {"id", "title", "updated", "link", "summary", "category"}, set())
        assert all(element.get("type") != "html" for element in entry)
    for link in feed.iter(f"{ATOM}link"):
        assert urlsplit(link.get("href") or "").scheme in ("http", "https")


def assert_elements(parent: ET.Element, once: set[str], others: set[str]) -> None:
    tags = [child.tag.removeprefix(ATOM) for child in parent]
    assert {tag for tag in tags if tag not in others} == once
    assert all(tags.count(tag) == 1 for tag in once)


def texts(feed: ET.Element, tag: str) -> list[str]:
    found = (entry.find(f"{ATOM}{tag}") for entry in feed.findall(f"{ATOM}entry"))
    return [one.text or "" for one in found if one is not None]


def links_of(feed: ET.Element) -> list[str]:
    found = (entry.find(f"{ATOM}link") for entry in feed.findall(f"{ATOM}entry"))
    return [one.get("href") or "" for one in found if one is not None]


@pytest.fixture
def world() -> World:
    world = World()
    world.put("a", "failed", completed_at="2026-11-24T11:00:00Z", error_message="No space")
    return world


def test_without_events_it_is_a_valid_feed() -> None:
    feed = feed_of(browser_of(open_layer()))
    assert feed.findall(f"{ATOM}entry") == []


def test_an_entry_says_what_failed_and_leads_to_the_job(world: World) -> None:
    feed = feed_of(browser_with(target("VPO", world)))
    assert texts(feed, "title") == ["Failed: a.mkv"]
    assert texts(feed, "summary") == ["No space"]
    assert texts(feed, "updated") == ["2026-11-24T11:00:00Z"]
    assert links_of(feed) == ["http://localhost:8501/job?id=a"]
    assert feed.findtext(f"{ATOM}updated") == "2026-11-24T11:00:00Z"


def test_text_of_vpo_stays_text(world: World) -> None:
    world.put("b", "failed", file_path=f"/srv/{HOSTILE}", error_message=HOSTILE)
    world.put("b", "failed", completed_at="2026-11-24T11:30:00Z")
    browser = browser_with(target("VPO", world))
    assert b"<script>" not in browser.get(PATH).body
    feed = feed_of(browser)
    assert texts(feed, "title")[0].startswith("Failed: ")
    assert "script>" in texts(feed, "summary")[0]


def test_several_servers_are_named(world: World) -> None:
    other = World()
    other.tracker.server = "http://y"
    other.put("b", "failed", completed_at="2026-11-24T11:30:00Z")
    feed = feed_of(browser_with(target("NAS", world), target("<Attic>", other)))
    assert texts(feed, "title") == ["<Attic>: Failed: b.mkv", "NAS: Failed: a.mkv"]
    assert links_of(feed)[0] == "http://localhost:8501/job?id=b&server=%3CAttic%3E"


def test_at_most_100_entries_of_all_servers_the_newest_first(world: World) -> None:
    other = World()
    other.tracker.server = "http://y"
    for number in range(20):
        for one in (world, other):
            minute = f"2026-11-24T11:{number:02}:00Z"
            for copy in range(5):
                one.put(f"{number} {copy}", "failed", completed_at=minute)
    for _ in range(3):
        world.poll()
        other.poll()
    feed = feed_of(browser_with(target("NAS", world), target("Attic", other)))
    updated = texts(feed, "updated")
    assert len(updated) <= 100
    assert updated == sorted(updated, reverse=True)


def test_links_have_the_base_path_and_the_scheme_and_never_the_key(world: World) -> None:
    options = ServerOptions(
        base_path="vpo", allowed_hosts=("vpo.example.org",), allow_no_password=True
    )
    browser = browser_with(target("VPO", world), options=options, read_key=READ_KEY)
    browser.host, browser.scheme = "vpo.example.org", "https"
    feed = feed_of(browser, "/vpo/feed.atom?key=for+programs")
    hrefs = [one.get("href") for one in feed.iter(f"{ATOM}link")]
    root = "https://vpo.example.org/vpo/"
    assert hrefs == [f"{root}feed.atom", root, f"{root}job?id=a"]


def test_who_has_it_already_gets_304(world: World) -> None:
    browser = browser_with(target("VPO", world))
    answer = browser.get(PATH)
    assert answer.headers["cache-control"] == "private, max-age=10"
    again = browser.get(PATH, if_none_match=answer.headers["etag"])
    assert (again.status, again.body) == (304, b"")


def test_a_reader_that_asks_ten_times_a_second_costs_nothing(world: World) -> None:
    browser = browser_with(target("VPO", world))
    bodies = {browser.get(PATH).body}
    asked = len(world.vpo.requests)
    world.tracker.store.close()  # what is read from now on is empty
    bodies |= {browser.get(PATH).body for _ in range(50)}
    assert (len(bodies), len(world.vpo.requests)) == (1, asked)
