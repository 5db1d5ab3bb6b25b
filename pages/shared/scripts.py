"""The browser code: ES modules, each served as its file stands, by an address that changes with the code.

Every `.js` file below `pages/` is a module. It says what it needs by `import { name } from "./relative/address.js"` at its head
and what it gives by `export` before a `const`, a `class` or a `function`. There is no build step and no list of files.

A page shows a component of its own by naming its entry module, whose default export Streamlit calls:

    _story = st.components.v2.component("kl_story", js=Script("views/start/story.js").loader, css=...)

The files of `pages/views/<page>/` may import each other and those of `pages/shared/` and `pages/frame/`. Modules in the folder
of a page's view are hinted to the browser together with those that every page uses (`preloaded`).

All addresses begin with `js/<version>/`, relative to where the app begins (`base.js`), and the version is a hash over every
module: browsers may keep them for ever, and modules of two deployments never meet.
"""

import hashlib
import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from posixpath import dirname, join, normpath

from .map import MAP

_PAGES = Path(__file__).parents[1]
_IMPORT = re.compile(r'^import \{([^}]*)\} from "(\.[^"]+)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (default )?(?=(?:async )?(?:const|class|function) (\w+))", re.MULTILINE)


@dataclass(frozen=True)
class Script:
    """An entry module, by its path below pages/."""

    path: str

    @property
    def address(self) -> str:
        """Relative to where the app begins."""
        return address(self.path)

    @property
    def loader(self) -> str:
        """The few lines that Streamlit sends in its place: an inline script comes again with every answer. They write down what the
        component is told (`shared/live/shown.js`)."""
        return f"""
{base_function()}const loaded = import(new URL({self.address!r}, {base_call()}));
export default async function load(component) {{
  (window.klShown ??= new Map()).set(component.parentElement, {{ script: {self.path!r}, call: component, at: performance.now() }});
  return (await loaded).default(component);
}}
"""


LIVE = Script("shared/live/main.js")
TEACH = Script("frame/teach/main.js")
FIRST = Script("frame/first/first.js")
STORY = Script("views/start/story.js")


@cache
def modules() -> dict[str, str]:
    """Each module's text by its path below pages/."""
    files = sorted(_PAGES.rglob("*.js"))
    return {path.relative_to(_PAGES).as_posix(): path.read_text(encoding="utf-8") for path in files}


@cache
def version() -> str:
    """Sixteen hex digits that change with any module."""
    return hashlib.sha256(json.dumps(modules()).encode()).hexdigest()[:16]


def address(path: str) -> str:
    """A module's address, relative to where the app begins."""
    return f"js/{version()}/{path}"


def base_function() -> str:
    """The source of `baseOf`, for scripts that run before a module can be imported."""
    return modules()["shared/base.js"].partition("export ")[2]


def base_call() -> str:
    """JavaScript that calls `baseOf` for the page on screen."""
    return f"baseOf(window.location.href, {json.dumps([one.name for one in MAP])})"


def imported(path: str) -> list[str]:
    """The paths of the modules that one imports itself."""
    return [normpath(join(dirname(path), relative)) for _, relative in _IMPORT.findall(modules()[path])]


@cache
def tree(path: str) -> tuple[str, ...]:
    """A module and all that it needs, each after what it needs itself."""
    ordered: dict[str, None] = {}
    for needed in imported(path):
        ordered |= dict.fromkeys(tree(needed))
    return (*ordered, path)


def preloaded(page: str) -> list[str]:
    """Addresses of all modules that a page will import, so that the browser fetches them at once and not level by level."""
    entries = [LIVE.path, TEACH.path, *(path for path in modules() if path.startswith(f"views/{page}/"))]
    return [address(path) for path in dict.fromkeys(path for entry in entries for path in tree(entry))]


@cache
def served(path: str) -> str | None:
    """The text at an address below `js/<version>/`: a module, or an entry with all that it needs as `one-file/<entry>`."""
    entry = path.removeprefix("one-file/")
    if entry not in modules():
        return None
    return modules()[path] if path == entry else one_file(entry)


def one_file(entry: str) -> str:
    """An entry module and all that it needs as one script, which ends with `entry` as the entry's default export.

    Each module becomes a function that is called once: `modules[path]` is what it exports.
    """
    parts = ["const modules = {};\n", *(_wrapped(path) for path in tree(entry))]
    return "".join(parts) + f"const entry = modules[{entry!r}].default;\n"


def _wrapped(path: str) -> str:
    def from_modules(match: re.Match) -> str:
        names, relative = match.groups()
        return f"const {{{names.replace(' as ', ': ')}}} = modules[{normpath(join(dirname(path), relative))!r}];\n"

    text = modules()[path]
    exports = ", ".join(f"default: {name}" if default else name for default, name in _EXPORT.findall(text))
    body = _EXPORT.sub("", _IMPORT.sub(from_modules, text))
    return f"modules[{path!r}] = (() => {{\n{body}return {{ {exports} }};\n}})();\n"
