"""Where an answer stands in the store: names that tell neither what was asked nor the token."""

import hashlib
import hmac
import json

from vpo_monitor.api.json_http import Params
from vpo_monitor.api.server import Server

_ROUNDS = 100_000
"""About 0.05 s once a process: who reads the store cannot try out many tokens."""


class Keys:
    """Names the answers of one server to one token; with another token they have other names."""

    def __init__(self, server: Server) -> None:
        token = "" if server.token is None else server.token.get_secret_value()
        address = server.url.encode("utf-8", "replace")
        self._key = hashlib.pbkdf2_hmac(
            "sha256", token.encode("utf-8", "replace"), address, _ROUNDS
        )
        self.budget = f"budget:{hashlib.sha256(address).hexdigest()}"
        """Of all tokens together, as a server limits what comes from an address."""

    def of(self, path: str, params: Params | None) -> str:
        """The name of what a GET brings; parameters that are None are none."""
        given = sorted((name, value) for name, value in (params or {}).items() if value is not None)
        asked = json.dumps([path, given]).encode()
        return hmac.new(self._key, asked, "sha256").hexdigest()
