"""The HTML around the app: Streamlit's own shell with our title, description and preview for shared links; and what the
browser asks for by addresses of their own: scripts, a link's QR code, the page for an address that has none.

It also names the server's base address. Left to itself, Streamlit's client first looks for the server below a deep
link's own path and logs two failed requests.

The app may stand below any path of its host, and only the browser knows which: a proxy may have cut it off before the
request arrives here. So every address that is sent out is relative to the one that was asked for.
"""

import re
from asyncio import to_thread
from base64 import b64encode
from collections.abc import Callable
from functools import lru_cache
from hashlib import sha256
from html import escape
from pathlib import Path

from starlette.convertors import StringConvertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from streamlit import config

from ..shared.map import DESCRIPTION, MAP, page_title
from ..shared.scripts import Script, base_call, base_function, preloaded, served, version
from . import client, fonts
from .answers import Named, answer_route
from .compressed import FOR_EVER, text_response
from .first import html as first_html
from .first.pictures import Pictures
from .not_found import not_found
from .presets.links import expanded
from .qr import qr_svg
from .room.pages import Judge, Questions, no_questions, nobody
from .room.routes import new_hub, room_routes

SCRIPTS = (Script("frame/history.js"), Script("frame/drawer.js"))  # before Streamlit's own, which writes the address
_ASSETS = Path(__file__).parent / "assets"
_PATH = re.compile(r"(?:/[\w.~+%@-]+)+/?")
_A_DAY = {"Cache-Control": "public, max-age=86400"}
_NOT_KEPT = {"Cache-Control": "no-store"}
_CLIENT = re.compile(r'<script type="module"[^>]*></script>|<link rel="(?:modulepreload|stylesheet)"[^>]*>')
_INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)


class _Elsewhere(StringConvertor):
    """A path that is no page's, and nothing of Streamlit's own."""

    regex = r"(?!(?:_stcore|media|component|static|app|auth|oauth2callback|favicon\.png|manifest\.json)(?:/|$)).+"


class _PageName(StringConvertor):
    """The name of a page."""

    regex = "|".join(re.escape(entry.name) for entry in MAP[1:])


register_url_convertor("elsewhere", _Elsewhere())
register_url_convertor("page_name", _PageName())


def routes(
    opening: Callable[[dict[str, str]], str] = lambda query: "",
    part: Callable[[Request], Response] = lambda _: Response(status_code=404),
    answers: Named = lambda name: None,
    judge: Judge = nobody,
    table: Callable[[str, str], bytes | None] = lambda name, version: None,
    pictures: Pictures | None = None,
    questions: Questions = no_questions,
) -> list[Route]:
    """Routes that come before Streamlit's own, below the same path as those.

    opening: what the first page's HTML has in its body, for a link's query; part: what that HTML asks for. answer: what pictures
    ask while a hand moves them. judge: what the dragged answers of a class did. table: a file by its name and
    version. questions: what a class can be asked about a page.
    """
    path = (config.get_option("server.baseUrlPath") or "").strip("/")
    hub = new_hub(judge, questions)
    pictures = pictures or Pictures()

    def first(request: Request) -> Response:
        return _shell(request, opening(dict(request.query_params)))

    async def page(request: Request) -> Response:
        picture = await pictures.at(request.path_params["name"], request.url.query)
        parts = (first_html.body(picture), first_html.hints(picture)) if picture else ("", "")
        return await to_thread(_shell, request, *parts)

    prefix = f"/{path}" if path else ""
    inside = [
        Route(f"{prefix}/", first),
        Route(f"{prefix}/{{name:page_name}}", page),
        Route(f"{prefix}/story/{{name}}", part),
        *room_routes(hub, prefix),
        answer_route(answers, prefix),
        Route(f"{prefix}/tables/{{version}}/{{name}}", _table(table)),
        *_routes(prefix),
    ]
    if not path:
        return inside
    return [*inside, Route(prefix, _to(f"./{path.rpartition('/')[2]}/")), Route("/", _to(f"./{path}/"))]


def _routes(prefix: str) -> list[Route]:
    return [
        Route(f"{prefix}/{{name:page_name}}/", lambda request: _to(f"../{request.path_params['name']}")(request)),
        Route(f"{prefix}/js/{{version}}/{{path:path}}", _script),
        Route(f"{prefix}/icon.svg", lambda _: FileResponse(_ASSETS / "icon.svg", headers=_A_DAY)),
        Route(f"{prefix}/preview.png", lambda _: FileResponse(_ASSETS / "preview.png", headers=_A_DAY)),
        Route(f"{prefix}/qr.svg", _qr),
        Route(f"{prefix}/{{path:elsewhere}}", _not_found),
    ]


