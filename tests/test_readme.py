"""What the README says runs, and prints what it says."""

import re
import subprocess
import sys
from pathlib import Path

from pages.shared.map import MAP

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_code_block_prints_what_stands_below_it():
    code = re.search(r"```python\n(.*?)```\s*```text\n(.*?)```", README, re.S)
    done = subprocess.run([sys.executable, "-W", "error", "-c", code[1]], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout == code[2], done.stderr


def test_every_page_is_on_the_readme_map():
    assert all(entry.title in README for entry in MAP)


def test_every_make_target_named_exists_and_every_picture_too():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert all(f"\n{target}:" in makefile for target in re.findall(r"`make (\w+)", README))
    assert all((ROOT / path).exists() for path in re.findall(r"!\[.*?\]\((.*?)\)", README))
