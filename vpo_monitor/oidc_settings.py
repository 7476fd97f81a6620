"""Login with an OpenID Connect account: its configuration, and who is allowed in."""

import importlib.util
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from pydantic import Secret

CALLBACK = "/oauth2callback"
"""The end of the path to which a provider sends viewers back."""
_EVERYBODY = "*"


@dataclass(frozen=True)
class Oidc:
    """The `[auth]` table of secrets.toml.

    `providers` are their names, `default` for one without a name. `problem` is a sentence that says
    why this login does not work. `table` is not shown, as it has the secrets.
    """

    providers: tuple[str, ...]
    allowed: tuple[str, ...]
    problem: str | None = None
    allow_unverified: bool = False
    table: Secret[Mapping[str, Any]] = field(default_factory=lambda: Secret({}))

    def provider(self, name: str) -> Mapping[str, Any]:
        """The part of the table about one provider: `client_id` and the rest."""
        table = self.table.get_secret_value()
        named = table.get(name)
        return named if isinstance(named, Mapping) else table


def read_oidc(
    auth: Any, allowed: tuple[str, ...], *, allow_unverified: bool = False
) -> Oidc | None:
    """Read the `[auth]` table and the users in `allowed`; None if there is no such table."""
    if auth is None:
        return None
    if not isinstance(auth, Mapping):
        problem = "[auth] in secrets.toml is not a table. See Streamlit's documentation."
        return Oidc((), allowed, problem)
    named = [name for name, value in auth.items() if _is_provider(value)]
    providers = ("default", *named) if _is_provider(auth) else tuple(named)
    return Oidc(
        providers, allowed, _problem(auth, providers, allowed), allow_unverified, Secret(auth)
    )


def _problem(
    auth: Mapping[str, Any], providers: tuple[str, ...], allowed: tuple[str, ...]
) -> str | None:
    if not allowed:
        return (
            "secrets.toml has an [auth] section, but no account may log in. Set "
            "VPO_MONITOR_ALLOWED_EMAILS to addresses or domains, then restart the app."
        )
    for key in ("redirect_uri", "cookie_secret"):
        if not auth.get(key):
            return f"[auth] in secrets.toml has no {key}, so no account can log in."
    if not urlsplit(str(auth["redirect_uri"])).path.endswith(CALLBACK):
        return f"redirect_uri in [auth] of secrets.toml must end in {CALLBACK}."
    if not providers:
        return "[auth] in secrets.toml has no provider. Set client_id and the other values."
    if importlib.util.find_spec("authlib") is None:
        return (
            "Account login requires another package. Run "
            "'python -m pip install streamlit[auth]', then restart the app."
        )
    return None


def _is_provider(value: Any) -> bool:
    return isinstance(value, Mapping) and bool(value.get("client_id"))


def is_allowed(
    user: Mapping[str, Any], allowed: Iterable[str], *, allow_unverified: bool = False
) -> bool:
    """Whether `allowed` contains the user with these identity token claims.

    `allowed` contains email addresses and domains, the latter with or without a leading @. A domain
    does not include its subdomains. `*` allows every user known to the provider. Addresses that the
    provider doesn't mark as verified are rejected, unless `allow_unverified` is true.
    """
    written = [entry.strip() for entry in allowed]
    if _EVERYBODY in written:
        return bool(user)  # but not a user without any claims
    entries = {_folded(entry.removeprefix("@")) for entry in written}
    email = user.get("email")
    is_verified = str(user.get("email_verified")).lower() == "true"  # some write it as text
    if not isinstance(email, str) or not (is_verified or allow_unverified):
        return False
    _, at, domain = email.rpartition("@")
    return bool(at and domain) and not entries.isdisjoint({_folded(email), _folded(domain)})


def _folded(text: str) -> str:
    """Fold case, except where that would change a letter into another (the Kelvin sign into k)."""
    return text.lower() if text.isascii() else text
