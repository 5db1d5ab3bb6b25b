"""What an address without a page shows: the nearest page, and all of them."""

from difflib import get_close_matches
from html import escape

from ..shared.map import MAP, TITLE

_STYLE = """
:root { color-scheme: light dark; --text: #1b1f27; --ground: #fff; --link: #6d28d9; --line: #d5d9e0; }
@media (prefers-color-scheme: dark) { :root { --text: #e8ebf0; --ground: #10141b; --link: #b79bff; --line: #3a4351; } }
body { margin: 0; padding: 12vh 1.2rem 3rem; color: var(--text); background: var(--ground); font: 1.05rem/1.5 "Source Sans", sans-serif; }
main { max-width: 42rem; margin: auto; }
h1 { font-size: 1.8rem; }
a { color: var(--link); font-weight: 600; }
li { padding: 0.45rem 0; border-top: 1px solid var(--line); }
ul { list-style: none; padding: 0; }
"""


def not_found(name: str, home: str = "./") -> str:
    """The HTML for an address that no page has. name: its last part. home: where the app begins, relative to that address."""
    near = get_close_matches(name.lower(), [entry.name for entry in MAP], n=1, cutoff=0.5)
    guess = next((f'Did you mean <a href="{home}{entry.name}">{escape(entry.title)}</a>?' for entry in MAP[1:] if near == [entry.name]), "")
    pages = "".join(
        f'<li><a href="{home}{"" if entry is MAP[0] else entry.name}">{escape(entry.title)}</a> — {escape(entry.answers)}</li>'
        for entry in MAP
    )
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>No such page · {TITLE}</title><link rel="icon" href="{home}icon.svg" type="image/svg+xml"><style>{_STYLE}</style></head>
<body><main><h1>There is no page “{escape(name[:60])}” here</h1><p>{guess} The link may be old or mistyped. These are all the pages:</p>
<ul>{pages}</ul></main></body></html>
"""
