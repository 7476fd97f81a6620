"""Who is in: the tokens that browsers hold, and those that are good no more."""

import hashlib
import secrets
import threading
from collections import OrderedDict

MAX_TOKENS = 10_000
"""Those used least recently go first: a browser that was closed does not say so."""


class LoginTokens:
    """Tokens of browsers, kept as digests only; for all sessions of the process and any thread.

    Logins that another program keeps, such as Streamlit's by an account, are known by an identity.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._in = _Recent()
        self._barred = _Recent()

    def let_in(self) -> str:
        """A new token, by which its holder is in from now on."""
        token = secrets.token_urlsafe(32)
        with self._lock:
            self._in.add(digest(token))
        return token

    def is_in(self, token: str) -> bool:
        """Whether the token was given here and has not been put out."""
        known = digest(token)
        with self._lock:
            return self._in.touch(known)

    def put_out(self, token: str) -> None:
        """End what the token allows, in every tab and for every copy of it."""
        with self._lock:
            self._in.discard(digest(token))

    def bar(self, identity: str) -> None:
        """Have a login that another program keeps be good no more."""
        with self._lock:
            self._barred.add(digest(identity))

    def is_barred(self, identity: str) -> bool:
        """Whether that login has been ended here."""
        known = digest(identity)
        with self._lock:
            return self._barred.touch(known)


class _Recent:
    """The MAX_TOKENS digests that were used last."""

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
    """What is kept of a secret and compared: it tells neither the text nor its length."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
