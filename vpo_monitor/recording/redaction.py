"""Redact everything private from recordings, consistently across all of them.

Safe by default: a text is kept only if its field, or each of its words, is known to be harmless.
The same name always has the same replacement, so paths and ids still match. Folder depth,
extensions, numbers and times are kept.
"""

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from vpo_monitor.api.server import DEFAULT_ADDRESS
from vpo_monitor.recording.allowed_words import TOKEN, is_allowed_word
from vpo_monitor.recording.body_texts import A_TEXT, fields_of, tags_of, texts_of
from vpo_monitor.recording.field_kinds import (
    FIELDS,
    HEX,
    OWN_KEYS,
    TIME,
    UUID,
    FieldKind,
    kind_of,
    label_of,
)
from vpo_monitor.recording.recorded_requests import UNKNOWN_ID, Recorded

_SHORTEST = 4
"""Minimum characters of a name that must not occur in the output; shorter ones occur by chance."""
_SEPARATORS = re.compile(r"([\\/]+)")
_DRIVE = re.compile(r"[A-Za-z]:|\.{0,2}")
"""Parts of a path that are not names."""
_EXTENSION = re.compile(
    r"(?<=.)\.(?:mkv|mka|mks|mp4|m4v|m4a|mov|avi|webm|wmv|asf|flv|ogv|ogm|m2ts|mts|ts|mpe?g|vob|divx"
    r"|3gp|srt|ass|ssa|sub|idx|sup|vtt|mp3|aac|ac3|dts|flac|opus|wav|jpe?g|png|nfo|txt|ya?ml|json"
    r"|log|gz|db|sqlite3?|tmp|part|bak|py|sh|iso)$",
    re.IGNORECASE,
)
"""Known extensions; others may be part of a name."""
_THIS_MACHINE = re.compile(r"127(?:\.\d{1,3}){3}|0\.0\.0\.0|localhost")
_ALONE, _ENDS = r"(?<![\w.])", r"(?!\w)"
_IP4 = rf"{_ALONE}\d{{1,3}}(?:\.\d{{1,3}}){{3}}(?![\w.]*\d)"
_IP6 = r"(?<![\w:])(?:(?:[0-9a-fA-F]{1,4}:){4,7}|(?:[0-9a-fA-F]{1,4}:)+:)[0-9a-fA-F:]*(?![\w:])"
_IN_SENTENCES = (
    rf"(?P<time>{_ALONE}{TIME}{_ENDS})",
    r"(?P<color>\x1b\[[0-9;?]*[A-Za-z])",
    rf"(?P<uuid>{_ALONE}{UUID}{_ENDS})",
    r"(?P<url>[A-Za-z][A-Za-z0-9+.-]*://[^\s'\"<>]+)",
    f"(?P<host>{_IP4}|{_IP6})",
    rf"(?P<hex>{_ALONE}{HEX}{_ENDS})",
    r"(?P<path>(?<![\w.)\]])(?:[A-Za-z]:)?[\\/](?=[^\s\\/])[^\s'\"<>|,;:]*)",
)
"""Replaced in sentences, in addition to known names and single words."""


