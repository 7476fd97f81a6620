"""Hostile text in a browser: shown as text, nothing fetched, no script, no layout broken."""

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Locator,
    Page,
    ViewportSize,
    expect,
)

from tests.faults.faulty_server import FaultyServer
from tests.faults.recorded_api import FAILED, SCAN
from tests.hostile_text import HOSTILE, MARKER, HostileAnswers, Kind, text_of
from vpo_monitor.plain_text import plain_line
from vpo_monitor.polling.log_tail import MAX_LINE

from .conftest import BADGE, running_app

WORD = f"{BADGE} b"
TABLE = "[data-testid=stDataFrame]:visible"
WIDE = ViewportSize(width=1280, height=900)
NARROW = ViewportSize(width=390, height=844)
MOST_PIXELS = 5300
"""Of a page's height: what is long is cut, or scrolls in its place."""

# Of the document and all shadow trees: what the browser could follow, load or run, and what
# is hidden in the text.
FOUND = """
(own) => {
  const bad = [], roots = [document];
  for (const root of roots)
    for (const element of root.querySelectorAll("*")) {
      if (element.shadowRoot) roots.push(element.shadowRoot);
      for (const { name, value } of element.attributes) {
        if (name.startsWith("on")) bad.push(`${element.tagName} ${name}`);
        if (!/^(href|src|srcset|action|formaction|data|poster|background)$/.test(name)) continue;
        const { protocol, origin } = new URL(value, document.baseURI);
        const isOwn = origin === location.origin && /^(https?|blob):$/.test(protocol);
        if (!isOwn && !value.startsWith(own) && !value.startsWith("data:image/"))
          bad.push(`${element.tagName} ${name}=${value.slice(0, 100)}`);
      }
    }
  for (const root of roots) {
    const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const text = texts.currentNode.data;
      if (/[^\\P{Cc}\\t\\n]|[\\u061c\\u200b\\u202a-\\u202e\\u2066-\\u2069]/u.test(text))
        bad.push("not plain: " + JSON.stringify(text.slice(0, 100)));
    }
  }
  if (window.__pwned) bad.push("a script has run");
  return bad;
}
"""


@dataclass
class Viewer:
    """A page of the app, and all that it has done that it should not do."""

    page: Page
    app: str
    vpo: str
    answers: HostileAnswers
    wrong: list[str] = field(default_factory=list)

    def open(self, path: str) -> None:
        """Open a page at its widest, and wait until it is live."""
        self.page.set_viewport_size(WIDE)
        self.page.goto(f"{self.app}/{path}")
        expect(self.page.locator(WORD)).to_have_text(re.compile("Live|Idle|Finished|Failed"))

    def expect_harmless(self) -> None:
        """Expect that nothing was fetched, run or broken, at both widths."""
        self.expect_in_order(WIDE, self.page.get_by_test_id("stSidebar").get_by_text("Statistics"))
        self.expect_in_order(NARROW, self.page.get_by_test_id("stExpandSidebarButton"))
        assert self.page.evaluate(FOUND, self.vpo) == []
        assert re.fullmatch(r"(▶\d+ )?(✕\d+ )?\w+ · VPO Monitor", self.page.title())
        assert self.wrong == []

    def expect_in_order(self, size: ViewportSize, menu: Locator) -> None:
        """Expect that the page fits, and that its menu and its badge are at hand."""
        self.page.set_viewport_size(size)
        self.page.evaluate("document.querySelector('.stMain').scrollTo(0, 0)")
        for control in (menu, self.page.locator(WORD)):
            expect(control).to_be_in_viewport()
        surplus, beside, high = self.page.evaluate(
            """() => {
              const all = document.documentElement, main = document.querySelector(".stMain");
              return [all.scrollWidth - innerWidth, main.scrollWidth - main.clientWidth,
                      main.scrollHeight];
            }"""
        )
        assert (surplus, beside) == (0, 0)
        assert high <= MOST_PIXELS


@contextlib.contextmanager
def viewer_of(browser: Browser, of_failed: str, *kinds: Kind) -> Iterator[Viewer]:
    """A viewer of a server with such hostile texts, that of this name for the failed job."""
    settings = {"VPO_MONITOR_POLL_INTERVAL": "60"}
    with FaultyServer() as server:
        answers = HostileAnswers(server, *kinds)
        answers.give(FAILED, of_failed)
        with running_app(VPO_MONITOR_API_URL=server.url, **settings) as app:
            context = browser.new_context()
            context.set_default_timeout(20_000)
            viewer = Viewer(context.new_page(), app, server.url, answers)
            watch(context, viewer)
            yield viewer
            context.close()


@pytest.fixture(scope="module")
def viewer(browser: Browser) -> Iterator[Viewer]:
    # The overview's queue has images and a script then, and a running job a script's address.
    with viewer_of(browser, "nothing but blanks", Kind.WORDS) as viewer:
        yield viewer


