"""Text that a visitor wrote, shown as it stands: no markup in it is obeyed."""

import re

_MARKS = re.compile(r"[\\`*\[\]<>$|~]|(?<![^\W_])_|_(?![^\W_])|:(?=[A-Za-z/])|&(?=[#\w])|(?<=www)\.")
"""What Markdown, as Streamlit reads it, takes for more than a character."""
_BREAKS = re.compile(r"\s*[\r\n\u2028\u2029]\s*")


def plain(text: object) -> str:
    """The text for a place that takes Markdown: each mark with a backslash before it, all on one line."""
    return _MARKS.sub(r"\\\g<0>", _BREAKS.sub(" ", str(text)))
