"""Texts before they are read: signs that only print differently, and the frames that programs draw around tables."""

import re

_INVISIBLE = re.compile("[\u200b\u200c\u2060\ufeff\x1a]")
_FORTRAN = re.compile(r"(?<![\w.])([-+]?(?:\d+\.\d*|\.\d+))[dD]([-+]\d{1,3})(?!\w)")
"""“2.5D-01”, a double of Fortran."""
_INFINITY = re.compile(r"(?<![^\s,;|\[({'\"=:])([-+]?)∞(?![^\s,;|\])}'\"])")
_WIDE = str.maketrans("，；\uff5c", ",;|")
"""What divides cells on keyboards for Chinese and Japanese."""
_BOX_RULE = re.compile(r"(?m)^[ \t]*[┌┬┐├┼┤└┴┘╞╪╡╒╤╕╘╧╛╔╦╗╠╬╣╚╩╝─═+ -]*[─═][┌┬┐├┼┤└┴┘╞╪╡╒╤╕╘╧╛╔╦╗╠╬╣╚╩╝─═+ -]*$")
_LATEX = re.compile(r"(?m)^[ \t]*\\(?:begin|end|hline|toprule|midrule|bottomrule|centering|caption|label|cline)\b.*$")
_LATEX_END = re.compile(r"(?m)\\\\(?:[ \t]*\\hline)?[ \t]*$")


def tidied(text: str) -> str:
    """The same numbers and names in the signs that Python knows; every line stays where it is."""
    text = (text if text.isascii() and "\x1a" not in text else _INVISIBLE.sub("", text)).replace("−", "-")
    if "∞" in text:
        text = _INFINITY.sub(r"\1inf", text)
    if re.search(r"\d[dD][-+]\d", text):
        text = _FORTRAN.sub(r"\1e\2", text)
    if not text.isascii() and re.search("[，；\uff5c]", text) and not re.search(r"[,;\t|]", text):
        text = text.translate(_WIDE)
    if "│" in text or "║" in text:
        text = _unboxed(text)
    if "&" in text and _LATEX_END.search(text):
        cells = _LATEX_END.sub("", _LATEX.sub("", text))
        if all("&" in line for line in cells.splitlines() if line.strip()):
            text = cells.replace("&", "\t").replace("\\%", "%").replace("\\_", "_")
    return text


def _unboxed(text: str) -> str:
    """A table in a frame of lines, as DuckDB, Polars and Rich draw it, with | between its cells."""
    lines = _BOX_RULE.sub("", text).translate(str.maketrans("│┆║┃", "||||")).split("\n")
    cells = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines]
    types = next((i for i, row in enumerate(cells) if set(row) == {"---"}), None)
    for i, row in enumerate(cells):
        told = types is not None and (i == types or i == types + 1 and all(re.fullmatch(r"[a-z]+\d*(\[.*\])?", cell) for cell in row))
        if told or re.fullmatch(r"\s*shape: \(\d[\d_,]*, \d+\)\s*", lines[i]):
            lines[i] = ""
    return "\n".join(lines)
