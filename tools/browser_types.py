"""Writes pages/shared/live/types.d.ts: the contract with the browser (`pages/shared/live/schema`) for the browser's own checker.

`python -m tools.browser_types` after a change of the schema; a test compares the file with the schema.
"""

import sys
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, NotRequired, Union, get_args, get_origin, get_type_hints, is_typeddict

from pages.shared.live import messages
from pages.shared.live.schema import Scene, curves, data, panels

FILE = Path(__file__).parents[1] / "pages" / "shared" / "live" / "types.d.ts"
_PLAIN = {str: "string", int: "number", float: "number", bool: "boolean", Any: "any", NoneType: "null"}


def written(kind: Any) -> str:
    """A Python type as TypeScript writes it."""
    origin, inner = get_origin(kind), get_args(kind)
    if kind in _PLAIN:
        return _PLAIN[kind]
    if is_typeddict(kind):
        return kind.__name__
    if origin in (Union, UnionType):
        return " | ".join(dict.fromkeys(written(option) for option in inner))
    if origin is Literal:
        return " | ".join(f'"{option}"' for option in inner)
    if origin is dict:
        return f"Record<string, {written(inner[1])}>"
    if origin is list or (origin is tuple and Ellipsis in inner):
        return f"Array<{written(inner[0])}>"
    if origin is tuple:
        return f"[{', '.join(map(written, inner))}]"
    raise TypeError(f"{kind} has no place in JSON.")


def interface(kind: Any) -> str:
    """One TypedDict as an interface, with its docstring's first line."""
    said = (kind.__doc__ or "").strip().splitlines()[0]
    keys = get_type_hints(kind, include_extras=True)
    lines = [f"  {name}{'?' if get_origin(hint) is NotRequired else ''}: {written(_bare(hint))};" for name, hint in keys.items()]
    return "\n".join([f"/** {said} */", f"export interface {kind.__name__} {{", *lines, "}"])


def _bare(hint: Any) -> Any:
    return get_args(hint)[0] if get_origin(hint) is NotRequired else hint


def text() -> str:
    """The whole file."""
    rooms = [sys.modules[Scene.__module__], curves, panels, data, messages]
    kinds = {name: kind for room in rooms for name, kind in vars(room).items() if is_typeddict(kind)}
    parts = ["// Written by tools/browser_types.py from pages/shared/live/schema; do not change it here."]
    parts += [interface(kind) for _, kind in sorted(kinds.items())]
    parts.append(f"export type Panel = {written(panels.Panel)};")
    parts.append(f"export type Message = {written(messages.Message)};")
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
