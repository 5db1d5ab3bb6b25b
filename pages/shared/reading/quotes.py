"""Fields between quotation marks of other kinds than CSV's: 'Smith, J' and “Smith, J” are one cell."""

import re

_OTHERS = re.compile(r"(?P<before>^|[,;\t|])[ ]*(?:'(?P<single>[^'\"]*)'|[“„](?P<curly>[^“”\"]*)[”“])[ ]*(?=[,;\t|]|$)")
_DIVIDED = re.compile(r"(?:^|[,;\t|])[ ]*(?:'[^'\"]*[,;\t|][^'\"]*'|[“„][^“”\"]*[,;\t|][^“”\"]*[”“])[ ]*(?:[,;\t|]|$)")


def with_plain_quotes(lines: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """With CSV's own marks, where a field between others holds what divides cells and no line has CSV's own."""
    if not any("'" in line or "“" in line or "„" in line for _, line in lines) or any('"' in line for _, line in lines):
        return lines
    if not any(_DIVIDED.search(line) for _, line in lines):
        return lines
    plain = lambda told: f'{told["before"]}"{told["single"] if told["single"] is not None else told["curly"]}"'
    return [(i, _OTHERS.sub(plain, line)) for i, line in lines]
