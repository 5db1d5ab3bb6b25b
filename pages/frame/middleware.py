"""What every request passes before Streamlit and our own routes see it."""

import os

from starlette.middleware import Middleware
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

ON_THIS_MACHINE = ["127.0.0.1", "::1", "::ffff:127.0.0.1"]
"""A proxy beside the app. A server that listens for both kinds of addresses sees it under the third."""


def middleware() -> list[Middleware]:
    """From the outside in.

    FORWARDED_ALLOW_IPS names the proxies whose X-Forwarded-Proto is believed: so links are https where a visitor's are. uvicorn
    reads it as well, but by itself believes 127.0.0.1 alone.
    """
    believed = os.environ.get("FORWARDED_ALLOW_IPS") or ON_THIS_MACHINE
    return [Middleware(ProxyHeadersMiddleware, trusted_hosts=believed)]
