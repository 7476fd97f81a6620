"""Texts that a hostile, or merely unlucky, media collection could hold, and where they can stand.

Whatever a browser or a program would fetch lies at `FOREIGN`, so that a fetch is seen.
"""

import re
from dataclasses import dataclass
from enum import Enum
from typing import Any

from tests.faults.faulty_server import FaultyServer
from tests.vpo_server import ROUTES

FOREIGN = "foreign.invalid"
_URL = f"http://{FOREIGN}"
_SCRIPT = "window.__pwned=1"
MARKER = re.compile(r"pwn\d\dx")


@dataclass(frozen=True)
class Hostile:
    """A named text. Its `marker` stands in it, in each part of a path, and nowhere else."""

    name: str
    text: str
    marker: str


_TEXTS = {
    # What a browser would take for its own
    "script": f"<script>{_SCRIPT}</script> ¤",
    "image with handler": f'<img src="{_URL}/¤.png" onerror="{_SCRIPT}">',
    "svg": f"<svg onload={_SCRIPT}><use href={_URL}/¤.svg>",
    "frame": f'<iframe srcdoc="<script>parent.{_SCRIPT}</script>"></iframe>¤',
    "style": f"<style>@import '{_URL}/¤.css'; body {{ display: none }}</style>",
    "base, link and meta": f'<base href="{_URL}/"><meta http-equiv=refresh content=0>¤',
    "end of an attribute": f"\"' onmouseover='{_SCRIPT}' x='¤",
    "end of a script": f"¤</script></textarea></title><script>{_SCRIPT}</script>¤",
    "comment": "<!-- ¤ --!><plaintext>",
    "entities": f"&lt;script&gt;{_SCRIPT}&lt;/script&gt; &#x6a;avascript&colon; ¤",
    "script address": f"javascript:{_SCRIPT}//¤",
    "script address with breaks": f"java\nscr\tipt:{_SCRIPT}//¤",
    "data address": f"data:text/html,<script>{_SCRIPT}</script>¤",
    "bare address": f"{_URL}/¤?q=1 www.{FOREIGN} a@{FOREIGN}",
    "address without scheme": f"//{FOREIGN}/¤",
    # What Markdown, as Streamlit extends it, would take for its own
    "markdown image": f"![x]({_URL}/¤.png)",
    "markdown link": f"[¤]({_URL}/) <{_URL}/> [y](javascript:{_SCRIPT})",
    "markdown reference": f"![¤][r]\n\n[r]: {_URL}/r.png",
    "markdown heading": "# ¤\n===\n",
    "markdown list and quote": "- ¤\n> 1. [ ] x\n---\n",
    "markdown emphasis": "**¤** _a_ ~~b~~ `c` \\*",
    "markdown code": "```html\n¤\n```\n~~~",
    "markdown table": "| ¤ | b |\n|---|---|\n| c | d |",
    "markdown footnote": "¤[^1]\n\n[^1]: note",
    "coloured text": ":red[¤] :rainbow-background[a] :small[b] :blue-badge[c]",
    "icons": ":material/delete: :streamlit: :smile: ¤",
    "formula in dollars": f"$\\href{{{_URL}/}}{{¤}}$ $$\\includegraphics{{{_URL}/¤.png}}$$ 5$",
    # What a terminal would obey
    "terminal colours": "\x1b[31;1m¤\x1b[0m \x1b[2J\x1b[10A",
    "terminal link": f"\x1b]8;;{_URL}/\x1b\\¤\x1b]8;;\x1b\\",
    "terminal title and clipboard": "\x1b]0;owned\x07\x1b]52;c;aGk=\x07¤",
    "terminal sequence without end": f"¤\x1b]8;;{_URL}",
    "terminal device control": "\x1bP1$r0m\x1b\\¤\x1b_x\x1b\\\x1b^y\x1b\\\x1bc",
    "terminal sequences of 8 bits": f"\x9b31m¤\x9d8;;{_URL}\x9cx\x90q\x9c",
    "control characters": "¤\x00\x01\x07\x08\x08\x0c\x0b\x1a\x7f",
    # What makes a text look like another one
    "direction override": "¤ \u202egpj.exe\u202c \u202d\u2066a\u2067b\u2068c\u2069",
    "direction marks": "\u200f¤\u200e \u061c12",
    "zero width": "a\u200b¤\u2060\u2061\ufeff",
    "soft hyphens": "co\u00adoper\u00adate ¤",
    "hidden in tags": "¤\U000e0001\U000e0068\U000e0069\U000e007f",
    "annotation": "¤\ufff9base\ufffahidden\ufffb",
    "letters without a shape": "\u3164¤\u115f\u1160\uffa0",
    "look-alikes": "¤ раураl ｐａｙｐａｌ 𝐩𝐚𝐲𝐩𝐚𝐥",
    # What breaks the layout, or a program that measures it
    "piled up marks": "¤ Z" + "\u0301\u0327\u20dd" * 200,
    "piled up Thai": "¤ ส" + "\u0e47" * 300,
    "long word": "¤" + "W" * 5_000,
    "long name": "¤ " + "many words in one name " * 4_500,
    "many lines": "¤" + "\n" * 10_000 + "end",
    "line breaks of all kinds": "a\r\nb\rc\u2028d\u2029e\x85¤",
    "tabs and blanks": "\t\t\u00a0\u3000\u2003¤\t ",
    # What is not Unicode, or hardly
    "half of a pair": "¤\ud800 \udfff",
    "not characters": "¤\ufffe\uffff\ufdd0\U0001fffe",
    "private use": "¤\ue000\uf8ff\U00100000",
    "byte order mark": "\ufeff¤",
    # What a program would take for an instruction
    "path upwards": "../../¤/../../etc/¤",
    "path of Windows": "..\\..\\¤\\C:\\con\\¤",
    "path with a query": "¤?id=1&line=2#x%00%2e%2e",
    "template": "{{7*7}} ${7*7} {¤} %s %(a)s {0.__class__} <%= 7 %> #{7}",
    "vega expression": "{'expr': 'alert(1)'} datum['¤'] + \"\\u0041 ¤\"",
    "database": "¤'; DROP TABLE jobs; --",
    "shell": "$(touch ¤) `id` ; rm -rf ~ | x &",
    "json": '¤"}, {"id": "x", "__proto__": {"a": 1}',
    "spreadsheet formula": f'=HYPERLINK("{_URL}/¤","x")',
    "spreadsheet command": "+cmd|' /C calc'!A0 ¤",
    "spreadsheet at sign": "@SUM(1+9)*cmd|' /C calc'!A0 ¤",
    "spreadsheet formula behind blanks": "\u00a0\t =1+1 ¤",
    "full-width formula": f'＝WEBSERVICE("{_URL}/¤")',
    "full-width sign": "－1+¤",
    # What is only unusual, and must stay readable
    "right to left": "סרט עברי ¤ فيلم عربي.mkv",
    "vowel points": "בְּרֵאשִׁ֖ית ¤ مُحَمَّدٌ",
    "joined emoji": "👩‍👩‍👧‍👦 🏳️‍🌈 1️⃣ 🇩🇪 👍🏽 ¤",
    "joined words": "می‌خواهم क्ष क्‍ष ¤",
    "other scripts": "映画 영화 ภาพยนตร์ བོད་ཡིག Việt Nam ရုပ်ရှင် ¤",
    "two dots": "..",
    "one dot": ".",
    "nothing but blanks": " \u00a0\u3000\u200b ",
    "empty": "",
}


