"""Tokens of logged-in browsers, and logins that have been revoked."""

import hashlib
import secrets
import threading
from collections import OrderedDict

MAX_TOKENS = 10_000
"""The least recently used are dropped first, because a closed browser sends no logout."""


class LoginTokens:
    """Tokens of browsers, stored only as digests, for all sessions of the process. Thread-safe.

    Logins managed elsewhere, such as Streamlit's account login, are known by an identity.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._in = _Recent()
        self._barred = _Recent()

    def let_in(self) -> str:
        """Log a browser in and return its new token."""
        token = secrets.token_urlsafe(32)
        with self._lock:
            self._in.add(digest(token))
        return token

    def is_in(self, token: str) -> bool:
        """Whether the token was issued here and not revoked."""
        known = digest(token)
        with self._lock:
            return self._in.touch(known)

    def put_out(self, token: str) -> None:
        """Revoke the token in every tab, including copies of it."""
        with self._lock:
            self._in.discard(digest(token))

    def bar(self, identity: str) -> None:
        """Revoke a login that is managed elsewhere."""
        with self._lock:
            self._barred.add(digest(identity))

    def is_barred(self, identity: str) -> bool:
        """Whether that login was revoked here."""
        known = digest(identity)
        with self._lock:
            return self._barred.touch(known)


class _Recent:
    """The MAX_TOKENS most recently used digests."""

    def __init__(self) -> None:
        self._digests: OrderedDict[bytes, None] = OrderedDict()

    def add(self, digest: bytes) -> None:
        self._digests[digest] = None
        self._digests.move_to_end(digest)
        if len(self._digests) > MAX_TOKENS:
            self._digests.popitem(last=False)

    def touch(self, digest: bytes) -> bool:
        if digest not in self._digests:
            return False
        self._digests.move_to_end(digest)
        return True

    def discard(self, digest: bytes) -> None:
        self._digests.pop(digest, None)


def digest(text: str) -> bytes:
    """Return the digest to store and compare; it reveals neither the text nor its length."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
