"""Breaks the code in small ways, one at a time, and says how many of these mutants some test notices.

`make mutants` tries a fixed sample: 160 mutants of kl_core, of the pages' Python and of the browser modules that the node tests
reach. Each is tried in a copy of the checkout by the tests nearest to its file; one on which they fail, or hang, is killed.
`python -m tools.mutants 40` tries the first 40; `--seed` draws others, `--only` keeps the files whose path begins so.
Drawing on the screen is left to the tests in a browser. Mutants that change nothing are listed, with a reason, in `tools/equal_mutants.py`.
"""

import argparse
import ast
import multiprocessing
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from tools import mutant_trial
from tools.check import ALWAYS, nearest_tests
from tools.equal_mutants import EQUAL

ROOT = Path(__file__).parents[1]
COUNT = 160
NEAREST = 16  # files of tests at most that try a mutant of Python, until one fails
BROWSER = ("previews", "tables", "curve", "numbers", "softened", "asking", "hands")
"""Modules below pages/shared/live without a picture of their own."""
SIZED = ("columns", "lru_cache", "number_input", "select_slider", "slider", "Parameter")
FRAME = ("height", "size", "stack_range", "top", "view", "width", "x_range", "x_ticks", "y_range", "y_ticks")  # of a picture
PICTURES = ("pages/views/start/thumbnails.py", "pages/views/sample_estimates/run_svg.py")
LITERAL = (ast.Tuple, ast.List, ast.Dict, ast.UnaryOp, ast.Constant)
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

    def line(self, old: str) -> str:
        """The line that it changes, as it reads afterwards, with a mark around what is new."""
        before, after = old[: self.start].rsplit("\n", 1)[-1], old[self.end :].split("\n", 1)[0]
        return f"{before}«{self.new}»{after}".strip()

    def __str__(self) -> str:
        old = (ROOT / self.path).read_text(encoding="utf-8")
        number = old.count("\n", 0, self.start) + 1
        return f"{self.path}:{number}: {self.line(old)}    (was {old[self.start : self.end].strip()!r})"


def is_data(node: ast.AST) -> bool:
    """Numbers written down as a table, like the corners of a drawing, and what says only how a widget or a cache is sized.

    A test of these could but repeat them.
    """
    if isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        return name in SIZED
    leaves = [leaf for leaf in ast.walk(node) if not isinstance(leaf, (ast.expr_context, ast.unaryop))]
    return isinstance(node, ast.Tuple | ast.List | ast.Dict) and all(isinstance(leaf, LITERAL) for leaf in leaves)


def logic(node: ast.AST) -> Iterator[ast.AST]:
    """The node and all below it, without data."""
    if not is_data(node):
        yield node
        children = ast.iter_child_nodes(node)
        if isinstance(node, ast.Dict):
            children = (value for key, value in zip(node.keys, node.values) if getattr(key, "value", None) not in FRAME)
        for child in children:
            yield from logic(child)


def of_python(path: str) -> Iterator[Mutant]:
    """Operators swapped and numbers changed, in functions and in constants."""
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

    for node in logic(ast.parse(text)):
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


def drawn(mutants: list[Mutant], count: int, seed: int) -> list[Mutant]:
    """The `count` mutants whose lines have the smallest hashes: a change elsewhere in the code leaves the rest of a sample as it is."""
    texts = {path: (ROOT / path).read_text(encoding="utf-8") for path in {mutant.path for mutant in mutants}}
    seen: Counter[str] = Counter()
    ranked = []
    for mutant in mutants:
        line = mutant.line(texts[mutant.path])
        if (mutant.path, line) in EQUAL:
            continue
        key = f"{mutant.path} {line}"
        seen[key] += 1
        ranked.append((sha256(f"{seed} {key} {seen[key]}".encode()).digest(), mutant))
    return [mutant for _, mutant in sorted(ranked)[:count]]


