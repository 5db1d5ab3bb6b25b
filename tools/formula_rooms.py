"""How high, deep and wide KaTeX draws the formulas above the pages' pictures, or beside them: writes pages/frame/first/formulas.json.

Run it after a formula in pages/shared/introductions.py or in pages/views/<page>/introductions.py has changed:
python -m tools.formula_rooms. It needs Chromium, as the browser tests do. Without an entry a formula is taken to be one line high.
"""

import json
import re
from importlib import import_module
from pathlib import Path

from pages.frame.compressed import CLIENT
from pages.shared.introductions import INTRODUCTIONS, Introduction
from pages.views.beta.forgetting_plane import ACROSS

_PAGES = Path(__file__).parents[1] / "pages"
FILE = _PAGES / "frame" / "first" / "formulas.json"
_HOST = "http://formulas.invalid"
# KaTeX breaks a line between two parts only; each part has a strut as high and as deep as itself. The client's style has the older of
# two names for some of its classes.
_MEASURE = """async ([katex, formulas]) => {
  const { default: { renderToString } } = await import(katex);
  document.body.innerHTML = formulas.map((one) => `<p>${renderToString(one).replaceAll(/katex-(?=base|strut|sizing)/g, "")}</p>`).join("");
  document.body.style.width = "9999px";
  await Promise.all([...document.fonts].map((font) => font.load()));
  const em = parseFloat(getComputedStyle(document.querySelector(".katex-html")).fontSize);
  const part = (base) => {
    const { height, verticalAlign } = base.querySelector(".strut").style;
    return [parseFloat(height), -parseFloat(verticalAlign || "0"), base.getBoundingClientRect().width / em];
  };
  return [...document.querySelectorAll("p")].map((p) => [...p.querySelectorAll(".base")].map(part));
}"""


def introductions() -> list[Introduction]:
    """What pages open with, and then their later views."""
    folders = sorted(path.parent.name for path in (_PAGES / "views").glob("*/introductions.py"))
    later = (import_module(f"pages.views.{name}.introductions").OF_VIEWS.values() for name in folders)
    return [*INTRODUCTIONS.values(), *(one for views in later for one in views)]


def formulas() -> list[str]:
    """All that may stand above a picture, without their dollar signs."""
    texts = [*ACROSS, *(text for one in introductions() for text in (f"${one.formula}$", f"{one.why} {one.symbols}"))]
    return sorted({formula for text in texts for formula in re.findall(r"\$([^$]+)\$", text)})


def rooms() -> dict[str, list[list[float]]]:
    """By formula: height, depth and width of each of its parts, in em, as the KaTeX in Streamlit's client makes them."""
    from tests.browser.chromium import chromium

    (katex,) = (CLIENT / "static" / "js").glob("katex.*.js")
    (style,) = (path for path in (CLIENT / "static" / "css").glob("*.css") if "KaTeX_Main" in path.read_text(encoding="utf-8"))
    page_text = f'<!doctype html><link rel="stylesheet" href="{_address(style)}"><body></body>'
    with chromium() as browser:
        page = browser.new_page()
        page.route("**/static/**", lambda route: route.fulfill(path=CLIENT / route.request.url.removeprefix(f"{_HOST}/")))
        page.route(f"{_HOST}/", lambda route: route.fulfill(body=page_text, content_type="text/html"))
        page.goto(f"{_HOST}/")
        measured = page.evaluate(_MEASURE, [_address(katex), formulas()])
    return {formula: [[round(x, 3) for x in part] for part in parts] for formula, parts in zip(formulas(), measured, strict=True)}


def _address(path: Path) -> str:
    return f"{_HOST}/{path.relative_to(CLIENT).as_posix()}"


if __name__ == "__main__":
    lines = ",\n".join(f" {json.dumps(formula)}: {parts}" for formula, parts in rooms().items())
    FILE.write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")
