"""The story's first screen in the HTML itself, so that it can be read and moved before Streamlit's client has arrived."""

import gzip
import hashlib
import json
from functools import cache

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from ...frame.first.html import in_mode, themed
from ...frame.first.pictures import of_the_page
from ...shared.scripts import one_file
from . import CSS, asked_scene, story_data

_SCRIPT = "views/start/opening.js"
_made: dict[str, bytes] = {}
"""The tables and the script, compressed."""


def prepare() -> None:
    """Makes what `opening` needs; until then the page comes without it."""
    script = one_file(_SCRIPT) + 'entry(document.getElementById("kl-opening"));\n'
    _made["script"], _made["tables"] = (gzip.compress(text.encode()) for text in (script, json.dumps(story_data())))


def opening(query: dict[str, str]) -> str:
    """HTML for the body of the first page, or nothing where the link asks the page for more than a scene."""
    scene, problem = asked_scene(query.get("scene"))
    if len(_made) < 2 or problem or {name for name in query if of_the_page(name)} - {"scene"}:
        return ""
    tables, script = (f"./story/{name}?v={hashlib.sha256(_made[name]).hexdigest()[:12]}" for name in ("tables", "script"))
    return f"""{_frame()}
    <link rel="preload" as="fetch" crossorigin href="{tables}" />
    <div id="kl-opening" data-first="{scene}" data-tables="{tables}"><template shadowrootmode="open"><style>{CSS}</style></template></div>
    {in_mode("kl-opening")}
    <script type="module" src="{script}"></script>"""


@cache
def _frame() -> str:
    return f"""<style>
      #kl-opening {{ position: fixed; inset: 0; z-index: 1; overflow-y: auto; --st-font: "Source Sans", sans-serif;
        background: var(--st-background-color); color: var(--st-text-color); font-family: var(--st-font);
        line-height: 1.6; }}
      {themed("#kl-opening", "#kl-opening[data-theme={}]")}
    </style>"""


def part(request: Request) -> Response:
    """The tables or the script, compressed once."""
    name = request.path_params["name"]
    if name not in ("tables", "script"):
        return PlainTextResponse("There is no such part.", status_code=404)
    if len(_made) < 2:
        prepare()
    kind = "application/json" if name == "tables" else "text/javascript"
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(_made[name], media_type=kind, headers=headers | {"Content-Encoding": "gzip"})
    return Response(gzip.decompress(_made[name]), media_type=kind, headers=headers)
