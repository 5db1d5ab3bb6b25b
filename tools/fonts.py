"""Makes pages/frame/fonts/ anew from the fonts that the installed Streamlit brings: python tools/fonts.py

Needed once for each new Streamlit whose fonts have other names, and before that `pip install fonttools brotli`; the app needs neither.
A name in the small files would be Adobe's reserved one, so they have none (`--obfuscate-names`); licence and copyright stay.
"""

import json
import re
import subprocess
import sys
import tempfile
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from pages.frame.client import CLIENT  # noqa: E402
from pages.frame.fonts import FOLDER, icons_of_pages  # noqa: E402

MEDIA = CLIENT / "static" / "media"
LETTERS = (
    "20-7E A0-FF 131 152-153 160-161 178 17D-17E 2C6-2C7 2D8-2DD 302-304 37E-3D6 1D62-1D6A 1FB1 2000-209F 20AC 2100-214F 2150-215F "
    "2190-23FF 25A0-27BF FB00-FB04 FFFD"
)
"""Latin of western Europe, Greek, and the signs of mathematics."""
FEATURES = "ccmp,locl,liga,lnum,tnum,pnum,kern,mark,mkmk,frac,numr,dnom,case"
WEIGHTS = {"SourceSansVF-Upright": None, "SourceSansVF-Italic": None, "SourceSerifVariable-Roman": "wght=400:700"}
"""By font: the weights that our pages have of it."""
ICONS = "MaterialSymbols-Rounded"
LETTERS_OF_ICONS = "20 30-39 41-5A 5F 61-7A"


def main() -> None:
    rest = {}
    for name, weights in WEIGHTS.items():
        whole = next(MEDIA.glob(f"{name}.*.woff2"))
        _subset(_at(whole, weights), FOLDER / whole.name, LETTERS, f"--layout-features={FEATURES}")
        rest[whole.name] = _rest(whole, FOLDER / whole.name)
    (FOLDER / "rest.json").write_text(json.dumps(rest, indent=1) + "\n", encoding="utf-8")
    whole = next(MEDIA.glob(f"{ICONS}.*.woff2"))
    glyphs = _glyphs(whole, _icons_named())
    _subset(whole, FOLDER / whole.name, LETTERS_OF_ICONS, f"--glyphs={' '.join(glyphs)}", "--no-layout-closure", "--layout-features=*")
    (FOLDER / "icons.json").write_text(json.dumps(sorted(icons_of_pages()), indent=1) + "\n", encoding="utf-8")


def _at(whole: Path, weights: str | None) -> Path:
    """The font with these weights only."""
    if weights is None:
        return whole
    narrow = Path(tempfile.mkdtemp()) / "narrow.ttf"
    _fonttools("varLib.instancer", str(whole), weights, "-o", str(narrow))
    return narrow


def _subset(font: Path, to: Path, letters: str, *more: str) -> None:
    unicodes = ",".join(f"U+{part}" for part in letters.split())
    names = ("--obfuscate-names", "--name-IDs=0,1,2,3,4,5,6,13,14")
    _fonttools("subset", str(font), f"--unicodes={unicodes}", *more, *names, "--flavor=woff2", f"--output-file={to}")


def _fonttools(command: str, *arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "fontTools", command, *arguments], check=True)


def _letters(font: Path) -> set[int]:
    return set(import_module("fontTools.ttLib").TTFont(font).getBestCmap())


def _rest(whole: Path, small: Path) -> str:
    """What only the whole font has, as a style sheet's unicode-range."""
    codes = sorted(_letters(whole) - _letters(small))
    starts = [code for code in codes if code - 1 not in codes]
    ends = [code for code in codes if code + 1 not in codes]
    return ", ".join(f"U+{a:X}" if a == b else f"U+{a:X}-{b:X}" for a, b in zip(starts, ends, strict=True))


def _icons_named() -> set[str]:
    """Words that may name an icon: ours, and every short text in Streamlit's scripts."""
    client = "".join(path.read_text(encoding="utf-8") for path in (CLIENT / "static" / "js").glob("*.js"))
    return icons_of_pages() | {*re.findall(r"""["'`/:]([a-z][a-z0-9_]{1,40})["'`:]""", client)}


def _glyphs(font: Path, names: set[str]) -> list[str]:
    """The glyphs that stand for these names: an icon is a ligature of its name's letters."""
    icons = import_module("fontTools.ttLib").TTFont(font)
    letters = {glyph: chr(code).lower() for code, glyph in icons.getBestCmap().items()}
    glyphs = set()
    for lookup in icons["GSUB"].table.LookupList.Lookup:
        for table in (getattr(one, "ExtSubTable", one) for one in lookup.SubTable):
            for first, ligatures in getattr(table, "ligatures", {}).items():
                for ligature in ligatures:
                    if "".join(letters.get(glyph, "?") for glyph in (first, *ligature.Component)) in names:
                        glyphs.add(ligature.LigGlyph)
    return sorted(glyphs)


main()