def watch(context: BrowserContext, viewer: Viewer) -> None:
    """Note whatever is fetched elsewhere, opened, or told as an error."""
    own = viewer.app.removeprefix("http")

    def fetched(address: str) -> None:
        if not address.removeprefix("blob:").startswith((f"http{own}", f"ws{own}", "data:image/")):
            viewer.wrong.append(f"fetched {address[:200]}")

    def said(message: ConsoleMessage) -> None:
        # Streamlit looks for its own address below each page's first.
        if message.type == "error" and "/_stcore/" not in message.location["url"]:
            viewer.wrong.append(f"console: {message.text[:200]}")

    def asked(dialog: Dialog) -> None:
        viewer.wrong.append(f"dialog {dialog.message}")
        dialog.dismiss()

    context.on("request", lambda request: fetched(request.url))
    context.on("console", said)
    context.on("dialog", asked)
    viewer.page.on("websocket", lambda socket: fetched(socket.url))
    viewer.page.on("popup", lambda page: viewer.wrong.append(f"popup {page.url}"))
    viewer.page.on("download", lambda file: viewer.wrong.append(f"download {file.url}"))
    viewer.page.on("pageerror", lambda error: viewer.wrong.append(f"error {error}"))


# Where on each page a hostile text is to be read.
PAGES = {
    "": ".st-key-failures .vpo-list",
    "jobs": TABLE,
    "statistics": TABLE,
    "library": ".stMain svg.marks >> nth=1",
    "server": ".vpo-facts",
    f"job?id={SCAN}": TABLE,
}


@pytest.mark.parametrize(
    "path",
    [one if one in ("", "jobs") else pytest.param(one, marks=pytest.mark.long) for one in PAGES],
)
def test_hostile_words_are_text_and_nothing_else(path: str, viewer: Viewer) -> None:
    viewer.open(path)
    place = viewer.page.locator(PAGES[path]).first
    place.scroll_into_view_if_needed()  # a table has no text while it is out of view
    expect(place).to_contain_text(MARKER)
    viewer.expect_harmless()


@pytest.mark.long
def test_a_long_name_scrolls_in_its_place(viewer: Viewer) -> None:
    viewer.open(f"job?id={viewer.answers.job_of('long name')}")
    path = viewer.page.locator(".vpo-facts dd").first
    assert (path.text_content() or "").startswith(text_of("long name")[:4000])
    assert path.evaluate("part => part.scrollHeight > 4 * part.clientHeight")
    path.focus()
    expect(path).to_be_focused()
    viewer.expect_harmless()


def test_a_log_holds_every_text_as_it_is(viewer: Viewer) -> None:
    viewer.open(f"job?id={FAILED}")
    area = viewer.page.get_by_role("textbox", name="Log", exact=True)
    expect(area).to_have_value(re.compile("more characters"))  # it is filled once it is loaded
    log = area.input_value().split("\n")
    assert {plain_line(one.text) for one in HOSTILE if len(one.text) < MAX_LINE} <= set(log)
    assert any(line.endswith("more characters") for line in log)
    viewer.expect_harmless()


def test_a_bar_tells_hostile_text_as_text(viewer: Viewer) -> None:
    viewer.open("timeline?since=30d")
    bar = viewer.page.locator("a.bar.whole").first
    bar.focus()
    expect(viewer.page.locator(".vpo-timeline .facts")).to_contain_text(MARKER)
    assert MARKER.search(bar.get_attribute("aria-label") or "")
    viewer.expect_harmless()


def test_what_is_told_is_text(viewer: Viewer) -> None:
    viewer.open("server")
    texts = [plain_line(one.text, 200) for one in HOSTILE]
    viewer.page.evaluate(
        """(texts) => {
          const notifications = texts.map((text) => (
            { id: text, title: text, text, target: "server" }));
          window.vpoStatus.take({ data: { ...window.vpoStatus.data, notifications } });
        }""",
        texts,
    )
    toast = viewer.page.locator(".st-key-connection .toast")
    assert [one.locator("span").text_content() for one in toast.all()] == texts[-4:]
    viewer.expect_harmless()


@pytest.mark.long
def test_hostile_ids_lead_nowhere_but_to_the_job(browser: Browser) -> None:
    with viewer_of(browser, "long word", Kind.IDS, Kind.STATUSES) as viewer:
        for path, links in (("", ".vpo-list a"), ("timeline?since=30d", "a.bar")):
            viewer.open(path)
            link = viewer.page.locator(links).first
            expect(link).to_have_attribute(
                "href", re.compile(r"^(http://[\w.:]+)?/job\?id=[\w%.+~*!'()-]+$")
            )
            viewer.expect_harmless()
        viewer.open(f"job?id={FAILED}")
        expect(viewer.page.locator(".vpo-card").first).to_contain_text(MARKER)
        viewer.expect_harmless()
