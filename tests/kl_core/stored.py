"""Reference values that mpmath has computed before: `python -m tests.kl_core.stored` computes them all again and writes them down.

A stored value is good as long as the code beside it is what computed it: one line changed in a file of references, or in one of which
it is made, and the tests compute its references afresh, in half a minute, until they are stored again.
"""

import functools
import hashlib
import json
from collections.abc import Callable
from pathlib import Path

from mpmath import mp, mpf

HERE = Path(__file__).parent
FILE = HERE / "stored.json"
DIGITS = 40
BESIDE = {"named_references": ("reference", "pairs")}
"""Of which other modules those of references are made."""
ASKED = ("test_every_pair.py", "test_divergences.py", "fits/test_alpha.py", "fits/test_landscape.py", "nodes/test_quadrature_gradients.py")
"""The tests that ask for stored values."""


def source(module: str) -> str:
    """What tells whether the code of a module of references, named below this folder, is still the same."""
    files = (HERE / f"{name.replace('.', '/')}.py" for name in (module, *BESIDE.get(module, ())))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


@functools.cache
def table(module: str) -> dict[str, str]:
    """What is stored of a module, if its code is still that which computed it."""
    told = json.loads(FILE.read_text(encoding="utf-8")).get(module, {}) if FILE.exists() else {}
    return told["values"] if told.get("source") == source(module) else {}


TABLES: dict[str, dict[str, str]] = {}
"""The tables that were asked for, by module."""


def stored(function: Callable[..., mpf]) -> Callable[..., mpf]:
    """A function of names and numbers whose value is read, or computed where none is stored."""
    module = function.__module__.removeprefix("tests.kl_core.")

    @functools.wraps(function)
    def read(*asked: str | float) -> mpf:
        values = TABLES[module] = table(module)
        key = " ".join([function.__name__, *map(str, asked)])
        if key not in values:
            with mp.workdps(DIGITS):
                values[key] = mp.nstr(function(*asked), 30)
        with mp.workdps(DIGITS):
            return mpf(values[key])

    read.afresh = function
    return read


def main() -> None:
    """Runs the tests that ask for stored values, with nothing stored, and writes down what they asked for."""
    import pytest

    FILE.unlink(missing_ok=True)
    table.cache_clear()
    pytest.main(["-q", "-p", "no:cacheprovider", *(str(HERE / name) for name in ASKED)])
    told = {module: {"source": source(module), "values": dict(sorted(values.items()))} for module, values in sorted(TABLES.items())}
    FILE.write_text(json.dumps(told, indent=0) + "\n", encoding="utf-8")


if __name__ == "__main__":
    from tests.kl_core.stored import main as main_of_the_module_that_tests_fill

    main_of_the_module_that_tests_fill()
