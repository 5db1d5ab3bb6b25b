"""Texts that are not UTF-8: their names are guessed by their letters, said, and can be chosen otherwise; their numbers are right."""

import pytest

from pages.shared.reading.encodings import ENCODINGS
from tests.pages.conftest import words
from tests.pages.reading import one_file

NAMES = {
    "cp1252": ("Milán", "blé"),
    "cp1250": ("żółty", "czerwień"),
    "cp1254": ("kırmızı", "yeşil"),
    "mac_roman": ("Milán", "blé"),
    "cp850": ("Milán", "blé"),
    "cp1251": ("красный", "синий"),
    "koi8_r": ("красный", "Синий кот"),
    "cp866": ("красный", "синий"),
    "cp1253": ("κόκκινο", "μπλε"),
    "cp1256": ("أحمر", "أزرق"),
    "cp932": ("ねこ", "犬"),
    "gb18030": ("红", "蓝色的"),
    "big5": ("紅色", "藍色"),
    "cp949": ("빨강", "파랑"),
    "iso2022_jp": ("赤", "青"),
}


def file_of(first: str, second: str, codec: str) -> bytes:
    return f"name;ref;cur\n{first};40;30\n{second};35;45\n".encode(codec)


@pytest.mark.parametrize("codec", NAMES)
def test_names_are_read_in_the_encoding_in_which_they_are_words_and_it_is_said(codec):
    inputs = one_file(file_of(*NAMES[codec], codec))
    assert tuple(inputs.p.names) == NAMES[codec] and inputs.p.vector.tolist() == [40, 35]
    assert inputs.notes[0].startswith(("The text is not UTF-8", "The text is in ISO-2022-JP"))


@pytest.mark.parametrize("text", ["r’ed;€ 3", "12 €;5 €", "1\xa0234;3\xa0456", "Straße;München", "Español;acción", "Ærø;blåbær"])
def test_western_marks_and_letters_stay_windows_1252(text):
    first, second = text.split(";")
    assert one_file(file_of(f"{first} x", f"{second} x", "cp1252")).p.names == [f"{first} x", f"{second} x"]


def test_another_encoding_can_be_chosen_where_the_guess_is_wrong(visit):
    hebrew = file_of("אדום", "כחול", "cp1255")
    chosen = next(name for name, codec in ENCODINGS.items() if codec == "cp1255")
    assert one_file(hebrew, encoding=chosen).p.names == ["אדום", "כחול"]
    at = visit("your_numbers", given="Counts")
    at.segmented_control(key="way").set_value("Open a file").run()
    at.file_uploader(key="own_files").set_value(("hebrew.csv", hebrew, "text/csv")).run()
    assert "not UTF-8" in words(at)
    at.selectbox(key="encoding").set_value(chosen).run()
    assert not at.exception and f"read as {chosen}" in words(at) and "אדום" in str(at.dataframe[0].value)


@pytest.mark.parametrize("mark", "^~")
def test_rare_separators_divide_where_they_stand_in_every_line(mark):
    inputs = one_file(f"name{mark}ref{mark}cur\nSmith, J{mark}40{mark}30\nLee{mark}35{mark}45\n")
    assert inputs.p.names == ["Smith, J", "Lee"] and inputs.q.vector.tolist() == [30, 45]
    assert one_file(f"name,ref,cur\na{mark}b,40,30\nc,35,45\n").p.names == [f"a{mark}b", "c"]