def _to(address: str) -> Callable[[Request], Response]:
    """Leads to an address, relative to the one that was asked for, with the same query."""
    return lambda request: RedirectResponse(address + (f"?{request.url.query}" if request.url.query else ""))


def _shell(request: Request, opening: str = "", hints: str = "") -> Response:
    name = request.path_params.get("name", "")
    if "preset" in request.query_params:
        address = f"/{name}?{request.url.query}"
        if expanded(address) != address:
            return RedirectResponse(f".{expanded(address)}")
    if not name and any(word.startswith(("p_", "q_")) for word in request.query_params):
        return RedirectResponse(f"./two_distributions?{request.url.query}")  # where the first page's two curves now are
    answers = next((one.answers for one in MAP[1:] if one.name == name), DESCRIPTION)
    page = _page(name, answers, _home(request, name))
    return text_response(request, _opened(page, opening, hints) if opening else page, "text/html")


def _opened(page: str, opening: str, hints: str) -> str:
    """The page with the opening in its body, and the client's scripts in a template, to which the opening comes when it is done.

    hints: what the opening needs, for the head.
    """
    client = _CLIENT.findall(page)
    page = _CLIENT.sub("", page).replace("</head>", f"  {hints}\n  </head>", 1)
    waiting = f'<template id="kl-client">{"".join(client)}</template>'
    return page.replace('<div id="root">', f'{waiting}\n    {opening}\n    <div id="root">', 1)


def _home(request: Request, name: str) -> str:
    """Where the app begins, as others would write it: for a link's preview, whose picture needs a whole address.

    A proxy that cuts off a path says so in one of two headers, if at all: X-Forwarded-Prefix, or X-Forwarded-Context as
    JupyterHub does.
    """
    cut = request.headers.get("x-forwarded-prefix") or request.headers.get("x-forwarded-context") or ""
    cut = cut.rstrip("/") if _PATH.fullmatch(cut) else ""
    return f"{request.url.scheme}://{request.url.netloc}{cut}{request.url.path.removesuffix(name)}"


def _not_found(request: Request) -> Response:
    path = request.path_params["path"]
    return HTMLResponse(not_found(path.strip("/").rpartition("/")[2], "../" * path.count("/") or "./"), status_code=404)


def _table(table: Callable[[str, str], bytes | None]) -> Callable[[Request], Response]:
    """Files of this very deployment, kept by the browser for ever: their address changes with what is in them."""

    def answer(request: Request) -> Response:
        data = table(request.path_params["name"], request.path_params["version"])
        if data is None:
            return PlainTextResponse("There is no such table.", status_code=404, headers=_NOT_KEPT)
        return Response(data, media_type="application/octet-stream", headers=FOR_EVER)

    return answer


def _script(request: Request) -> Response:
    """A module of this very deployment; those of another are not here, lest two versions meet."""
    text = served(request.path_params["path"]) if request.path_params["version"] == version() else None
    if text is None:
        return PlainTextResponse("There is no such script.", status_code=404, headers=_NOT_KEPT)
    return text_response(request, text, "text/javascript", FOR_EVER)


def _qr(request: Request) -> Response:
    try:
        return Response(qr_svg(request.query_params.get("link", "")), media_type="image/svg+xml", headers=_A_DAY)
    except ValueError as problem:
        return PlainTextResponse(str(problem), status_code=400)


def inline_scripts() -> list[str]:
    """The scripts that stand in the HTML itself, the same on every page, as a Content-Security-Policy names them."""
    texts = [*_INLINE.findall(_page("", DESCRIPTION, "")), *map(first_html.mode_script, ("kl-first", "kl-opening"))]
    return [f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'" for text in texts]


@lru_cache(maxsize=64)
def _page(name: str, description: str, home: str) -> str:
    title = page_title(name)
    hints = "\n    ".join(
        [f'<link rel="modulepreload" href="./{address}" />' for address in preloaded(name or MAP[0].name)]
        + [f'<link rel="modulepreload" crossorigin href="./{file}">' for file in client.late()]
    )
    scripts = "\n    ".join(f'<script type="module" src="./{one.address}"></script>' for one in SCRIPTS)
    head = f"""<title>{escape(title)}</title>
    <meta name="description" content="{escape(description)}" />
    <meta property="og:title" content="{escape(title)}" />
    <meta property="og:description" content="{escape(description)}" />
    <meta property="og:image" content="{escape(home)}preview.png" />
    <script>{{ {base_function()}window.__streamlit = {{ BACKEND_BASE_URL: {base_call()} }} }}</script>
    {scripts}
    <style>{fonts.faces()}</style>
    {hints}"""
    shell = client.SHELL.read_text(encoding="utf-8")
    return shell.replace("<title>Streamlit</title>", head).replace('href="./favicon.png"', 'href="./icon.svg" type="image/svg+xml"')
