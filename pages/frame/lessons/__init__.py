"""Lessons: a list of states of the explorer, each with a line of text, as a small text file that lives in a link as well."""

import base64
import binascii
import re
import zlib
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from ...shared.map import MAP

MOST_STEPS = 60
LONGEST_WORDS = 500
LONGEST_ADDRESS = 2000
LONGEST_TEXT = 20_000
LONGEST_LINK = 6000
"""Characters of a packed lesson; browsers and servers take longer addresses, chat programs cut them."""
_PAGES = {"", *(entry.name for entry in MAP[1:])}


@dataclass(frozen=True)
class Step:
    """A state of the explorer, as its address from the first slash on, and what to say about it."""

    address: str
    words: str


@dataclass(frozen=True)
class Lesson:
    """A title and its steps, in order."""

    title: str
    steps: tuple[Step, ...]


def parse(text: str) -> Lesson:
    """A lesson from its text: the title, then for each step a line with its address and below it what to say.

    ValueError with one plain sentence, and the line, when it is none.
    """
    if len(text) > LONGEST_TEXT:
        raise ValueError(f"A lesson can have {LONGEST_TEXT:,} characters; this one has {len(text):,}.")
    lines = [(i, line.strip()) for i, line in enumerate(text.splitlines(), 1) if line.strip()]
    if not lines or lines[0][1].startswith("/"):
        raise ValueError("A lesson begins with its title, on a line of its own.")
    starts = [i for i, (_, line) in enumerate(lines) if line.startswith("/")]
    if not starts:
        raise ValueError("A lesson needs a step: a line with an address such as /two_distributions, and its caption below.")
    if starts[0] != 1:
        raise ValueError(f"Line {lines[1][0]}: after the title comes the address of the first step, which begins with a slash.")
    if len(starts) > MOST_STEPS:
        raise ValueError(f"A lesson can have {MOST_STEPS} steps; this one has {len(starts)}.")
    ends = [*starts[1:], len(lines)]
    return Lesson(lines[0][1], tuple(_step(lines[a:b]) for a, b in zip(starts, ends, strict=True)))


def _step(lines: list[tuple[int, str]]) -> Step:
    (at, address), *said = lines
    page = re.split(r"[?#]", address[1:], maxsplit=1)[0]
    if page not in _PAGES:
        raise ValueError(f"Line {at}: there is no page “{page[:40]}” here.")
    if len(address) > LONGEST_ADDRESS:
        raise ValueError(f"Line {at}: this address is longer than {LONGEST_ADDRESS:,} characters.")
    words = " ".join(line for _, line in said)
    if len(words) > LONGEST_WORDS:
        raise ValueError(f"Line {at}: a caption can have {LONGEST_WORDS} characters; this one has {len(words)}.")
    return Step(address, words)


def written(lesson: Lesson) -> str:
    """The text that `parse` reads."""
    return "\n\n".join([lesson.title, *(f"{step.address}\n{step.words}".rstrip() for step in lesson.steps)]) + "\n"


def packed(lesson: Lesson) -> str:
    """The lesson as a word for a link: its text, deflated, in base64's alphabet for addresses, behind a tilde."""
    return "~" + base64.urlsafe_b64encode(zlib.compress(written(lesson).encode(), 9)).decode().rstrip("=")


def unpacked(word: str) -> Lesson:
    """The lesson that `packed` wrote. ValueError when it is damaged or too long."""
    try:
        raw = base64.b64decode(word.removeprefix("~") + "=" * (-len(word.removeprefix("~")) % 4), altchars=b"-_", validate=True)
        text = zlib.decompressobj().decompress(raw, 4 * LONGEST_TEXT).decode()  # a small word may unpack to gigabytes
    except (binascii.Error, zlib.error, UnicodeDecodeError):
        raise ValueError("The lesson in this link is damaged. Perhaps the link was cut.") from None
    return parse(text)


@cache
def ready() -> dict[str, Lesson]:
    """The lessons that come with the explorer, by the name they have in a link, in their order."""
    return {path.stem.split("_", 1)[1]: parse(path.read_text(encoding="utf-8")) for path in sorted(Path(__file__).parent.glob("*.txt"))}


@lru_cache(maxsize=256)
def in_link(value: str) -> tuple[str, Lesson, int]:
    """From `what_kl_is.3` or `~….3`: the lesson's word, the lesson, and which step of it, from 0. ValueError when there is none."""
    word, _, step = value.rpartition(".") if "." in value else (value, "", "1")
    lesson = unpacked(word) if word.startswith("~") else ready().get(word)
    if lesson is None:
        raise ValueError(f"There is no lesson “{word[:40]}” here.")
    at = int(step) if step.isdecimal() and len(step) < 5 else 1
    return word, lesson, min(max(at, 1), len(lesson.steps)) - 1
