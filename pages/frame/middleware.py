"""What every request passes before Streamlit and our own routes see it, and what every answer carries."""

import os
import re
from collections.abc import Iterable

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from .compressed import CompressedClient

ON_THIS_MACHINE = ["127.0.0.1", "::1", "::ffff:127.0.0.1"]
"""A proxy beside the app. A server that listens for both kinds of addresses sees it under the third."""
_HOST = re.compile(r"[\w.-]+(:\d+)?|\[[0-9a-fA-F:]+\](:\d+)?")
_ASKED = re.compile(r"[\w\s.:/*'-]+")


def middleware(inline_scripts: Iterable[str]) -> list[Middleware]:
    """From the outside in. inline_scripts: the hashes of the scripts that stand in the page itself, as the policy writes them.

    FORWARDED_ALLOW_IPS names the proxies whose X-Forwarded-Proto is believed: so links are https where a visitor's are. uvicorn
    reads it as well, but by itself believes 127.0.0.1 alone.
    """
    believed = os.environ.get("FORWARDED_ALLOW_IPS") or ON_THIS_MACHINE
    return [
        Middleware(ProxyHeadersMiddleware, trusted_hosts=believed),
        Middleware(
            Guarded,
            scripts=" ".join(inline_scripts),
            frames=os.environ.get("KL_FRAME_ANCESTORS", ""),
            metrics=os.environ.get("KL_METRICS") == "1",
        ),
        Middleware(CompressedClient),
    ]


def _also_in_frames(name: bytes, value: bytes) -> bytes:
    """Streamlit's cookie against forged uploads, kept also in a frame of another site: there one for each such site (CHIPS).

    A forger still can neither read it nor send the header that has to repeat it. Browsers take such a cookie over https alone.
    """
    if name.lower() == b"set-cookie" and value.startswith(b"_streamlit_xsrf=") and value.endswith(b"SameSite=Lax"):
        return value.removesuffix(b"Lax") + b"None; Secure; Partitioned"
    return value


class Guarded:
    """Adds the headers that keep a browser from what no page of ours does.

    frames: who may show the app in a frame, as `frame-ancestors` takes it; "" lets everybody, since teachers embed.
    metrics: whether /_stcore/metrics answers, which tells anybody how many are here.
    """

    def __init__(self, app: ASGIApp, scripts: str, frames: str = "", metrics: bool = False) -> None:
        if frames and not _ASKED.fullmatch(frames):
            raise ValueError("KL_FRAME_ANCESTORS holds sites separated by spaces, such as 'self' https://moodle.example.edu.")
        self.app, self.scripts, self.frames, self.metrics = app, scripts, frames, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def guarded_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Referrer-Policy"] = "same-origin"
                headers["Content-Security-Policy"] = self.policy(Headers(scope=scope).get("host", ""))
                headers.setdefault("Cache-Control", "no-cache")
                if scope["scheme"] == "https":
                    message["headers"] = [(name, _also_in_frames(name, value)) for name, value in message["headers"]]
            await send(message)

        hidden = scope["path"].rstrip("/").endswith("/_stcore/metrics") and not self.metrics
        app = PlainTextResponse("Metrics are shown where KL_METRICS is 1.", status_code=404) if hidden else self.app
        await app(scope, receive, guarded_send)

    def policy(self, host: str) -> str:
        """The Content-Security-Policy. Streamlit sets styles in place, and imports a component's few lines as a blob."""
        sockets = f" ws://{host} wss://{host}" if _HOST.fullmatch(host) else ""  # older Safari does not count them to 'self'
        rules = {
            "default-src": "'self'",
            "script-src": f"'self' blob: {self.scripts}".strip(),
            "style-src": "'self' 'unsafe-inline'",
            "img-src": "'self' data: blob:",
            "font-src": "'self' data:",
            "connect-src": f"'self'{sockets}",
            "worker-src": "'self' blob:",
            "object-src": "'none'",
            "base-uri": "'none'",
            "form-action": "'self'",
        } | ({"frame-ancestors": self.frames} if self.frames else {})
        return "; ".join(f"{name} {sources}" for name, sources in rules.items())
