"""The encoding of a text that is not UTF-8: chosen by hand, else guessed by which letters it would have, and said.

charset-normalizer wants longer texts: of 17 short tables of names, such as tests/pages/test_reading_encodings.py has, it took 10 for
another encoding.
"""

import unicodedata
from collections.abc import Callable

ENCODINGS = {
    "Windows-1252 (Western)": "cp1252",
    "Windows-1254 (Turkish)": "cp1254",
    "Windows-1250 (Central European)": "cp1250",
    "Mac OS Roman (Western)": "mac_roman",
    "DOS 850 (Western)": "cp850",
    "Windows-1251 (Cyrillic)": "cp1251",
    "KOI8-R (Cyrillic)": "koi8_r",
    "DOS 866 (Cyrillic)": "cp866",
    "Windows-1253 (Greek)": "cp1253",
    "Windows-1255 (Hebrew)": "cp1255",
    "Windows-1256 (Arabic)": "cp1256",
    "Shift JIS (Japanese)": "cp932",
    "GB 18030 (Chinese)": "gb18030",
    "Big5 (Chinese)": "big5",
    "EUC-KR (Korean)": "cp949",
}
"""Names, as they can be chosen, and Python's codecs."""
NOT_UTF_8 = "The text is not UTF-8"
_WESTERN = frozenset("cp1252 cp1250 cp1254 mac_roman cp850".split())
_FREQUENT = {
    "cp1251": "оеаинтсрвлкмдпуяызй",
    "koi8_r": "оеаинтсрвлкмдпуяызй",
    "cp866": "оеаинтсрвлкмдпуяызй",
    "cp1253": "αοιετσνηυρπκμλωςόίάέή",
    "cp1255": "יוהלאמרתבשםנד",
    "cp1256": "الينمورتبةعدسأ",
}
"""The letters that half of a text and more consists of."""
_TURKISH = frozenset("çğıöşüÇĞİÖŞÜâîû")
_HANGUL = frozenset(
    "가각간갈감강개거건것게격결경계고공과관광교구국군그근금급기김나날남내너노녹는능다단달당대더도동두드들등디라람랑래러레로록론료류르를리린림마만말망매"
    "머먹면명모목무문물미민바박반발방배백번법변별병보복본부북분불비빨사산상새생서석선설성세소속손수순술스승시식신실심아안야약양어언얼업에여역연열영예오온"
    "올와완외요용우운원월위유육은을음의이인일임입자작장재저적전절점정제조종좋주준중증지직진집차참채천청체초총추출충치카코타탄토통파판편평포표품풍피하학"
    "한합항해행향현형호혼화환활황회효후희"
)
"""Syllables of which most Korean words consist."""
_COMMON_LEADS = {"gb18030": (0xB0, 0xD7), "big5": (0xA4, 0xC6), "cp949": (0xB0, 0xC8), "cp932": (0x81, 0x97)}
"""First bytes of the characters that are used most; the standards sort by use, or keep rare ones at the end."""
_FIRST = 0.15
"""By how much another encoding must be more plausible than Windows-1252."""
_ENOUGH = 50_000
"""Bytes by which an encoding is guessed."""


def decoded(data: bytes, chosen: str = "") -> tuple[str, str]:
    """The text of bytes that are not UTF-8, and what was decided, in one sentence. chosen: one of ENCODINGS, or "" to guess."""
    name = chosen if chosen in ENCODINGS else _guessed(data[:_ENOUGH])
    text = data.decode(ENCODINGS[name], "replace")
    if chosen in ENCODINGS:
        return text, f"The text is read as {name}."
    if name.startswith("Windows-1252"):
        return text, f"{NOT_UTF_8}; it is read as Windows-1252."
    return text, f"{NOT_UTF_8}; by its letters it is guessed to be {name}."


def _guessed(head: bytes) -> str:
    """The encoding in which the bytes beyond ASCII are letters that words have; Windows-1252 where no other is better."""
    scores = {name: round(_score(head, codec), 6) + (_FIRST if codec == "cp1252" else 0.0) for name, codec in ENCODINGS.items()}
    return max(scores, key=scores.__getitem__)


def _score(head: bytes, codec: str) -> float:
    """How plausible the text would be, from 0 to 1."""
    try:
        text = head.decode(codec)
    except UnicodeDecodeError as problem:
        if problem.start < len(head) - 3 or len(head) < _ENOUGH:
            return 0.0
        text = head[: problem.start].decode(codec)
    marks = [_mark_of(codec)(text, i, codec) for i, char in enumerate(text) if char > "\x7f"]
    return sum(marks) / len(marks) if marks else 0.0


def _mark_of(codec: str) -> Callable[[str, int, str], float]:
    return _western if codec in _WESTERN else _double if codec in _COMMON_LEADS else _alphabet


def _western(text: str, i: int, codec: str) -> float:
    """A letter among ASCII letters, or a mark where marks stand."""
    char, before, after = text[i], text[i - 1 : i], text[i + 1 : i + 2]
    if char.isalpha() and char not in "ªº":
        together = sum(side > "\x7f" and side.isalpha() for side in (before, after))
        rare = 0.6 if codec == "cp1252" and char in "ýþðÝÞÐ" or codec == "cp1254" and char not in _TURKISH else 1.0
        lone = 0.3 if not any(side.isalpha() for side in (before, after)) or before.isdigit() else 1.0
        return (0.9, 0.7, 0.2)[together] * rare * lone * (0.2 if char.isupper() and before.islower() else 1.0)
    if char == "\xa0":
        return 0.9 if before.isdigit() and after.isdigit() else 0.1
    return 0.92 if char in "€£–—‘’“”„…°" else 0.4 if char in "«»¿¡§×" else 0.0


def _alphabet(text: str, i: int, codec: str) -> float:
    """A letter of the alphabet among its like, most of all a frequent one, and no capital inside of a word."""
    char, before, after = text[i], text[i - 1 : i], text[i + 1 : i + 2]
    ascii_beside = any(side.isascii() and side.isalnum() for side in (before, after))
    if not char.isalpha() or ascii_beside or "LATIN" in unicodedata.name(char, "LATIN"):
        return 0.0
    if not any(side > "\x7f" and side.isalpha() for side in (before, after)):
        return 0.3  # alone
    inside = before > "\x7f" and before.islower()
    return (1.0 if char.lower() in _FREQUENT[codec] else 0.45) * (0.2 if char.isupper() and inside else 1.0)


def _double(text: str, i: int, codec: str) -> float:
    """A character that is in use, by its first byte."""
    char = text[i]
    if "HIRAGANA" in (name := unicodedata.name(char, "")) or "KATAKANA LETTER" in name and "HALFWIDTH" not in name:
        return 1.0
    written = char.encode(codec)
    low, high = _COMMON_LEADS[codec]
    if len(written) != 2 or not char.isalpha() or "HALFWIDTH" in name:
        return 0.1 if len(written) == 2 else 0.0
    in_use = low <= written[0] <= high
    if codec == "cp949":
        return (0.95 if char in _HANGUL else 0.6) if in_use and "HANGUL" in name else 0.1
    if codec == "cp932":
        return 0.8 if in_use else 0.1
    return (0.9 if codec == "gb18030" and written[1] >= 0xA1 else 0.75) if in_use else 0.1
