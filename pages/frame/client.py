"""What Streamlit's client is made of: the files that its page names, and those that it would find late."""

import re
from functools import cache
from pathlib import Path

from .compressed import CLIENT

SHELL = CLIENT / "index.html"
LATE = ("BidiComponent", "ButtonGroup", "Html", "rehype-katex")
"""Chunks that the client asks for only when a page's first answer has arrived, and which nearly every page of ours needs before its
picture stands: a component, a choice, the frame's style, a formula."""
_NAMED = re.compile(r"""(?:src|href)="\./(static/js/[^"]+\.js|static/css/[^"]+\.css)\"""")
_IMPORTED = re.compile(r"""(?:\bfrom|\bimport)\s*["']\./([^"']+\.js)["']""")


@cache
def named() -> tuple[str, ...]:
    """The files that Streamlit's page names itself, below `CLIENT`."""
    return tuple(_NAMED.findall(SHELL.read_text(encoding="utf-8")))


@cache
def late() -> tuple[str, ...]:
    """The chunks of `LATE` with all that they import, below `CLIENT`, without those that Streamlit's page names."""
    files: dict[str, None] = {}
    for name in LATE:
        for path in (CLIENT / "static" / "js").glob(f"{name}.*.js"):
            _with_imports(path, files)
    return tuple(path for path in files if path not in named())


def _with_imports(path: Path, files: dict[str, None]) -> None:
    name = path.relative_to(CLIENT).as_posix()
    if name in files or name in named():
        return
    files[name] = None
    for needed in _IMPORTED.findall(path.read_text(encoding="utf-8")):
        _with_imports(path.parent / needed, files)
