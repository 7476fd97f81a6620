"""The kinds of text in VPO's fields, by field name, for redaction."""

import re
from enum import Enum, auto

from vpo_monitor.recording.allowed_words import TOKEN, is_allowed_word


class FieldKind(Enum):
    """How to redact a text."""

    KEPT = auto()
    """Kept: a word of VPO, of a format or of a language."""
    SENTENCE = auto()
    """Replaced word by word: a sentence, a log line, an id or a time."""
    PATH = auto()
    NAME = auto()
    """Replaced as a whole, even if it is a harmless word."""
    ADDRESS = auto()
    """VPO's own address."""
    TEXT = auto()
    """An unknown field: replaced as a whole unless it is one harmless word."""


_WORD, _FORMAT = r"[A-Za-z_]{1,40}", r"[\w.,()-]{1,40}"
_LANGUAGE = r"[a-z]{2,3}(?:-[A-Z]{2})?"
_LANGUAGES = rf"—|{_LANGUAGE}(?:, {_LANGUAGE})*(?: \+\d+ more)?"
_KEPT = {
    "version": r"\d+(?:\.\d+){1,3}(?:(?:a|b|rc|\.dev|\.post)\d+)?(?:\+g?[0-9a-f]{1,40})?",
    "git_hash": r"[0-9a-f]{7,40}",
    "docs_url": r"https://github\.com/[\w./-]+",
    "frame_rate": r"\d+/\d+",
    "size_human": r"\d+(?:\.\d+)? [KMGT]?B",
    **dict.fromkeys(("status", "database", "job_type", "scan_status", "track_type"), _WORD),
    **dict.fromkeys(("encoder_type", "code"), _WORD),
    **dict.fromkeys(("language", "audio_languages", "subtitle_languages"), _LANGUAGES),
}
"""Fields that are kept, with the pattern of their values; other values are redacted."""
_FORMATS = frozenset(
    {
        *("codec", "video_source_codec", "video_target_codec", "container_format", "label"),
        *("resolution", "channel_layout", "extension"),
    }
)
"""Fields that are kept if each word is harmless, such as `matroska,webm`."""
_SENTENCES = frozenset(
    {
        *("error", "error_message", "message", "scan_error", "parse_error", "config_reload_error"),
        *("summary", "video_skip_reason", "lines", "details", "id_short"),
    }
)
_NAMES = {
    **dict.fromkeys(("policy_name", "name"), "policy"),
    **dict.fromkeys(("title", "display_name", "description", "category"), "text"),
    "profile_name": "profile",
}
_PATH_FIELD = re.compile(r"(?:\w+_)?(?:path|filename|directory|folder)")
_PATH = re.compile(r"(?:[A-Za-z]:)?[\\/]")
TIME = r"\d{4}-(?:\d\d(?:-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?)?)?|W\d\d)"
UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
HEX = r"[0-9a-fA-F]{16,}"
"""A hexadecimal value such as a file's hash; shorter ones are ambiguous."""
_ID_OR_TIME = re.compile(f"{TIME}|{UUID}|{HEX}")
FIELDS = frozenset(
    {
        *("audio_tracks_preserved", "config_reload_count", "config_reload_error"),
        "destination_path",
        *("fail_count", "has_filters", "has_many_tracks", "id_short", "last_config_reload"),
        *("shutting_down", "size_change", "size_human"),
    }
)
"""VPO's fields whose words may also be names."""
OWN_KEYS = frozenset({"container_tags", "plugin_metadata"})
"""Objects whose keys come from users and other programs, so a key says nothing about its value."""


def kind_of(field: str, text: str) -> FieldKind:
    """Return how to redact a text in a field, or in a list in that field."""
    if field in _KEPT and re.fullmatch(_KEPT[field], text):
        return FieldKind.KEPT
    if field in _FORMATS and re.fullmatch(_FORMAT, text):
        words = re.split(r"[^\w]+", text)
        return FieldKind.KEPT if all(map(is_allowed_word, words)) else FieldKind.TEXT
    if field == "api_url":
        return FieldKind.ADDRESS
    if field in _SENTENCES or _ID_OR_TIME.fullmatch(text):
        return FieldKind.SENTENCE
    if _PATH_FIELD.fullmatch(field) or _PATH.match(text):
        return FieldKind.PATH
    if field in _NAMES:
        return FieldKind.NAME
    is_one_word = TOKEN.fullmatch(text) is not None and is_allowed_word(text)
    return FieldKind.KEPT if is_one_word or not text.strip() else FieldKind.TEXT


def label_of(field: str) -> str:
    """Return the label for replaced names in this field."""
    return _NAMES.get(field, "text")
