"""Login with an account elsewhere (OpenID Connect): what is set up, and whom it lets in."""

import importlib.util
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

_EVERYBODY = "*"


@dataclass(frozen=True)
class Oidc:
    """The `[auth]` block of secrets.toml, as far as it may be shown.

    `providers` are the names by which Streamlit knows them; `problem` is a sentence that says why
    nobody can log in this way.
    """

    providers: tuple[str, ...]
    allowed: tuple[str, ...]
    problem: str | None = None


def read_oidc(auth: Any, allowed: tuple[str, ...]) -> Oidc | None:
    """What an `[auth]` block sets up for those in `allowed`; None where there is no such block."""
    if auth is None:
        return None
    if not isinstance(auth, Mapping):
        problem = "[auth] in secrets.toml is not a table. Write it as Streamlit describes."
        return Oidc((), allowed, problem)
    named = [name for name, value in auth.items() if _is_provider(value)]
    providers = ("default", *named) if _is_provider(auth) else tuple(named)
    return Oidc(providers, allowed, _problem(auth, providers, allowed))


def _problem(
    auth: Mapping[str, Any], providers: tuple[str, ...], allowed: tuple[str, ...]
) -> str | None:
    if not allowed:
        return (
            "secrets.toml has an [auth] block, but nobody is allowed in. Set "
            "VPO_MONITOR_ALLOWED_EMAILS to their addresses or domains and start the app again."
        )
    for key in ("redirect_uri", "cookie_secret"):
        if not auth.get(key):
            return f"[auth] in secrets.toml has no {key}, so nobody can log in with an account."
    if not providers:
        return "[auth] in secrets.toml names no provider: client_id and the rest are missing."
    if importlib.util.find_spec("authlib") is None:
        return (
            "Login with an account needs one more package. Install it with "
            "'python -m pip install streamlit[auth]' and start the app again."
        )
    return None


def _is_provider(value: Any) -> bool:
    return isinstance(value, Mapping) and bool(value.get("client_id"))


def is_allowed(user: Mapping[str, Any], allowed: Iterable[str]) -> bool:
    """Whether the claims of an identity token are those of somebody whom `allowed` names.

    It holds e-mail addresses, and domains of which every address may: written with or without an @
    before it, a domain does not stand for those below it. `*` is everybody whom the provider
    knows. An address that the provider itself calls unverified is anybody's, and so nobody's.
    """
    written = [entry.strip() for entry in allowed]
    if _EVERYBODY in written:
        return bool(user)  # but not somebody of whom nothing is known
    entries = {_folded(entry.removeprefix("@")) for entry in written}
    email, verified = user.get("email"), user.get("email_verified", True)
    if not isinstance(email, str) or str(verified).lower() != "true":
        return False
    _, at, domain = email.rpartition("@")
    return bool(at and domain) and not entries.isdisjoint({_folded(email), _folded(domain)})


def identity(user: Mapping[str, Any]) -> str:
    """What tells one login from another: all that the provider said, with when it said it.

    A copy of the cookie has the same, however its text was varied. Tokens are left out: they are
    not part of what was said, and may be renewed.
    """
    claims = {name: value for name, value in user.items() if name != "tokens"}
    return json.dumps(claims, sort_keys=True, default=str)


def _folded(text: str) -> str:
    """Without regard to case, but not where that would make one letter another (K, the Kelvin)."""
    return text.lower() if text.isascii() else text
