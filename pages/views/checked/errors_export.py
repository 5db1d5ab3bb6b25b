"""Common errors to take along: both programs with the inputs on screen, and how far off all of them are as CSV."""

import ast
import csv
import inspect
import io
from collections.abc import Mapping

from torch import Tensor

from . import errors as common_errors
from .error import CommonError
from .errors_list import ERRORS


def program(error: CommonError, values: Mapping[str, Tensor]) -> str:
    """A program that runs by itself: the imports that the pair needs, the pair, and a call of each."""
    pair = "\n\n".join(error.code(side) for side in ("wrong", "right"))
    given = "\n".join(f"{name} = torch.tensor({value.tolist()}, dtype=torch.float64)" for name, value in values.items())
    calls = "\n".join(f"print('{side}', {error.name}_{side}({', '.join(values)}).item())" for side in ("wrong", "right"))
    return f"{_imports(pair)}\n\n{pair}\n\n{given}\n{calls}\n"


def _imports(code: str) -> str:
    """Those imports of `common_errors` whose names this code has, and torch."""
    used = {node.id for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)} | {"torch"}
    lines = []
    for node in ast.parse(inspect.getsource(common_errors)).body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            node.names = [one for one in node.names if (one.asname or one.name) in used]
            if node.names:
                lines.append(ast.unparse(node))
    return "\n".join(lines)


def outcomes_csv() -> str:
    """Each error on the inputs that it starts with."""
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(["error", "asked", "wrong", "right", "wrong_over_right"])
    for error in ERRORS.values():
        outcome = error.run(error.starts)
        writer.writerow([error.title, error.asked, outcome.wrong, outcome.right, outcome.factor])
    return table.getvalue()
