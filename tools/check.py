"""The tests nearest to what changed, for as long as there is time: `make check`.

Changed is what differs from main, committed or not. A test is as near as there are imports between it and a changed file; the nearest
files run first. Those that come too late are skipped and counted. Browser tests are left to `make test`.
"""

import os
import re
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.test_architecture import imports, module_name, python_files  # noqa: E402 - needs the path above

SECONDS, AT_LEAST = 50, 15  # from the beginning of `make check`, lint included; and from the first test, however late that begins
FILES = 16  # to collect them takes time as well
ALWAYS = ("tests/test_architecture.py", "tests/test_readme.py")


def git(*arguments: str) -> list[str]:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True)
    return done.stdout.split("\n")[:-1] if done.returncode == 0 else []


def changed_files() -> set[str]:
    """Paths that differ from where this branch left main; on main itself, from the last commit but one."""
    base = next((found[0] for name in ("origin/main", "main") if (found := git("merge-base", "HEAD", name))), "HEAD")
    if git("rev-parse", base) == git("rev-parse", "HEAD"):
        base = "HEAD~1"
    return {*git("diff", "--name-only", base), *git("ls-files", "--others", "--exclude-standard")}


def module_of(path: str) -> str:
    """The module that a file is, or the package whose folder it lies in: live for live.css."""
    file = ROOT / path
    if file.suffix != ".py":
        file = next((folder / "__init__.py" for folder in file.parents if (folder / "__init__.py").exists()), file)
    return module_name(file) if file.suffix == ".py" else path


@cache
def importers() -> dict[str, set[str]]:
    """Who imports a module, or opens it: tests of pages name them as strings."""
    pages = {path.stem for path in (ROOT / "pages").glob("*.py")}
    arrows: dict[str, set[str]] = defaultdict(set)
    for path in (file for folder in ("kl_core", "pages", "tests", "tools", "bench") for file in python_files(folder)):
        names = set(imports(path))
        if path.is_relative_to(ROOT / "tests/pages"):
            names |= {f"pages.{word}" for word in re.findall(r'"(\w+)"', path.read_text(encoding="utf-8")) if word in pages}
        if path.name.startswith("test_") and (path.parent / "conftest.py").exists():
            names.add(module_name(path.parent / "conftest.py"))
        for name in names:
            arrows[name].add(module_name(path))
        if path.name == "__init__.py" and "pkgutil" in names:  # it imports whatever lies in its folder
            for inner in path.parent.glob("[!_]*.py"):
                arrows[module_name(inner)].add(module_name(path))
    return arrows


def distances(modules: Iterable[str]) -> dict[str, int]:
    """How many imports lie between each module and the nearest of these."""
    arrows, distance = importers(), dict.fromkeys(modules, 0)
    ring = list(distance)
    while ring:
        ring = [above for name in ring for above in arrows[name] if distance.setdefault(above, distance[name] + 1) == distance[name] + 1]
        ring = list(dict.fromkeys(ring))
    return distance


def nearest_tests(changed: Iterable[str]) -> list[str]:
    """The files of tests that a change can reach, the nearest first; of those as near, the changed file's namesake, then those that
    test least besides: they import the fewest modules."""
    changed = list(changed)
    distance, names = distances(map(module_of, changed)), {f"test_{Path(path).stem}" for path in changed}
    tests = [path for path in python_files("tests") if path.name.startswith("test_") and "browser" not in path.parts]
    reached = [path for path in tests if module_name(path) in distance]
    ranked = sorted(reached, key=lambda path: (distance[module_name(path)], path.stem not in names, len(imports(path)), str(path)))
    return list(dict.fromkeys([*ALWAYS, *(str(path.relative_to(ROOT)) for path in ranked)]))


@cache
def time_is_up() -> float:
    """When this process begins no more tests. Asked first by its first test: a busy machine may take long to come so far."""
    return max(float(os.environ["CHECK_UNTIL"]), time.time() + AT_LEAST)


def pytest_runtest_setup() -> None:
    """As a plugin of pytest: no test begins once time is up."""
    import pytest

    if time.time() > time_is_up():
        pytest.skip("no time left: make test runs it")


def main() -> int:
    tests = nearest_tests(changed_files())
    left = len(tests) - FILES
    until = float(os.environ.get("CHECK_BEGAN") or time.time()) + SECONDS
    seconds = max(until - time.time(), AT_LEAST)
    print(f"The {min(len(tests), FILES)} files of tests nearest to what changed, for about {seconds:.0f} s", flush=True)
    environment = {**os.environ, "CHECK_UNTIL": str(until)}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tools.check", "-n", "auto", "--dist", "load", *tests[:FILES]]
    code = subprocess.run(command, cwd=ROOT, env=environment).returncode
    if left > 0:
        print(f"{left} more files of tests can see what changed; make test runs them")
    return code


if __name__ == "__main__":
    sys.exit(main())