def _marked(number: int, name: str, text: str) -> Hostile:
    marker = f"pwn{number:02d}x"
    return Hostile(name, text.replace("¤", marker), marker)


HOSTILE = tuple(_marked(number, *item) for number, item in enumerate(_TEXTS.items()))


def text_of(name: str) -> str:
    """The text of this name."""
    return HOSTILE[_place_of(name)].text


def _place_of(name: str) -> int:
    return next(place for place, one in enumerate(HOSTILE) if one.name == name)


READABLE = tuple(
    one
    for one in HOSTILE
    if one.name
    in ("right to left", "vowel points", "joined emoji", "joined words", "other scripts")
)
"""Texts that are only unusual: not a character of them may be lost."""


class Kind(Enum):
    """Which texts of an answer are replaced. Each has a pass of its own, as one can hide others."""

    WORDS = "words"
    STATUSES = "statuses"
    IDS = "ids"
    TIMES = "times"


_STATUSES = {"status", "scan_status"}
_IDS = {"id", "id_short", "job_id", "stats_id", "scan_job_id"}
_TIMES = re.compile(r".*_at|date|last_used|(earliest|latest)_processing|last_config_reload")
_LONGEST_WORD = 150
"""Characters; what is much longer is taken for no id and for no status at all."""
_OFTEN_NULL = {
    *("policy_name", "error_message", "output_path", "summary", "title", "scan_error", "git_hash"),
    *("config_reload_error", "encoder_type", "transcription", "started_at", "completed_at"),
    "last_config_reload",
}
_WITH_NAMES_OF_THEIR_OWN = {"summary_raw", "container_tags"}


