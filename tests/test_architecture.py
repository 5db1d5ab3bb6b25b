"""The arrows of the house run one way: app.py → pages → pages/shared → kl_core → torch."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CORE_MAY_IMPORT = {"kl_core", "torch", "numpy", "scipy"} | sys.stdlib_module_names


def python_files(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def imports(path: Path) -> set[str]:
    """The absolute names that a file imports, relative ones resolved."""
    package = path.relative_to(ROOT).with_suffix("").parts[:-1]
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            found.add(".".join([*base, *([node.module] if node.module else [])]))
    return found


@pytest.mark.parametrize("path", python_files("kl_core"), ids=lambda path: str(path.relative_to(ROOT)))
def test_kl_core_knows_no_screen(path):
    assert {name.split(".")[0] for name in imports(path)} <= CORE_MAY_IMPORT


@pytest.mark.parametrize("path", sorted((ROOT / "pages").glob("*.py")), ids=lambda path: path.name)
def test_pages_never_import_pages(path):
    assert not [name for name in imports(path) if name.startswith("pages") and not name.startswith("pages.shared")]


@pytest.mark.parametrize("path", python_files("pages/shared"), ids=lambda path: str(path.relative_to(ROOT)))
def test_what_pages_share_does_not_import_a_page_or_the_server(path):
    assert not [name for name in imports(path) if name.split(".")[0] == "app"]
    assert not [name for name in imports(path) if name.startswith("pages") and not name.startswith("pages.shared")]


def test_no_file_of_the_live_picture_holds_a_law_of_its_own():
    script = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "pages/shared/live").glob("*.js"))
    for trace in ("Math.PI", "gamma(", "erf(", "2.5066", "0.3989"):
        assert trace not in script


def test_every_module_of_the_core_says_what_it_is():
    assert all(ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) for path in python_files("kl_core"))