class Redaction:
    """Replacements for the private texts in these recordings.

    `token` and `host` are those used to reach VPO; None if there is none, or none to redact.
    """

    def __init__(
        self, recordings: Sequence[Recorded], *, token: str | None, host: str | None
    ) -> None:
        self._token = token
        self._replacements: dict[str, str] = {}
        self._counts: dict[str, int] = {}
        self._ids = {UNKNOWN_ID: UNKNOWN_ID}
        bodies = [one.answer.body for one in recordings]
        texts = list(itertools.chain.from_iterable(map(texts_of, bodies)))
        self._taken = {part.casefold() for text in texts for part in _parts(text)}
        for text in texts:
            for found in re.findall(UUID, text):
                self._id(found)
        self._shorts = {known[:8]: new[:8] for known, new in self._ids.items()}
        paths, policies = self._collect(bodies)
        for one in recordings:
            self._name(one.request.search or "", "file")
        self._name(host or "", "host")
        telling = [name for name in self._replacements if _is_telling(name)]
        self._names = _any_of(telling)
        ids = [known for known in self._ids if known != UNKNOWN_ID]
        plain_files = filter(_is_plain_file, paths)
        checked = [name for name in (*telling, *plain_files) if len(name) >= _SHORTEST]
        self._forbidden = _any_of([*checked, *ids])
        self._sentence = re.compile(
            "|".join(
                (
                    f"(?P<token>{_literals([token] if token else [])})",
                    rf"(?P<before>(?i:policy)[\s:='\"]{{1,3}})(?P<policy>{_any_of(policies).pattern})",
                    f"(?P<known_path>(?:{_literals(paths)}){_ENDS})",
                    *_IN_SENTENCES,
                    f"(?P<name>{self._names.pattern})",
                    f"(?P<word>{TOKEN.pattern})",
                )
            )
        )

    def recording(self, recorded: Recorded) -> dict[str, Any]:
        """Return the redacted recording: request, status, headers and body."""
        request, answer = recorded.request, recorded.answer
        params: dict[str, str | int] = dict(request.params)
        if request.search is not None:
            params = {"search": self._name(request.search, "file"), **params}
        path = request.route.replace("{id}", self._ids.get(request.id, request.id))
        return {
            "request": f"{path}?{urlencode(params)}" if params else path,
            "status": answer.status,
            "headers": {"Content-Type": answer.content_type},
            "body": tags_of(answer.body) if answer.is_html else self._value(A_TEXT, answer.body),
        }

    def is_leaking(self, recording: Mapping[str, Any]) -> bool:
        """Whether a redacted recording still contains the token, or a name or id to be replaced."""
        is_html = recording["headers"]["Content-Type"].startswith("text/html")
        body = None if is_html else recording["body"]  # only the tags of a page are left
        searched = parse_qs(urlsplit(recording["request"]).query).get("search")
        return any(
            self._forbidden.search(text) or (self._token is not None and self._token in text)
            for text in texts_of([body, searched])
        )

    def _collect(self, bodies: Iterable[Any]) -> tuple[list[str], list[str]]:
        """Choose a replacement for each name that appears in a field.

        Returns the paths to find in sentences, and the names of policies.
        """
        found: dict[FieldKind, dict[str, str]] = {kind: {} for kind in FieldKind}
        for body in bodies:
            for field, text in fields_of(body):
                found[kind_of(field, text)].setdefault(text, label_of(field))
        paths, names = list(found[FieldKind.PATH]), found[FieldKind.NAME]
        for path in paths:  # a folder name keeps its label wherever it appears
            for part in _SEPARATORS.split(path)[:-1]:
                self._part(part, "folder")
        for name, label in names.items():
            self._name(name, label)
        for path in paths:
            self._path(path)
        for text, label in found[FieldKind.TEXT].items():
            self._name(text, label)
        whole = [path for path in paths if _SEPARATORS.search(path) or _is_plain_file(path)]
        whole += [
            part for path in paths for part in _SEPARATORS.split(path) if _is_plain_file(part)
        ]
        return whole, [name for name, label in names.items() if label == "policy"]

    def _value(self, field: str, value: Any, *, is_own: bool = False) -> Any:
        match value:
            case dict():
                is_own = is_own or field in OWN_KEYS
                return {
                    self._key(key, is_own=is_own): self._value(
                        "" if is_own else key, one, is_own=is_own
                    )
                    for key, one in value.items()
                }
            case list():
                return [self._value(field, one, is_own=is_own) for one in value]
            case str():
                return self._text(field, value)
        return value

    def _key(self, key: str, *, is_own: bool) -> str:
        is_word = TOKEN.fullmatch(key) is not None and is_allowed_word(key)
        is_field = not is_own and key in FIELDS and not self._names.search(key)
        return key if is_word or is_field else self._name(key, "key")

    def _text(self, field: str, text: str) -> str:
        match kind_of(field, text):
            case FieldKind.KEPT if not (self._names.search(text) or self._forbidden.search(text)):
                return text
            case FieldKind.SENTENCE:
                return self._sentence.sub(self._replaced, text)
            case FieldKind.PATH:
                return self._path(text)
            case FieldKind.ADDRESS:
                return DEFAULT_ADDRESS
        return self._name(text, label_of(field))

    def _replaced(self, found: re.Match[str]) -> str:  # noqa: C901 - one case per kind
        text = found[0]
        match found.lastgroup:
            case "token":
                return "token"
            case "policy":
                return found["before"] + self._name(found["policy"], "policy")
            case "known_path" | "path":
                return self._path(text)
            case "uuid":
                return self._id(text)
            case "url":
                return self._url(text)
            case "host":
                return self._host(text)
            case "hex":
                return self._hex(text)
            case "name":
                return self._name(text, "name")
            case "word":
                if text in self._shorts:
                    return self._shorts[text]
                return text if is_allowed_word(text) else self._name(text, "word")
        return text  # a time or a color

    def _name(self, name: str, label: str) -> str:
        """Return the replacement of a name; it occurs in none of the server's texts so far."""
        while name and name not in self._replacements:
            self._counts[label] = self._counts.get(label, 0) + 1
            replacement = f"{label}-{self._counts[label]}"
            if replacement not in self._taken:
                self._replacements[name] = replacement
        return self._replacements.get(name, "")

    def _path(self, path: str) -> str:
        return "".join(
            part if _SEPARATORS.fullmatch(part) else self._part(part, "file")
            for part in _SEPARATORS.split(path)
        )

    def _part(self, part: str, label: str) -> str:
        if _DRIVE.fullmatch(part) or _SEPARATORS.fullmatch(part):
            return part
        stem, extension = _stem_and_extension(part)
        return self._name(stem, label) + extension

    def _url(self, url: str) -> str:
        try:
            host = urlsplit(url).hostname or ""
        except ValueError:
            host = url
        rest = url.partition("://")[2]
        path = rest[len(re.split(r"[/\\?#]", rest)[0]) :].partition("?")[0].partition("#")[0]
        return f"http://{self._host(host)}{self._path(path)}"

    def _host(self, host: str) -> str:
        return host if _THIS_MACHINE.fullmatch(host) else self._name(host, "host")

    def _hex(self, text: str) -> str:
        number = self._name(text, "hex").rpartition("-")[2]
        return number.rjust(len(text), "0")

    def _id(self, known: str) -> str:
        """Replace a UUID by one that also differs in its first 8 digits, VPO's short form."""
        while known not in self._ids:
            number = self._counts["id"] = self._counts.get("id", 0) + 1
            replacement = f"{number:08x}-0000-4000-8000-{number:012x}"
            if replacement not in self._taken:
                self._ids[known] = replacement
        return self._ids[known]


