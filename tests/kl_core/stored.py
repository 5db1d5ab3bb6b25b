"""Reference values that mpmath has computed before: `python -m tests.kl_core.stored` computes them all again and writes them down.

A stored value is good as long as the code beside it is what computed it: one line changed in `named_references.py`,
`reference.py` or `pairs.py`, and the tests compute all references afresh, in half a minute, until they are stored again.
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
SOURCE = hashlib.sha256(b"".join((HERE / name).read_bytes() for name in ("named_references.py", "reference.py", "pairs.py"))).hexdigest()


@functools.cache
def table() -> dict[str, str]:
    """What is stored, if the code is still that which computed it."""
    told = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
    return told["values"] if told.get("source") == SOURCE else {}


def stored(function: Callable[..., mpf]) -> Callable[..., mpf]:
    """A function of names whose value is read, or computed where none is stored."""

    @functools.wraps(function)
    def read(*names: str) -> mpf:
        key = " ".join([function.__name__, *names])
        if key not in table():
            with mp.workdps(DIGITS):
                table()[key] = mp.nstr(function(*names), 30)
        with mp.workdps(DIGITS):
            return mpf(table()[key])

    read.afresh = function
    return read


def main() -> None:
    """Runs the tests that ask for stored values, with nothing stored, and writes down what they asked for."""
    import pytest

    FILE.unlink(missing_ok=True)
    table.cache_clear()
    pytest.main(["-q", "-p", "no:cacheprovider", str(HERE / "test_every_pair.py"), str(HERE / "test_divergences.py")])
    FILE.write_text(json.dumps({"source": SOURCE, "values": dict(sorted(table().items()))}, indent=0) + "\n", encoding="utf-8")


if __name__ == "__main__":
    from tests.kl_core.stored import main as main_of_the_module_that_tests_fill

    main_of_the_module_that_tests_fill()