def kind_of(field: str) -> Kind:
    """What a text field of this name holds."""
    if field in _STATUSES:
        return Kind.STATUSES
    if field in _IDS:
        return Kind.IDS
    return Kind.TIMES if _TIMES.fullmatch(field) else Kind.WORDS


class HostileAnswers:
    """Puts hostile texts into every text field of these kinds of every answer of a server.

    An object has the same text in all its fields; each line and each object of a list has another,
    a job always its own. Lists of anything but jobs have a row for each text. `shift` gives every
    object its next text.
    """

    def __init__(self, server: FaultyServer, *kinds: Kind) -> None:
        self.shift = 0
        self._kinds = kinds
        _, jobs = server.api.answer("/api/jobs?limit=100")
        self._places: dict[str, int] = {
            job["id"]: place for place, job in enumerate(jobs.body["jobs"])
        }
        for route in ROUTES:
            server.answer(route, self.filled)

    def give(self, job_id: str, name: str) -> None:
        """Give this job the text of this name, and all others those that follow."""
        self.shift = _place_of(name) - self._places[job_id]

    def job_of(self, name: str) -> str:
        """The id of a job that has the text of this name."""
        wanted = (_place_of(name) - self.shift) % len(HOSTILE)
        return next(job for job, place in self._places.items() if place == wanted)

    def text(self, place: int, kind: Kind = Kind.WORDS) -> str:
        """The text of the object in this place."""
        text = HOSTILE[(place + self.shift) % len(HOSTILE)].text
        if kind is Kind.IDS:  # no two jobs share one
            return f"{text[:_LONGEST_WORD]} {place}"
        return text[:_LONGEST_WORD] if kind is Kind.STATUSES else text

    def filled(self, body: Any) -> Any:
        """A copy of a good answer with hostile texts."""
        return self._filled(body, "", self._places.get(_id(body), len(self._places)))

    def _filled(self, value: Any, field: str, place: int) -> Any:
        if isinstance(value, dict):
            place = self._places.get(_id(value), place)
            own = {self.text(place): self.text(place)} if field in _WITH_NAMES_OF_THEIR_OWN else {}
            return {key: self._filled(one, key, place) for key, one in value.items()} | own
        if isinstance(value, list):
            rows = value * (1 if any(map(_id, value)) else -(-len(HOSTILE) // max(1, len(value))))
            return [self._filled(one, field, at) for at, one in enumerate(rows)]
        is_text = isinstance(value, str) or (value is None and field in _OFTEN_NULL)
        kind = kind_of(field)
        return self.text(place, kind) if is_text and kind in self._kinds else value


def _id(value: Any) -> str:
    """The id of a job or a plan, else nothing."""
    return str(value.get("id", "")) if isinstance(value, dict) else ""
