"""An identity provider (OpenID Connect) on this machine, which lets in whom the test says."""

import contextlib
import secrets
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

CLIENT = "vpo-monitor"


@dataclass
class Provider:
    """`claims` are those of whoever logs in next; nobody is asked for anything."""

    url: str
    claims: dict[str, Any] = field(default_factory=dict)
    _nonces: dict[str, str] = field(default_factory=dict)
    _key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048))

    def secrets_toml(self, app: str) -> str:
        """The block of secrets.toml by which the app at that address uses this provider."""
        return (
            f'[auth]\nredirect_uri = "{app}/oauth2callback"\n'
            f'cookie_secret = "{secrets.token_hex()}"\n'
            f'client_id = "{CLIENT}"\nclient_secret = "{secrets.token_hex()}"\n'
            f'server_metadata_url = "{self.url}/.well-known/openid-configuration"\n'
        )

    def routes(self) -> list[Route]:
        return [
            Route("/.well-known/openid-configuration", self._metadata),
            Route("/authorize", self._authorize),
            Route("/token", self._token, methods=["POST"]),
            Route("/keys", self._keys),
        ]

    async def _metadata(self, _request: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self.url,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "jwks_uri": f"{self.url}/keys",
                "id_token_signing_alg_values_supported": ["RS256"],
                "response_types_supported": ["code"],
            }
        )

    async def _authorize(self, request: Request) -> Response:
        asked = request.query_params
        code = secrets.token_hex()
        self._nonces[code] = asked["nonce"]
        return RedirectResponse(f"{asked['redirect_uri']}?code={code}&state={asked['state']}")

    async def _token(self, request: Request) -> Response:
        code = str((await request.form())["code"])
        now = int(time.time())
        claims = {
            "iss": self.url,
            "aud": CLIENT,
            "sub": "17",
            "iat": now,
            "exp": now + 600,
            "nonce": self._nonces.pop(code),
            **self.claims,
        }
        token = jwt.encode({"alg": "RS256", "kid": "1"}, claims, self._key)
        return JSONResponse({"access_token": "unused", "token_type": "Bearer", "id_token": token})

    async def _keys(self, _request: Request) -> Response:
        return JSONResponse({"keys": [{**self._key.as_dict(private=False), "kid": "1"}]})


@contextlib.contextmanager
def running_provider() -> Iterator[Provider]:
    """A provider that listens on a port of its own."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        provider = Provider(f"http://127.0.0.1:{listener.getsockname()[1]}")
        server = uvicorn.Server(
            uvicorn.Config(Starlette(routes=provider.routes()), log_level="warning")
        )
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        yield provider
        server.should_exit = True
        thread.join(10)
