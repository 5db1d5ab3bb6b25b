"""Answers that are compressed once, and not for each who asks.

Streamlit sends its client as its files stand, three megabytes a visitor, and its middleware packs everything else anew for each
request. What does not change is packed here once: the client's files by `CompressedClient`, which also sends the small fonts (`fonts`),
our own texts by `text_response`.
"""

import asyncio
import gzip
import hashlib
import re
from functools import cache, lru_cache
from pathlib import Path

import streamlit
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import config

from . import fonts

CLIENT = Path(streamlit.__file__).parent / "static"
FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
_KINDS = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".json": "application/json", ".wasm": "application/wasm"}
_REFUSED = re.compile(r"\bgzip\s*;\s*q\s*=\s*0(?:\.0*)?\s*(?:,|$)")


def takes_gzip(headers: Headers) -> bool:
    """Whether the browser says that it can unpack what is packed by gzip."""
    accepted = headers.get("accept-encoding", "").lower()
    return "gzip" in accepted and not _REFUSED.search(accepted)


def text_response(request: Request, text: str, kind: str, headers: dict[str, str] | None = None) -> Response:
    """A text that many ask for, packed once; with a tag by which a browser asks whether it has changed."""
    packed, tag = _packed_text(text)
    gzipped = takes_gzip(request.headers)
    named = {"Vary": "Accept-Encoding", "ETag": tag if gzipped else tag.replace("-gz", "")} | (headers or {})
    if _has(request.headers, named["ETag"]):
        return Response(status_code=304, headers=named)
    if gzipped:
        return Response(packed, media_type=kind, headers=named | {"Content-Encoding": "gzip"})
    return Response(text, media_type=kind, headers=named)


@lru_cache(maxsize=48)
def _packed_text(text: str) -> tuple[bytes, str]:
    raw = text.encode()
    return _pack(raw), _tag(raw)


def _pack(raw: bytes) -> bytes:
    return gzip.compress(raw, 9, mtime=0)


def _tag(raw: bytes) -> str:
    """Of the packed form; the plain one is another representation, so it has another tag."""
    return f'"{hashlib.sha256(raw).hexdigest()[:20]}-gz"'


def _has(headers: Headers, tag: str) -> bool:
    """Whether the browser has this very form. A proxy may have made the tag a weak one."""
    return tag in {one.strip().removeprefix("W/") for one in headers.get("if-none-match", "").split(",")}


class CompressedClient:
    """Sends those files of Streamlit's client that shrink, each packed once; all else is left to the app.

    It stands in front of Streamlit, which takes no route of ours below its own files.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        font = _font(scope)
        if font is not None:
            await Response(font, media_type="font/woff2", headers=FOR_EVER)(scope, receive, send)
            return
        name = _file(scope)
        if name is None:
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if not takes_gzip(headers) or "range" in headers:
            await self.app(scope, receive, _varying(send))
            return
        packed, tag = await asyncio.to_thread(_packed_file, name)
        named = FOR_EVER | {"Vary": "Accept-Encoding", "ETag": tag, "Content-Encoding": "gzip"}
        if _has(headers, tag):
            del named["Content-Encoding"]
            await Response(status_code=304, headers=named)(scope, receive, send)
            return
        response = Response(packed, media_type=_KINDS[Path(name).suffix], headers=named)
        if scope["method"] == "HEAD":
            response.body = b""
        await response(scope, receive, send)


def prepare(names: list[str]) -> None:
    """Packs files of the client before anybody has asked, by their paths below `CLIENT`."""
    for name in names:
        if name in _files():
            _packed_file(name)


def _file(scope: Scope) -> str | None:
    """The path below `CLIENT` of the file that is asked for, if it is one that shrinks."""
    if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
        return None
    return _below(scope) if _below(scope) in _files() else None


def _font(scope: Scope) -> bytes | None:
    """The small font in the place of the one that is asked for, unless that is asked for as a whole."""
    if scope["type"] != "http" or scope["method"] != "GET" or scope["query_string"] == fonts.WHOLE:
        return None
    return fonts.small().get(_below(scope))


def _below(scope: Scope) -> str:
    """The path that is asked for, below the app's own."""
    return scope["path"].removeprefix(scope.get("root_path", "")).removeprefix(_base())[1:]


@cache
def _base() -> str:
    path = (config.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{path}" if path else ""


@cache
def _files() -> frozenset[str]:
    """All that shrink, by name: a path that is none of them never reaches the file system. Their names hold a hash of what is in them."""
    return frozenset(path.relative_to(CLIENT).as_posix() for path in (CLIENT / "static").rglob("*") if path.suffix in _KINDS)


@cache
def _packed_file(name: str) -> tuple[bytes, str]:
    raw = (CLIENT / name).read_bytes()
    return _pack(raw), _tag(raw)


def _varying(send: Send) -> Send:
    """The plain form of a file says that there is another, so that a proxy keeps them apart."""

    async def varying_send(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).add_vary_header("Accept-Encoding")
        await send(message)

    return varying_send
