"""The browser code as it is served: modules that find each other, one version at a time, and all of them as one script."""

import asyncio
import json
import posixpath
import re
from pathlib import Path
from typing import NamedTuple

import pytest
from starlette.applications import Starlette

from pages.frame.shell import routes
from pages.shared import scripts
from pages.shared.scripts import LIVE, STORY, TEACH, bundle, imported, modules, one_file, preloaded, style, tree, version
from tests import node

PAGES = Path(scripts.__file__).parents[1]


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    text: str


def get(path: str) -> Answer:
    """What the app's own routes answer, without a server."""
    sent = []

    async def receive() -> dict:
        return {"type": "http.request", "body": b""}

    async def send(message: dict) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": [(b"host", b"kl.org")], "scheme": "https"}
    asyncio.run(Starlette(routes=routes())(scope, receive, send))
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return Answer(sent[0]["status"], headers, b"".join(message.get("body", b"") for message in sent[1:]).decode())


@pytest.mark.parametrize("path", modules())
def test_a_module_is_served_as_its_file_stands_and_may_be_kept_for_ever(path):
    answer = get(f"/{scripts.address(path)}")
    assert answer.text == modules()[path]
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "immutable" in answer.headers["cache-control"]


@pytest.mark.parametrize("path", ["js/0123456789abcdef/shared/live/main.js", "js/{version}/shared/live/none.js", "js/{version}/../map.py"])
def test_nothing_else_is_served_and_nobody_keeps_that_answer(path):
    answer = get("/" + path.format(version=version()))
    assert answer.status == 404
    assert "immutable" not in answer.headers.get("cache-control", "")


def test_the_version_changes_with_any_module(monkeypatch):
    before = version()
    changed = modules() | {"shared/live/numbers.js": modules()["shared/live/numbers.js"] + "\n"}
    monkeypatch.setattr(scripts, "modules", lambda: changed)
    assert version.__wrapped__() != before


@pytest.mark.parametrize("path", modules())
def test_every_import_is_of_the_one_form_that_python_reads(path):
    text = re.sub(r"/\*.*?\*/", "", modules()[path], flags=re.DOTALL)
    at_once, later = re.findall(r"^import\b", text, re.MULTILINE), re.findall(r"\bimport\((?!new URL\()", text)  # a URL: a name told then
    assert len(imported(path)) == len(at_once) + len(later)
    assert not re.findall(r"^export (?:let|var|\{|\*)", text, re.MULTILINE)
    assert set(imported(path)) <= set(modules())


@pytest.mark.parametrize("script", [LIVE, TEACH, STORY])
def test_a_tree_names_each_module_once_and_after_what_it_needs(script):
    paths = tree(script.path)
    assert len(set(paths)) == len(paths)
    assert all(paths.index(needed) < paths.index(path) for path in paths for needed in imported(path))


def test_a_page_is_told_at_once_of_every_bundle_that_it_will_import():
    shell = get("/").text
    hints = re.findall(r'<link rel="modulepreload" href="\./([^"]+)"', shell)
    assert hints == preloaded("start") == [script.bundled for script in (LIVE, TEACH, STORY)]


@pytest.mark.parametrize("entry", [path for path in modules() if "export default " in modules()[path]])
def test_bundles_have_all_that_an_entry_needs_once(entry):
    bases = re.findall(r'^import "([^"]+)";$', bundle(entry), re.MULTILINE)
    places = {posixpath.normpath(posixpath.join("bundle", posixpath.dirname(entry), base)) for base in bases}
    assert places <= {f"bundle/{LIVE.path}"}
    texts = [bundle(entry), *(bundle(place.removeprefix("bundle/")) for place in places)]
    brought = [path for text in texts for path in re.findall(r"^modules\['([^']+)'\] \?\?= ", text, re.MULTILINE)]
    assert len(brought) == len(set(brought)) and set(tree(entry)) <= set(brought)


def test_a_module_is_there_once_however_many_bundles_bring_it(tmp_path):
    bundles = [tmp_path / name for name in ("first.mjs", "second.mjs")]
    for file in bundles:
        file.write_text(bundle(LIVE.path), encoding="utf-8")
    script = f"""
globalThis.matchMedia = () => ({{ matches: false }});
const live = await import({bundles[0].as_uri()!r});
const modules = globalThis["kl-modules-{version()}"];
const together = modules["shared/live/together.js"];
const again = await import({bundles[1].as_uri()!r});
console.log(typeof live.default, live.default === again.default, modules["shared/live/together.js"] === together);
"""
    assert node.run(script).split() == ["function", "true", "true"]


def test_all_of_a_tree_as_one_script_needs_no_import():
    text = one_file(LIVE.path)
    assert not re.findall(r"^\s*(?:import|export)\b", text, re.MULTILINE)
    dom = "const matchMedia = () => ({ matches: false });\n"
    assert node.run(f"{dom}{text}\nconsole.log(typeof entry, Object.keys(modules).length);").split() == [
        "function",
        str(len(tree(LIVE.path))),
    ]


@pytest.mark.parametrize(
    "address, base",
    [
        ("https://kl.org/", "https://kl.org/"),
        ("https://kl.org/beta?view=x#y", "https://kl.org/"),
        ("https://kl.org/beta/", "https://kl.org/"),
        ("http://localhost:8501/kl/", "http://localhost:8501/kl/"),
        ("http://localhost:8501/kl", "http://localhost:8501/kl/"),
        ("https://kl.org/a/b/two_distributions?p_loc=2", "https://kl.org/a/b/"),
        ("https://kl.org/~/+/vae", "https://kl.org/~/+/"),
    ],
)
def test_the_app_begins_where_the_name_of_the_page_does(address, base):
    call = scripts.base_call().replace("window.location.href", repr(address))
    assert node.run(f"{scripts.base_function()}\nconsole.log({call});").strip() == base


@pytest.mark.parametrize("entry", [path for path in modules() if style(path)])
def test_a_bundle_brings_the_style_sheets_that_its_entry_names(entry):
    named = re.search(r"^// styles: (.+)$", modules()[entry], re.MULTILINE)[1].split()
    sheets = [(PAGES / posixpath.normpath(posixpath.join(posixpath.dirname(entry), path))).read_text(encoding="utf-8") for path in named]
    brought = re.search(r"^export const style = (.+);$", bundle(entry), re.MULTILINE)[1]
    assert json.loads(brought) == "\n".join(sheets)


def test_answers_carry_no_style_sheet():
    sent = [path.relative_to(PAGES).as_posix() for path in PAGES.rglob("*.py") if "css=" in path.read_text(encoding="utf-8")]
    assert sent == ["views/start/__init__.py"]  # whose component has one answer
