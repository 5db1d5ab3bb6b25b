"""The HTML around the app: Streamlit's own shell with our title, description and preview for shared links; and the
live picture's script, by an address of its own.

It also names the server's base address. Left to itself, Streamlit's client first looks for the server below a deep
link's own path and logs two failed requests.
"""

from functools import lru_cache
from html import escape
from pathlib import Path

import streamlit
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Route

from .frame_map import DESCRIPTION, MAP, TITLE
from .live import script, script_address

_ASSETS = Path(__file__).parent / "assets"
_STREAMLIT_SHELL = Path(streamlit.__file__).parent / "static" / "index.html"


def routes() -> list[Route]:
    """Routes that come before Streamlit's own: the shell for each page of the map, and the icon."""
    paths = ["/", *(f"/{one.name}" for one in MAP[1:])]
    return [Route(path, _shell) for path in paths] + [
        Route(script_address(), _script),
        Route("/icon.svg", lambda _: FileResponse(_ASSETS / "icon.svg")),
        Route("/preview.png", lambda _: FileResponse(_ASSETS / "preview.png")),
    ]


def _shell(request: Request) -> Response:
    name = request.url.path.strip("/")
    title = next((one.title for one in MAP[1:] if one.name == name), None)
    page_title = f"{title} · {TITLE}" if title else TITLE
    return HTMLResponse(_page(page_title, f"{request.url.scheme}://{request.url.netloc}"))


def _script(_: Request) -> Response:
    return Response(script(), media_type="text/javascript", headers={"Cache-Control": "public, max-age=31536000, immutable"})


@lru_cache(maxsize=64)
def _page(title: str, origin: str) -> str:
    head = f"""<title>{escape(title)}</title>
    <meta name="description" content="{escape(DESCRIPTION)}" />
    <meta property="og:title" content="{escape(title)}" />
    <meta property="og:description" content="{escape(DESCRIPTION)}" />
    <meta property="og:image" content="{escape(origin)}/preview.png" />
    <script>window.__streamlit = {{ BACKEND_BASE_URL: window.location.origin }}</script>"""
    shell = _STREAMLIT_SHELL.read_text(encoding="utf-8")
    return shell.replace("<title>Streamlit</title>", head).replace('href="./favicon.png"', 'href="/icon.svg" type="image/svg+xml"')
