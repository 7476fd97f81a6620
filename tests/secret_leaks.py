"""Secrets that are recognised wherever they come out, and however they are spelled there."""

import ast
import base64
import html
import re
from urllib.parse import unquote_plus

TOKEN = 'x7Qp/2ZtL9vBc+8Wd☃5"m\nK3&hR6y%41Js<4Nf>1Ug'
"""No header may hold its newline and its snowman."""
PASSWORD = "e8Vw&3Hn5<Ty>7Rb%41 2Xk9ö+Mz6/Qc4"
USER = "vpo-monitor"

_IN_A_ROW = 8
"""So many characters of a secret in a row are a leak: a part of it may be cut off."""
_WHOLE = 4
"""Characters of Base64 for three bytes."""
_ESCAPE = re.compile(r"""\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U000[0-9a-fA-F]{5}|[nrt\\'"])""")


def leaks(said: str | bytes, *secrets: str) -> list[str]:
    """The spellings of the secrets that are in what was said; empty is as it should be."""
    text = said if isinstance(said, str) else said.decode("utf-8", "replace")
    texts = {text, unquote_plus(text), html.unescape(text), _unescaped(text)}
    return [
        f"{spelling} of {secret[:_IN_A_ROW]}… in {one[max(0, place - 60) : place + 60]!r}"
        for secret in secrets or (TOKEN, PASSWORD)
        for spelling, parts in _spellings(secret).items()
        for part in parts
        for one in texts
        if (place := one.find(part)) >= 0
    ]


def _spellings(secret: str) -> dict[str, set[str]]:
    plain = {secret[at : at + _IN_A_ROW] for at in range(len(secret) - _IN_A_ROW + 1)}
    octets = secret.encode()
    return {
        "a part": plain,
        "the Base64": {_base64_within(octets, before) for before in range(3)},
        "the Base64 with the user": {base64.b64encode(f"{USER}:{secret}".encode()).decode()},
        "the hexadecimal": {octets.hex(), octets.hex(" ")},
    }


def _base64_within(octets: bytes, before: int) -> str:
    """What is the same in the Base64 of any text that holds these after so many others."""
    encoded = base64.b64encode(b"\0" * before + octets).decode()
    return encoded[_WHOLE if before else 0 : -_WHOLE]


def _unescaped(text: str) -> str:
    """What a `repr` or JSON would have been of."""
    return _ESCAPE.sub(lambda escape: str(ast.literal_eval(f'"{escape[0]}"')), text)
