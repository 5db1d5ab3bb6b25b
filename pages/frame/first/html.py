"""A picture as HTML for the body of its page: the place, the scene, and the module that draws it."""

import json
from functools import cache
from pathlib import Path

from ...shared.scripts import FIRST, LIVE, MODE, modules
from ..compressed import CLIENT
from ..theme import theme_variables
from .pictures import Picture

_HERE = Path(__file__).parent
_FONTS = '--st-font: "Source Sans", sans-serif; --st-heading-font: "Source Serif", serif;'
_AS_KATEX = "ascent-override: 90.3%; descent-override: 27.2%; line-gap-override: 0%;"
"""As high and deep as KaTeX_Main, which is not fetched for the empty room of a formula."""
_SANS, _SERIF = ("Source Sans", "SourceSansVF-Upright"), ("Source Serif", "SourceSerifVariable-Roman")


def body(picture: Picture) -> str:
    """For the page's body: a layer over Streamlit's own place, and the scene."""
    own = picture.styles.replace(":root", ":host").replace("html.", ".whole.")
    style = f"{themed(':host', ':host([data-theme={}])', _FONTS)}\n{_layout()}\n{own}"
    return f"""<style>{_font(*_SANS)} {_font("KL formula", _SANS[1], _AS_KATEX)}
      html:not(.present) body:has([data-testid="stHeader"]) #kl-first {{ clip-path: inset(3.75rem 0 0 0); }}</style>
    <style id="kl-later" media="not all">{_font(*_SERIF)}</style>
    <div id="kl-first"><template shadowrootmode="open"><style>{style}</style><div class="whole">{picture.skeleton}</div></template></div>
    {in_mode("kl-first")}
    {_scene(picture)}
    <script type="module" async src="./{FIRST.bundled}"></script>"""


def _scene(picture: Picture) -> str:
    """What the picture shows, as its component takes it; nothing where the page has words alone."""
    if not picture.script:
        return ""
    scene = {"data": json.loads(picture.data), "script": f"./{picture.script}", "key": picture.key}
    text = json.dumps(scene, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    return f'<script type="application/json" id="kl-first-scene">{text}</script>'


def hints(picture: Picture) -> str:
    """For the page's head: all that the picture needs, asked for at once."""
    return "\n    ".join(f'<link rel="modulepreload" href="./{one}" />' for one in _needed(picture))


def _needed(picture: Picture) -> list[str]:
    """The bundles of the picture, of what draws it, and of the live picture, of which both make use."""
    return list(dict.fromkeys([FIRST.bundled, LIVE.bundled, picture.script] if picture.script else [FIRST.bundled]))


def in_mode(holder: str) -> str:
    """HTML behind an element, by its id, that is drawn before Streamlit: what the address and a chosen theme make of it (mode.js).

    With the frame's style in the document: the projector's letters are a matter of <html>.
    """
    return f"<style>{_frame_style()}</style><script>{mode_script(holder)}</script>"


@cache
def mode_script(holder: str) -> str:
    """The script in `in_mode`, of which the policy has to know."""
    return f'{modules()[MODE.path].partition("export ")[2]}inMode(document.getElementById("{holder}"));'


def themed(holder: str, chosen: str, fonts: str = "") -> str:
    """CSS: the theme's colours in an element, as the system has it or as was chosen. chosen: its selector then, with {} for the theme."""
    light, dark = (theme_variables(scheme) for scheme in ("light", "dark"))
    forced = "\n".join(
        f"{chosen.format(name)} {{ color-scheme: {name}; {colours} }}" for name, colours in (("light", light), ("dark", dark))
    )
    return f"""{holder} {{ color-scheme: light dark; {fonts} {light} }}
@media (prefers-color-scheme: dark) {{ {holder} {{ {dark} }} }}
{forced}"""


@cache
def _layout() -> str:
    return (_HERE / "first.css").read_text(encoding="utf-8")


@cache
def _frame_style() -> str:
    return (_HERE.parent / "frame.css").read_text(encoding="utf-8")


@cache
def _font(family: str, file: str, measures: str = "") -> str:
    """As Streamlit's own style has it, which comes later."""
    path = next((CLIENT / "static" / "media").glob(f"{file}.*.woff2")).relative_to(CLIENT).as_posix()
    return f'@font-face {{ font-family: "{family}"; font-weight: 100 900; {measures} src: url("./{path}") format("woff2"); }}'
