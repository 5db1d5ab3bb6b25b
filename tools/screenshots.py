"""Makes the README's pictures and the preview for shared links from the running app; with names of pages, theirs alone.

`views` as the only name: docs/beta/<view>-<width>.png, the pictures of docs/beta.md.
"""

import sys
from pathlib import Path

from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[1]))

from pages.shared.map import MAP
from tests.browser.chromium import chromium, settle
from tests.server import ROOT, free_port, serving, streamlit_run

ADDRESSES = {
    MAP[0].name: "?scene=3",
    "forward_reverse": "forward_reverse?step=180",
    "beta": "beta?beta=0.01",
    "sample_estimates": "sample_estimates?view=The value",
    "practice": "practice?q=7&done=reverse_picks_a_mode.e8",
    "lessons": "forward_reverse?step=180&present=1&lesson=two_directions.3",
}
SHOWN = ".live, .playground, .beta-screen, .plane, .stMain .story[data-ready], .checked"
PREVIEW = ROOT / "pages" / "frame" / "assets" / "preview.png"
VIEWS = {
    "answer": "beta?beta=0.02",
    "forgetting": "beta?view=Forgetting",
    "direction": "beta?view=Which direction?",
    "frontier": "beta?view=One frontier",
    "two": "beta?view=One frontier&frontier_of=Two answers",
    "landscape": "beta?view=One frontier&frontier_of=Three answers",
    "train": "beta?view=Train it yourself",
    "who": "beta?view=Who sets β?",
    "practice": "beta?view=In practice",
}
SIZES = ((390, 844), (1440, 900))


def views() -> None:
    """Each view of β on a phone and on a desktop; what is computed in the background is waited for."""
    folder = ROOT / "docs" / "beta"
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    with serving(streamlit_run(port), port), chromium() as browser:
        for width, height in SIZES:
            page = browser.new_page(viewport={"width": width, "height": height})
            for name, address in VIEWS.items():
                page.goto(f"http://localhost:{port}/{address}")
                settle(page)
                page.get_by_text("are being computed").wait_for(state="detached", timeout=60_000)
                page.wait_for_timeout(1500)  # icons fade in, pictures glide to their place
                path = folder / f"{name}-{width}.png"
                page.screenshot(path=path)
                Image.open(path).convert("RGB").quantize(method=Image.Quantize.FASTOCTREE).save(path, optimize=True)
            page.close()


def main(names: list[str]) -> None:
    """docs/<page>.png at 1440 × 900, and the preview at the size that link previews ask for."""
    port = free_port()
    (ROOT / "docs").mkdir(exist_ok=True)
    with serving(streamlit_run(port), port), chromium() as browser:
        shots = [(entry.name, ROOT / "docs" / f"{entry.name}.png", (1440, 900)) for entry in MAP if not names or entry.name in names]
        preview = [] if names else [("two_distributions", PREVIEW, (1200, 630))]
        for name, path, (width, height) in [*shots, *preview]:
            page = browser.new_page(viewport={"width": width, "height": height})
            page.goto(f"http://localhost:{port}/{ADDRESSES.get(name, name)}")
            settle(page)
            page.locator(SHOWN).first.wait_for(state="attached")
            page.wait_for_timeout(1500)  # icons fade in, pictures glide to their place
            page.screenshot(path=path)
            page.close()


if __name__ == "__main__":
    if sys.argv[1:] == ["views"]:
        views()
    else:
        main(sys.argv[1:])