def _parts(text: str) -> Iterator[str]:
    """Return the possible names in a text: the text, its path parts and their stems."""
    yield text
    for part in _SEPARATORS.split(text):
        yield part
        yield _stem_and_extension(part)[0]


def _stem_and_extension(name: str) -> tuple[str, str]:
    found = _EXTENSION.search(name)
    return (name[: found.start()], found[0]) if found else (name, "")


def _is_plain_file(name: str) -> bool:
    """Whether this is a file name that only its extension distinguishes from ordinary words."""
    stem, extension = _stem_and_extension(name)
    return bool(extension) and not _is_telling(stem)


def _is_telling(name: str) -> bool:
    """Whether a name reveals more than harmless words; numbers and times occur everywhere."""
    has_letters = any(character.isalpha() or not character.isascii() for character in name)
    is_word = TOKEN.fullmatch(name) is not None and is_allowed_word(name)
    return has_letters and not is_word and not re.fullmatch(TIME, name)


def _literals(texts: Iterable[str]) -> str:
    """Match any of these texts, longest first; matches nothing if there are none."""
    longest_first = sorted(set(texts), key=len, reverse=True)
    return "|".join(map(re.escape, longest_first)) or r"(?!)"


def _any_of(names: Iterable[str]) -> re.Pattern[str]:
    """Match any of these names unless it is part of a longer word."""
    names = list(names)
    words = [name for name in names if re.match(r"\w", name)]
    others = [name for name in names if not re.match(r"\w", name)]
    return re.compile(
        rf"(?:(?<!\w)(?:{_literals(words)})|(?:{_literals(others)}))(?:(?<=\W)|(?!\w))"
    )
