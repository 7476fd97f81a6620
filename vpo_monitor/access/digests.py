"""Comparing secrets without telling anything about them by the time it takes."""

import hashlib
import hmac


def digest(text: str) -> bytes:
    """A digest of a secret, which reveals neither the text nor its length."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def is_same_secret(entered: str, expected: str) -> bool:
    """Whether both are the same."""
    return hmac.compare_digest(digest(entered), digest(expected))
