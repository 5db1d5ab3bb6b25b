"""JavaScript modules served by addresses of their own: Streamlit sends an inline script again with every answer."""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

_PAGES = Path(__file__).parents[1]


@dataclass(frozen=True)
class Script:
    """One module made of several files of pages, in their order; `export` is what its last file exports by default."""

    name: str
    files: tuple[str, ...]

    @cached_property
    def text(self) -> str:
        return "\n".join((_PAGES / one).read_text(encoding="utf-8") for one in self.files)

    @cached_property
    def address(self) -> str:
        """Where `shell.py` serves it; it changes with the text, so that browsers may keep it for ever."""
        return f"/{self.name}-{hashlib.sha256(self.text.encode()).hexdigest()[:16]}.js"

    @cached_property
    def loader(self) -> str:
        """The few lines that Streamlit sends in its place."""
        return f"""
const loaded = import(new URL({self.address!r}, window.location.origin));
export default async function {self.name}(component) {{
  return (await loaded).default(component);
}}
"""


_LIVE = (
    "model",
    "previews",
    "draw",
    "scrub",
    "panels",
    "map",
    "chart",
    "sentences",
    "images",
    "probe",
    "latent",
    "levels",
    "terms",
    "stretched",
    "handles",
    "labels",
    "computed",
    "picture",
    "export",
    "main",
)
LIVE = Script("live", tuple(f"shared/live/{one}.js" for one in _LIVE))
_TEACH = ("address", "present", "locks", "lesson", "share", "main")
TEACH = Script("teach", ("shared/live/draw.js", *(f"frame/teach/{one}.js" for one in _TEACH)))
SITE_MAP = Script("siteMap", ("shared/live/draw.js", "frame/teach/address.js", "views/start/map.js"))
SCRIPTS = (LIVE, TEACH, SITE_MAP)
