"""The browser code: ES modules, each served as its file stands, by an address that changes with the code.

Every `.js` file below `pages/` is a module. It says what it needs by `import { name } from "./relative/address.js"` at its head
and what it gives by `export` before a `const`, a `class` or a `function`. There is no build step and no list of files: the server
puts an entry and what it needs into one answer (`bundle`), so that a page waits for one and not for thirty.

A page shows a component of its own by naming its entry module, whose default export Streamlit calls:

    _live = st.components.v2.component("kl_live", js=Script("shared/live/main.js").loader)

An entry names its style sheets in a line `// styles: ./live.css`. They come with its bundle, and not with every answer as a component's
`css` would; the entry finds them as `style` in what it is called with.

The files of `pages/views/<page>/` may import each other and those of `pages/shared/` and `pages/frame/`. Entries in the folder
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
_BUNDLE = "bundle/"
_IMPORT = re.compile(r'^import \{([^}]*)\} from "(\.[^"]+)";\n', re.MULTILINE)
_STYLES = re.compile(r"^// styles: (.+)$", re.MULTILINE)
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
    def bundled(self) -> str:
        """The address at which it comes with all that it needs."""
        return address(f"{_BUNDLE}{self.path}")

    @property
    def loader(self) -> str:
        """The few lines that Streamlit sends in its place: an inline script comes again with every answer. They write down what the
        component is told (`shared/live/shown.js`)."""
        return f"""
{base_function()}const loaded = import(new URL({self.bundled!r}, {base_call()}));
export default async function load(component) {{
  (window.klShown ??= new Map()).set(component.parentElement, {{ script: {self.path!r}, call: component, at: performance.now() }});
  const {{ default: show, style }} = await loaded;
  return show(Object.assign(component, {{ style }}));
}}
"""


LIVE = Script("shared/live/main.js")
TEACH = Script("frame/teach/main.js")
FIRST = Script("frame/first/first.js")
MODE = Script("frame/first/mode.js")
"""Stands in the HTML itself."""
STORY = Script("views/start/story.js")
OPENING = "views/start/opening.js"
"""The story's first screen has an address of its own (`views/start/opening.py`)."""


@cache
def modules() -> dict[str, str]:
    """Each module's text by its path below pages/."""
    files = sorted(_PAGES.rglob("*.js"))
    return {path.relative_to(_PAGES).as_posix(): path.read_text(encoding="utf-8") for path in files}


@cache
def style(entry: str) -> str:
    """The style sheets that an entry module names."""
    paths = [normpath(join(dirname(entry), path)) for line in _STYLES.findall(modules()[entry]) for path in line.split()]
    return "\n".join((_PAGES / path).read_text(encoding="utf-8") for path in paths)


@cache
def version() -> str:
    """Sixteen hex digits that change with any module and any style sheet."""
    texts = [modules(), [style(path) for path in modules()]]
    return hashlib.sha256(json.dumps(texts).encode()).hexdigest()[:16]


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
    """Addresses of all that a page will import, so that the browser fetches it at once."""
    own = [path for path in modules() if path.startswith(f"views/{page}/") and "export default " in modules()[path] and path != OPENING]
    return [Script(path).bundled for path in (LIVE.path, TEACH.path, *own)]


@cache
def served(path: str) -> str | None:
    """The text at an address below `js/<version>/`: a module; an entry with all that it needs as `bundle/<entry>`; or as
    `one-file/<entry>`, which stands by itself in a saved page."""
    kind, _, entry = path.partition("/")
    if kind in ("bundle", "one-file") and entry in modules():
        return bundle(entry) if kind == "bundle" else one_file(entry)
    return modules().get(path)


def bundle(entry: str) -> str:
    """An entry module and all that it needs, less what the live picture's own bundle has, which it imports.

    A module is there once in a page, whichever bundle brought it: all of them keep their modules in one table, which has the
    version in its name.
    """
    first = tree(LIVE.path)
    shares = entry != LIVE.path and any(path in first for path in tree(entry))
    base = [f'import "{"../" * entry.count("/")}{LIVE.path}";\n'] if shares else []
    own = [path for path in tree(entry) if not (shares and path in first)]
    table = f'const modules = (globalThis["kl-modules-{version()}"] ??= {{}});\n'
    root = f'const root = new URL("{"../" * (entry.count("/") + 1)}", import.meta.url).href;\n'
    parts = (_wrapped(path, "??=").replace("import.meta.url", f"(root + {path!r})") for path in own)
    ends = f"export default modules[{entry!r}].default;\nexport const style = {json.dumps(style(entry), ensure_ascii=False)};\n"
    return "".join([*base, table, root, *parts, ends])


def one_file(entry: str) -> str:
    """An entry module and all that it needs as one script, which ends with `entry` as the entry's default export.

    Each module becomes a function that is called once: `modules[path]` is what it exports.
    """
    parts = ["const modules = {};\n", *(_wrapped(path) for path in tree(entry))]
    return "".join(parts) + f"const entry = modules[{entry!r}].default;\n"


def _wrapped(path: str, becomes: str = "=") -> str:
    def from_modules(match: re.Match) -> str:
        names, relative = match.groups()
        return f"const {{{names.replace(' as ', ': ')}}} = modules[{normpath(join(dirname(path), relative))!r}];\n"

    text = modules()[path]
    exports = ", ".join(f"default: {name}" if default else name for default, name in _EXPORT.findall(text))
    body = _EXPORT.sub("", _IMPORT.sub(from_modules, text))
    return f"modules[{path!r}] {becomes} (() => {{\n{body}return {{ {exports} }};\n}})();\n"
