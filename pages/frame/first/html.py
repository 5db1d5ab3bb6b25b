"""A picture as HTML for the body of its page: the place, the scene, and the module that draws it."""

import json
from functools import cache
from pathlib import Path

from ...shared.scripts import FIRST, LIVE
from ..compressed import CLIENT
from ..theme import theme_variables
from .pictures import Picture

OWN_THEME = "kl-own-theme"
"""The class of <html> where a visitor has chosen colours that are not the system's: then Streamlit draws the picture."""
_HERE = Path(__file__).parent
_SANS, _SERIF = ("Source Sans", "SourceSansVF-Upright"), ("Source Serif", "SourceSerifVariable-Roman")


def body(picture: Picture) -> str:
    """For the page's body: a layer over Streamlit's own place, and the scene."""
    scene = {"data": json.loads(picture.data), "css": picture.css, "script": f"./{picture.script}", "key": picture.key}
    text = json.dumps(scene, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    style = f"{_theme()}\n{_layout()}\n{picture.styles.replace(':root', ':host')}"
    return f"""<style>{_font(*_SANS)} .{OWN_THEME} #kl-first {{ display: none; }}
      body:has([data-testid="stHeader"]) #kl-first {{ clip-path: inset(3.75rem 0 0 0); }}</style>
    <style id="kl-later" media="not all">{_font(*_SERIF)}</style>
    <div id="kl-first"><template shadowrootmode="open"><style>{style}</style>{picture.skeleton}</template></div>
    <script type="application/json" id="kl-first-scene">{text}</script>
    <script type="module" async src="./{FIRST.bundled}"></script>"""


def hints(picture: Picture) -> str:
    """For the page's head: all that the picture needs, asked for at once."""
    return "\n    ".join(f'<link rel="modulepreload" href="./{one}" />' for one in _needed(picture))


def _needed(picture: Picture) -> list[str]:
    """The bundles of the picture, of what draws it, and of the live picture, of which both make use."""
    return list(dict.fromkeys([FIRST.bundled, LIVE.bundled, picture.script]))


def theme_script() -> str:
    """For the script in the page's head, the same on every page: names <html> by `OWN_THEME`. Storage may be forbidden in a frame."""
    return (
        'try { if (Object.keys(localStorage).some((key) => key.startsWith("stActiveTheme"))) '
        f'document.documentElement.classList.add("{OWN_THEME}"); }} catch {{ /* no storage, no choice */ }}'
    )


@cache
def _layout() -> str:
    return (_HERE / "first.css").read_text(encoding="utf-8")


@cache
def _theme() -> str:
    light, dark = (theme_variables(scheme) for scheme in ("light", "dark"))
    fonts = '--st-font: "Source Sans", sans-serif; --st-heading-font: "Source Serif", serif;'
    return f":host {{ color-scheme: light dark; {fonts} {light} }}\n@media (prefers-color-scheme: dark) {{ :host {{ {dark} }} }}"


@cache
def _font(family: str, file: str) -> str:
    """As Streamlit's own style has it, which comes later."""
    path = next((CLIENT / "static" / "media").glob(f"{file}.*.woff2")).relative_to(CLIENT).as_posix()
    return f'@font-face {{ font-family: "{family}"; font-weight: 100 900; src: url("./{path}") format("woff2"); }}'
