"""Streamlit's fonts with the letters and icons that our pages use: a quarter of a megabyte instead of one.

The small files have the names of Streamlit's, in whose place they are sent; a Streamlit with other fonts sends its own until
`tools/fonts.py` has run. Any other letter, of a name that somebody typed, comes from the whole file, which the browser then fetches.
"""

import json
import re
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent
WHOLE = b"whole"
"""The query of an address at which Streamlit's own file is."""
_MEDIA = "static/media/"
_FAMILIES = {"SourceSans": "Source Sans", "SourceSerif": "Source Serif"}


@cache
def small() -> dict[str, bytes]:
    """The fonts by their paths below the client's folder."""
    return {_MEDIA + path.name: path.read_bytes() for path in FOLDER.glob("*.woff2")}


@cache
def faces() -> str:
    """CSS: the whole fonts, for what the small ones have not."""
    rest: dict[str, str] = json.loads((FOLDER / "rest.json").read_text(encoding="utf-8"))
    return "\n".join(_face(name, letters) for name, letters in rest.items())


def _face(name: str, letters: str) -> str:
    family = next(family for start, family in _FAMILIES.items() if name.startswith(start))
    source = f'url("./{_MEDIA}{name}?{WHOLE.decode()}") format("woff2")'
    style = "italic" if "Italic" in name else "normal"
    return f'@font-face {{ font-family: "{family}"; font-weight: 100 900; font-style: {style}; src: {source}; unicode-range: {letters}; }}'


def icons_of_pages() -> set[str]:
    """The names of icons in the pages' texts; `icons.json` has those that the small file can draw."""
    texts = (path.read_text(encoding="utf-8") for path in FOLDER.parents[1].rglob("*.py"))
    return {name for text in texts for name in re.findall(r":material/([a-z0-9_]+):", text)}