def sample(seed: int) -> list[Mutant]:
    """A third from each of the three rooms of the house, the same every time."""
    listed = subprocess.run(["git", "ls-files", "kl_core", "pages"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    python = [
        path for path in listed if path.endswith(".py") and "/published/" not in path and "/schema/" not in path and path not in PICTURES
    ]
    rooms = [
        [mutant for path in python if path.startswith("kl_core") for mutant in of_python(path)],
        [mutant for path in python if path.startswith(("pages/shared", "pages/views")) for mutant in of_python(path)],
        [mutant for name in BROWSER for mutant in of_browser(f"pages/shared/live/{name}.js")],
    ]
    return [mutant for trio in zip(*(drawn(room, -(-COUNT // len(rooms)), seed) for room in rooms), strict=True) for mutant in trio][:COUNT]


def unknown_equals() -> list[tuple[str, str]]:
    """Entries of the list of equal mutants that no file has any more."""
    texts = {path: (ROOT / path).read_text(encoding="utf-8") if (ROOT / path).exists() else "" for path, _ in EQUAL}
    mutants = {path: list(of_browser(path) if path.endswith(".js") else of_python(path)) for path, text in texts.items() if text}
    return [(path, line) for path, line in EQUAL if line not in {mutant.line(texts[path]) for mutant in mutants.get(path, [])}]


def tests_of(path: str) -> list[str]:
    """The tests nearest to a file: of the core first those of its room, then those of the whole core, then those of other rooms."""
    nearest = [test for test in nearest_tests([path]) if test not in ALWAYS]
    if not path.startswith("kl_core/"):
        return nearest[:NEAREST]
    core = [test for test in nearest if test.startswith("tests/kl_core/")]
    room = f"tests/kl_core/{path.split('/')[1]}/"
    return sorted(core, key=lambda test: 0 if test.startswith(room) else test.count("/") - 1)[:NEAREST]


def is_killed(mutant: Mutant, copy: Path) -> bool:
    path = copy / mutant.path
    old = path.read_text(encoding="utf-8")
    path.write_text(mutant.text(old), encoding="utf-8")
    try:
        if mutant.path.endswith(".js"):
            return not mutant_trial.node_tests_pass(copy)
        failed = mutant_trial.first_failure(copy, tests_of(mutant.path))
    finally:
        path.write_text(old, encoding="utf-8")
    if failed and failed != mutant_trial.HUNG and mutant_trial.first_failure(copy, [failed]):
        raise SystemExit(f"{failed} fails on the code as it stands: mend that first")
    return bool(failed)


def try_some(mutants: list[tuple[int, Mutant]], outcomes: "multiprocessing.Queue[tuple[int, bool | str]]") -> None:
    """One process's share, in a copy of the checkout of its own."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "checkout"
        shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".git", ".venv", "node_modules", "__pycache__", ".hypothesis"))
        for index, mutant in mutants:
            try:
                outcomes.put((index, is_killed(mutant, copy)))
            except SystemExit as problem:
                outcomes.put((index, str(problem)))
                return


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("count", nargs="?", type=int, default=COUNT)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--only", default="", help="mutants of files whose path begins so")
    options.add_argument("--jobs", type=int, default=os.cpu_count())
    chosen = options.parse_args()
    mutants = list(enumerate([mutant for mutant in sample(chosen.seed) if mutant.path.startswith(chosen.only)][: chosen.count]))
    mutant_trial.warm()
    fork = multiprocessing.get_context("fork")
    outcomes = fork.Queue()
    shares = [mutants[first :: chosen.jobs] for first in range(chosen.jobs)]
    workers = [fork.Process(target=try_some, args=(share, outcomes), daemon=False) for share in shares]
    for worker in workers:
        worker.start()
    for path, line in unknown_equals():
        print(f"tools/equal_mutants.py names what {path} no longer has: {line}")
    killed = 0
    for tried in range(1, len(mutants) + 1):
        index, dead = outcomes.get()
        if isinstance(dead, str):
            for worker in workers:
                worker.terminate()
            sys.exit(dead)
        killed += dead
        print(f"{tried:4} {'killed  ' if dead else 'SURVIVED'} {mutants[index][1]}", flush=True)
    print(f"{killed} of {len(mutants)} mutants killed: {killed / max(len(mutants), 1):.0%}; {len(EQUAL)} that change nothing are left out")


if __name__ == "__main__":
    main()
