"""The arrows of the house run one way: app.py → pages → views → frame and shared → kl_core → torch, with no circle."""

import ast
import re
import sys
from collections.abc import Iterable
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from pages.frame.shell import SCRIPTS
from pages.shared.scripts import FIRST, LIVE, MODE, TEACH, imported, modules, tree

ROOT = Path(__file__).parents[1]
CORE_MAY_IMPORT = {"kl_core", "torch", "numpy", "scipy"} | sys.stdlib_module_names
MAY_LOOK_AT_OTHER_VIEWS = {"practice", "warm", "lessons", "answers"}
"""Views that show other views: questions are decided by them, a lesson has their thumbnails, `warm` makes what they share,
`answers` names who answers which picture."""
FOUNDATIONS = ("pages.frame", "pages.shared")


def python_files(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def imports(path: Path) -> frozenset[str]:
    """The absolute names of the modules that a file imports; relative names are resolved."""
    package = path.relative_to(ROOT).with_suffix("").parts[:-1]
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join([*base, *([node.module] if node.module else [])])
            names |= {f"{module}.{alias.name}" if is_module(f"{module}.{alias.name}") else module for alias in node.names}
    return frozenset(names)


def is_module(name: str) -> bool:
    path = ROOT.joinpath(*name.split("."))
    return path.with_suffix(".py").exists() or (path / "__init__.py").exists()


def below(name: str, folders: Iterable[str]) -> bool:
    return any(name == folder or name.startswith(f"{folder}.") for folder in folders)


def view_of(name: str) -> str:
    """The view that a module belongs to: "beta" for pages.views.beta.scene."""
    return name.split(".")[2]


def circle(arrows: dict[str, set[str]]) -> list[str]:
    try:
        tuple(TopologicalSorter(arrows).static_order())
    except CycleError as problem:
        return problem.args[1]
    return []


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", python_files("kl_core"), ids=named)
def test_kl_core_knows_no_screen(path):
    assert {name.split(".")[0] for name in imports(path)} <= CORE_MAY_IMPORT


@pytest.mark.parametrize("path", sorted((ROOT / "pages").glob("*.py")), ids=named)
def test_a_page_imports_its_own_view_and_the_foundations(path):
    allowed = (f"pages.views.{path.stem}", *FOUNDATIONS)
    assert not [name for name in imports(path) if below(name, ["pages", "app"]) and not below(name, allowed)]


@pytest.mark.parametrize("path", python_files("pages/views"), ids=named)
def test_a_view_imports_no_other_view_and_no_page(path):
    if module_name(path) == "pages.views":
        return
    view = view_of(module_name(path))
    allowed = ("pages.views",) if view in MAY_LOOK_AT_OTHER_VIEWS else (f"pages.views.{view}",)
    assert not [name for name in imports(path) if below(name, ["pages", "app"]) and not below(name, (*allowed, *FOUNDATIONS))]


@pytest.mark.parametrize("path", [*python_files("pages/frame"), *python_files("pages/shared")], ids=named)
def test_the_foundations_import_no_page_and_no_view(path):
    allowed = FOUNDATIONS if below(module_name(path), ["pages.frame"]) else ["pages.shared"]
    assert not [name for name in imports(path) if below(name, ["pages", "app"]) and not below(name, allowed)]


def test_every_view_has_a_page_of_its_name():
    views = {path.name for path in (ROOT / "pages/views").iterdir() if (path / "__init__.py").exists()}
    assert views <= {path.stem for path in (ROOT / "pages").glob("*.py")}


def users(module: str) -> set[str]:
    """Which views and rooms of the house import a module, or what is in it."""
    files = [*python_files("pages"), ROOT / "app.py"]
    names = {module_name(path) for path in files if any(below(name, [module]) for name in imports(path))}
    return {
        user.replace("pages.views.", "pages.") if user.count(".") < 2 else ".".join(user.split(".")[1:3])
        for user in names
        if not below(user, [module])
    }


def test_what_is_shared_serves_more_than_one_page():
    rooms = [
        module_name(path)
        for path in (ROOT / "pages/shared").iterdir()
        if (path.suffix == ".py" and path.stem != "__init__") or (path / "__init__.py").exists()
    ]
    for room in rooms:
        pages = {user.removeprefix("views.").removeprefix("pages.") for user in users(room)}
        shared = any(page.startswith("shared") for page in pages)  # what serves a shared room serves all that use it
        assert shared or len(pages) > 1, f"{room} serves only {pages}"


def rooms_of(module: str) -> str:
    """kl_core.fits.newton → kl_core.fits; a module of the top level is a room of its own."""
    return ".".join(module.split(".")[:2])


@pytest.mark.parametrize("path", sorted((ROOT / "pages").glob("*.py")), ids=lambda path: path.name)
def test_a_page_has_no_loose_text_that_streamlit_would_show(path):
    """A docstring below a constant is shown on the page: Streamlit writes out what stands by itself in a page's script."""
    body = ast.parse(path.read_text(encoding="utf-8")).body[1:]
    assert not [one.lineno for one in body if isinstance(one, ast.Expr) and not isinstance(one.value, ast.Call)]


def test_the_rooms_of_kl_core_have_no_circle():
    arrows: dict[str, set[str]] = {}
    for path in python_files("kl_core"):
        room = rooms_of(module_name(path))
        arrows.setdefault(room, set()).update(
            rooms_of(name) for name in imports(path) if below(name, ["kl_core"]) and rooms_of(name) not in (room, "kl_core")
        )
    arrows.pop("kl_core", None)  # the front door names what is behind it
    assert not circle(arrows)


@pytest.mark.parametrize("folder", ["kl_core", "pages"])
def test_the_modules_have_no_circle(folder):
    arrows = {
        module_name(path): {name for name in imports(path) if below(name, [folder])} - {module_name(path)} for path in python_files(folder)
    }
    fronts = {name for name in arrows if (ROOT.joinpath(*name.split(".")) / "__init__.py").exists()}
    inner = {name: {other for other in others if other not in fronts} for name, others in arrows.items() if name not in fronts}
    assert not circle(inner)


def room_of(path: str) -> str:
    """views/start/map.js → views/start; frame/teach/main.js → frame."""
    parts = path.split("/")
    return "/".join(parts[:2]) if parts[0] == "views" else parts[0]


@pytest.mark.parametrize("path", modules())
def test_browser_code_imports_its_own_view_and_the_foundations(path):
    allowed = {"shared"} if room_of(path) == "shared" else {"shared", "frame"} | {room_of(path)}
    assert {room_of(needed) for needed in imported(path)} <= allowed


def test_the_browser_code_has_no_circle():
    assert not circle({path: set(imported(path)) for path in modules()})


def test_browser_code_stands_with_the_page_that_it_serves():
    """Views have folders of their own, and what is shared is needed by more than one entry, or by the picture of every page."""
    assert {room_of(path).split("/")[0] for path in modules()} == {"shared", "frame", "views"}
    needed = {needed for script in (LIVE, TEACH, FIRST, MODE, *SCRIPTS) for needed in tree(script.path)}
    assert {path for path in modules() if path.startswith(("shared/live", "frame"))} <= needed


def test_no_file_of_the_live_picture_holds_a_distribution_of_its_own():
    script = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "pages/shared/live").glob("*.js"))
    for trace in ("Math.PI", "gamma(", "erf(", "2.5066", "0.3989"):
        assert trace not in script


