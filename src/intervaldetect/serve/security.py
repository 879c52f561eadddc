"""Who may ask: only pages of this server, told by the token in their address, Host and Origin.

The server listens on loopback alone, but any page in the browser can send requests there, and a
foreign name can be made to point at it (DNS rebinding). So every request must name this very
address as its host, come from no other page, and carry the token, whatever it asks for.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'none'"
)
HEADERS = {
    "content-security-policy": f"{POLICY}; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-store",
}
SAFE = frozenset({"GET", "HEAD"})


@dataclass(frozen=True, slots=True)
class Place:
    """Where a server listens, and the token that every address of it begins with."""

    port: int
    token: str

    @property
    def hosts(self) -> tuple[str, ...]:
        """What a request may name as its host."""
        return f"127.0.0.1:{self.port}", f"localhost:{self.port}"

    @property
    def address(self) -> str:
        """The address of the first page."""
        return f"http://{self.hosts[0]}/{self.token}/"


def new_token() -> str:
    """Return 192 random bits for an address."""
    return secrets.token_urlsafe(24)


class Guard:
    """Refuses what is not asked by this server's own pages, and gives every answer its headers.

    Parameters
    ----------
    app : ASGI application
        Asked with the token taken off the path.
    place : Place
    """

    def __init__(self, app: ASGIApp, place: Place) -> None:
        self.app = app
        self.place = place

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        reason = "not an HTTP request" if scope["type"] != "http" else self.refusal(scope)
        if reason:
            answer = PlainTextResponse(f"{reason}\n", 403)
            await answer(scope, receive, send_with_headers)
            return
        root = f"/{self.place.token}"
        inner = {**scope, "path": scope["path"].removeprefix(root), "root_path": ""}
        await self.app(inner, receive, send_with_headers)

    def refusal(self, scope: Scope) -> str | None:
        """Return why a request is refused, None where it is not."""
        headers = Headers(scope=scope)
        if headers.getlist("host") not in [[host] for host in self.place.hosts]:
            return "This server answers to its own address only (Host)."
        own = {f"http://{host}" for host in self.place.hosts}
        origins = headers.getlist("origin")
        if any(origin not in own for origin in origins):
            return "Asked by a page of another address (Origin)."
        if headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}:
            return "Asked by a page of another address (Sec-Fetch-Site)."
        if scope["method"] not in SAFE and not origins:
            return "What changes something says where it comes from (Origin)."
        first = scope["path"].split("/")[1]
        if not hmac.compare_digest(first.encode(), self.place.token.encode()):
            return "Open the address that intervaldetect serve has printed: the token is missing."
        return None
