"""`/feed.atom`: what happened on the servers, for feed readers (RFC 4287)."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

from starlette.requests import Request
from starlette.responses import Response

from vpo_monitor.analysis.feed import FeedEntry, feed_entries, newest, note_stalled
from vpo_monitor.metrics.sources import Target
from vpo_monitor.plain_text import plain_line
from vpo_monitor.web.paths import FEED, Paths
from vpo_monitor.web.program_reader import ProgramReader
from vpo_monitor.web.read_key import ReadKey
from vpo_monitor.web.shared_body import SharedBody

_MAX_AGE = 10.0
_ATOM = "http://www.w3.org/2005/Atom"
_MEDIA_TYPE = "application/atom+xml; charset=utf-8"
_MOST_ADDRESSES = 8
"""Addresses of this app for which a feed is kept: its links have the address that was asked."""


class FeedRoute:
    """Answers with one feed every 10 s, however many ask."""

    def __init__(
        self,
        targets: Callable[[], tuple[Target, ...]],
        key: ReadKey,
        reader: ProgramReader,
        paths: Paths,
    ) -> None:
        self._targets = targets
        self._key = key
        self._paths = paths
        self._began_at = datetime.now(UTC)
        self._reader = reader
        self._bodies: dict[str, SharedBody] = {}

    async def get(self, request: Request) -> Response:
        """Return the feed."""
        refused = self._key.refuse(request)
        if refused is not None:
            return refused
        address = f"{request.url.scheme}://{request.url.netloc}"
        if address not in self._bodies:
            while len(self._bodies) >= _MOST_ADDRESSES:
                del self._bodies[next(iter(self._bodies))]
            self._bodies[address] = SharedBody(
                lambda: self._xml(address), _MEDIA_TYPE, "feed", max_age=_MAX_AGE
            )
        return await self._bodies[address].respond(request)

    def _xml(self, address: str) -> bytes:
        targets = self._targets()
        entries = {target.name: self._entries(target) for target in targets}
        servers = sorted(target.tracker.server for target in targets)
        feed_id = uuid.uuid5(uuid.NAMESPACE_URL, "\n".join(("feed", *servers)))
        links = _Links(address + self._paths.url("/"), has_multiple_servers=len(targets) > 1)
        return _feed(feed_id, entries, links, self._began_at)

    def _entries(self, target: Target) -> list[FeedEntry]:
        self._reader.read(target)
        note_stalled(target.tracker, target.stalled_after)
        return feed_entries(target.tracker)


class _Links:
    """Addresses of pages; `root` is that of the first one."""

    def __init__(self, root: str, *, has_multiple_servers: bool) -> None:
        self.root = root
        self.has_multiple_servers = has_multiple_servers

    def of(self, server: str, entry: FeedEntry) -> str:
        """Return the page that an entry leads to."""
        query = {"id": entry.job_id} if entry.job_id else {}
        if self.has_multiple_servers:
            query["server"] = server
        page = "job" if entry.job_id else ""
        return f"{self.root}{page}" + (f"?{urlencode(query)}" if query else "")


def _feed(
    feed_id: uuid.UUID,
    entries: Mapping[str, Sequence[FeedEntry]],
    links: _Links,
    began_at: datetime,
) -> bytes:
    """Return the Atom document. Without entries, it was updated at `began_at`."""
    server_of = {entry.id: server for server, some in entries.items() for entry in some}
    shown = newest([entry for some in entries.values() for entry in some])
    feed = ET.Element("feed", xmlns=_ATOM)
    _add(feed, "id", feed_id.urn)
    _add(feed, "title", "VPO Monitor")
    _add(feed, "updated", _moment(shown[0].at if shown else began_at))
    _add(_add(feed, "author"), "name", "VPO Monitor")
    _add(feed, "link", rel="self", href=links.root + FEED[1:], type="application/atom+xml")
    _add(feed, "link", rel="alternate", href=links.root, type="text/html")
    for entry in shown:
        server = server_of[entry.id]
        prefix = f"{plain_line(server)}: " if links.has_multiple_servers else ""
        element = _add(feed, "entry")
        _add(element, "id", entry.id.urn)
        _add(element, "title", prefix + entry.title)
        _add(element, "updated", _moment(entry.at))
        _add(element, "link", rel="alternate", href=links.of(server, entry), type="text/html")
        _add(element, "category", term=entry.kind)
        _add(element, "summary", entry.text or entry.title)
    text: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return text


def _add(parent: ET.Element, tag: str, text: str | None = None, **attributes: str) -> ET.Element:
    element = ET.SubElement(parent, tag, attributes)
    element.text = text
    return element


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
