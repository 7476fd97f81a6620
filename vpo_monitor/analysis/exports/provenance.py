"""The provenance of an exported table: its server, view and time of fetching."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

from vpo_monitor.api.server import Server

_UNFIT = re.compile(r"[^A-Za-z0-9]{2,}|[^A-Za-z0-9._-]")
_LONGEST_PART = 40
_LONGEST = 150
"""Characters; file systems allow 255 bytes, and a browser may append a number."""


@dataclass(frozen=True)
class Provenance:
    """The provenance recorded in an exported file.

    `fetched_at` is when the data was fetched, by this app's clock. `view` holds the filters and
    other choices; `name_parts` are those that follow `what` in the file
    name.
    """

    server: Server
    fetched_at: datetime
    what: str = ""
    view: Mapping[str, str] = field(default_factory=dict)
    name_parts: tuple[str, ...] = ()

    def of(self, what: str) -> "Provenance":
        """Return the provenance of another part of the page."""
        return replace(self, what=what)

    def narrowed(self, *name_parts: str, **view: str) -> "Provenance":
        """Return the provenance of a narrower view."""
        return replace(self, name_parts=(*self.name_parts, *name_parts), view={**self.view, **view})

    def file_name(self, ending: str) -> str:
        """A file name with server, view and time: `vpo-nas.local-8321-jobs-20261125T0233Z.csv`.

        It contains only ASCII letters, digits, dots, hyphens and underscores.
        """
        return f"{self.stem}-{self.fetched_at.astimezone(UTC):%Y%m%dT%H%MZ}.{ending}"

    @property
    def stem(self) -> str:
        """The file name up to the time."""
        name = self.server.name
        parts = (
            "vpo",
            *(() if name.casefold() == "vpo" else (name.lower(),)),
            urlsplit(self.server.url).netloc.rpartition("@")[2],
            self.what,
            *self.name_parts,
        )
        return "-".join(filter(None, map(_slug, parts)))[:_LONGEST].rstrip("._-")


def _slug(text: str) -> str:
    """Reduce the text to characters allowed in a file name."""
    simple = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return _UNFIT.sub("-", simple).strip("._-")[:_LONGEST_PART].rstrip("._-")
