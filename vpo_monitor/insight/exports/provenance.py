"""Where an exported table is from: which server, which view of it, and when it was fetched."""

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
"""Characters; file systems take 255 bytes, and a browser may add a number."""


@dataclass(frozen=True)
class Provenance:
    """What a file tells of itself.

    `fetched_at` is when its data came, by this app's clock. `view` holds the choices that led to
    it, `named` those of them, or words for them, that its name tells after `what`.
    """

    server: Server
    fetched_at: datetime
    what: str = ""
    view: Mapping[str, str] = field(default_factory=dict)
    name_parts: tuple[str, ...] = ()

    def of(self, what: str) -> "Provenance":
        """The same of another part of the page."""
        return replace(self, what=what)

    def narrowed(self, *name_parts: str, **view: str) -> "Provenance":
        """The same of a narrower view."""
        return replace(self, name_parts=(*self.name_parts, *name_parts), view={**self.view, **view})

    def file_name(self, ending: str) -> str:
        """A name that says server, view and time: `vpo-nas.local-8321-jobs-20261125T0233Z.csv`.

        It has ASCII letters, digits, dots, hyphens and underscores only, whatever was looked for.
        """
        return f"{self.stem}-{self.fetched_at.astimezone(UTC):%Y%m%dT%H%MZ}.{ending}"

    @property
    def stem(self) -> str:
        """The beginning of such names, up to the time."""
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
    """What of a text a file's name may have."""
    simple = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return _UNFIT.sub("-", simple).strip("._-")[:_LONGEST_PART].rstrip("._-")