def test_every_component_has_a_name_of_its_own():
    """Two of one name would overwrite each other on every page; one whose name ends in {name} must not meet the others."""
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "pages").rglob("*.py") if path.name != "scripts.py"]
    names = [name for source in sources for name in re.findall(r'components\.v2\.component\(\s*f?"([^"]+)"', source)]
    patterns = [re.compile(re.sub(r"\\\{\w+\\\}", ".+", re.escape(name))) for name in names]
    assert len(names) > 5
    for pattern in patterns:
        assert sum(bool(pattern.fullmatch(name)) for name in names) == 1, pattern.pattern


OF_NAMED_TUPLES = {"_replace", "_asdict", "_fields", "_make"}


def private_names_of_others(path: Path) -> list[str]:
    """Names that begin with one underscore, imported from Streamlit or read from an object, and that nothing here defines."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imported = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and "streamlit" in (node.module or "")
        for alias in node.names
    }
    read = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)} - OF_NAMED_TUPLES - own_private_names()
    return sorted(name for name in imported | read if re.match(r"_[a-zA-Z]", name))


@cache
def own_private_names() -> frozenset[str]:
    """The private methods, attributes and functions of pages and kl_core."""
    names = set()
    for path in [*python_files("pages"), *python_files("kl_core")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                names.add(node.name)
            elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and getattr(node.value, "id", "") == "self":
                names.add(node.attr)
    return frozenset(names)


def test_streamlits_private_names_are_used_in_one_room():
    inside = [path for path in python_files("pages/frame/inside_streamlit") if private_names_of_others(path)]
    elsewhere = [path for path in [ROOT / "app.py", *python_files("pages")] if private_names_of_others(path)]
    assert inside and elsewhere == inside


def test_every_module_of_the_core_says_what_it_is():
    assert all(ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) for path in python_files("kl_core"))


VAGUE = ("one", "found", "kept")


def vague_names(path: Path) -> list[str]:
    """Variables with a name that says nothing, where their scope is longer than two lines."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    scopes = (ast.FunctionDef, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
    within = [node for node in ast.walk(tree) if isinstance(node, scopes)]
    vague = set()
    for node in ast.walk(tree):
        name = node.arg if isinstance(node, ast.arg) else node.id if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) else ""
        if name in VAGUE:
            around = [scope for scope in within if scope.lineno <= node.lineno <= scope.end_lineno]
            scope = min(around, key=lambda scope: scope.end_lineno - scope.lineno, default=tree)
            lines = [use.lineno for use in ast.walk(scope) if isinstance(use, ast.Name) and use.id == name] + [node.lineno]
            if max(lines) - min(lines) > 1:
                vague.add(f"{named(path)}:{node.lineno} {name}")
    return sorted(vague)


@pytest.mark.parametrize("folder", ["kl_core", "pages", "tests", "tools", "bench"])
def test_a_variable_is_called_after_what_it_is(folder):
    assert not [name for path in python_files(folder) for name in vague_names(path)]
