"""The small fonts in the place of Streamlit's: what they hold, and who gets the whole ones."""

import json
import re
from pathlib import Path

from pages.frame import fonts
from pages.frame.compressed import CLIENT
from pages.frame.shell import DESCRIPTION, _page
from tests.pages.test_compressed import PLAIN, got

ROOT = Path(__file__).parents[2]
NAMES = sorted(fonts.small())
A_FONT = b"wOF2"


def test_each_small_font_has_the_name_of_one_that_the_installed_client_asks_for_and_is_far_smaller():
    assert len(NAMES) == 4
    for name in NAMES:
        assert len(fonts.small()[name]) < (CLIENT / name).stat().st_size / 2


def test_the_small_font_comes_in_the_place_of_the_whole_and_is_kept_for_ever():
    for name in NAMES:
        status, headers, body = got(f"/{name}")
        assert (
            status == 200
            and body.startswith(A_FONT)
            and headers["content-type"] == "font/woff2"
            and "immutable" in headers["cache-control"]
        )
        assert body == fonts.small()[name] == got(f"/kl/{name}", root_path="/kl")[2]


def test_the_whole_font_is_left_to_the_app_where_it_is_asked_for():
    assert got(f"/{NAMES[0]}", query=fonts.WHOLE)[2].decode() == PLAIN


def test_every_page_says_where_other_letters_come_from():
    page = _page("vae", DESCRIPTION, "")
    assert fonts.faces() in page and fonts.faces().count("@font-face") == 3
    assert all(f'url("./{name}?whole")' in page for name in NAMES if "Source" in name)


def test_no_letter_of_our_pages_needs_a_whole_font():
    ranges = [tuple(int(end, 16) for end in part.split("-")) for part in re.findall(r"U\+([0-9A-F]+(?:-[0-9A-F]+)?)", fonts.faces())]
    rest = {code for first, *last in ranges for code in range(first, (last or [first])[0] + 1)}
    for path in [*(ROOT / "pages").rglob("*.py"), *(ROOT / "pages").rglob("*.js")]:
        if "reading" not in path.parts:  # where other people's files are read, letters of other alphabets are data
            assert not {letter for letter in path.read_text(encoding="utf-8") if ord(letter) in rest}, path


def test_every_icon_that_a_page_names_is_in_the_small_font():
    drawable = set(json.loads((fonts.FOLDER / "icons.json").read_text(encoding="utf-8")))
    assert fonts.icons_of_pages() <= drawable, "run tools/fonts.py"
