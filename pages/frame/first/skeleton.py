"""A page's HTML from its top down to its first picture, measure for measure as Streamlit will lay it out.

Streamlit's class names are kept where `frame.css` speaks of them, so the same rules hold in both. What stands beside the picture or
below it is left out; it moves nothing. Anything else than the few kinds that stand above pictures gives no HTML at all.
"""

import json
import re
from functools import cache
from html import escape, unescape
from pathlib import Path

from streamlit.proto.Block_pb2 import Block
from streamlit.proto.ButtonGroup_pb2 import ButtonGroup
from streamlit.proto.GapSize_pb2 import GapSize
from streamlit.proto.LabelVisibility_pb2 import LabelVisibility
from streamlit.proto.Markdown_pb2 import Markdown

from .tree import Node

_GAPS = {"SMALL": 1, "MEDIUM": 2, "LARGE": 4, "NONE": 0, "XXSMALL": 0.25, "XSMALL": 0.5, "XLARGE": 6, "XXLARGE": 8}
"""In rem."""
_JUSTIFY = {"JUSTIFY_START": "start", "JUSTIFY_CENTER": "center", "JUSTIFY_END": "end", "SPACE_BETWEEN": "space-between"}
_ALIGN = {"ALIGN_START": "start", "ALIGN_CENTER": "center", "ALIGN_END": "end", "STRETCH": "stretch"}
_STRUTS = Path(__file__).with_name("formulas.json")
_NO_LETTERS = re.compile(r"\\(?:text|mathrm|textcolor\{\w+\}|mathbb|left|right|[,;!])|[{}_^\s]")
_COMMAND = re.compile(r"\\[a-zA-Z]+|\\.")
_BOLD = re.compile(r"\*\*(.+?)\*\*")
_FORMULA = re.compile(r"\$([^$]+)\$")
_HEADING = re.compile(r"(#{2,6}) (.+)")
_MARKED = re.compile(r"[*_`~]|\]\(|:\w+[:\[/]")
"""Emphasis, code, links, colours and icons, which are not written here."""


FOR_WIDE_SCREENS = "for-wide-screens"
"""A page whose picture comes first on wide screens alone."""


class Unknown(Exception):
    """Something stands above the picture of which it is not known how high it is."""


def skeleton(page: Node, picture: Node) -> str:
    """The HTML of the page's container. The picture is an empty `<div id="picture">` in it. Unknown if it cannot be written."""
    inside, reached = _children(page, picture)
    if not reached:
        raise Unknown
    block = f'<div class="stVerticalBlock">{inside}</div>'
    name = f"stMain {FOR_WIDE_SCREENS}" if _has_key(page, "asked_first") else "stMain"
    return f'<div class="{name}" data-testid="stMain"><div class="stMainBlockContainer">{block}</div></div>'


def _has_key(node: Node, key: str) -> bool:
    return node.key == key or any(_has_key(child, key) for child in node.in_order())


def _children(node: Node, picture: Node) -> tuple[str, bool]:
    """The HTML of what is in a block, and whether the picture is in it: then what follows is left out."""
    parts = []
    for child in node.in_order():
        if child.key == "teach":  # in the header, whatever it is
            continue
        html, reached = _node(child, picture)
        parts.append(html)
        if reached and node.kind != "flex_container":
            return "".join(parts), True
        if reached:
            return "".join(parts) + _columns_after(node, child), True
    return "".join(parts), False


def _columns_after(node: Node, child: Node) -> str:
    """Empty columns beside the one that has the picture, which share the width."""
    others = list(node.in_order())
    after = others[others.index(child) + 1 :]
    return "".join(_column(one, "") for one in after if one.kind == "column")


def _node(node: Node, picture: Node) -> tuple[str, bool]:
    if node is picture:
        return f'<div class="stElementContainer st-key-{escape(node.key)}"><div id="picture" class="stBidiComponent"></div></div>', True
    if node.kind == "flex_container":
        inside, reached = _children(node, picture)
        return _container(node, inside), reached
    if node.kind == "column":
        inside, reached = _children(node, picture)
        return _column(node, inside if reached else ""), reached
    if node.kind == "popover":
        return _popover(node), False
    if node.kind == "bidi_component" or node.kind not in _ELEMENTS:
        raise Unknown(node.kind)
    content = " content" if node.said.width_config.use_content else ""
    key = f" st-key-{escape(node.key)}" if node.key else ""
    return f'<div class="stElementContainer{key}{content}">{_ELEMENTS[node.kind](node)}</div>', False


def _container(node: Node, inside: str) -> str:
    block = node.said.flex_container
    row = block.direction == Block.FlexContainer.HORIZONTAL
    justify = _JUSTIFY.get(Block.FlexContainer.Justify.Name(block.justify), "start")
    align = _ALIGN.get(Block.FlexContainer.Align.Name(block.align), "stretch")
    wrap = "wrap" if row and block.wrap else "nowrap"
    style = f"--gap: {_gap(block.gap_config)}; --justify: {justify}; --align: {align}; --wrap: {wrap}"
    key = f" st-key-{escape(node.key)}" if node.key else ""
    name = "stHorizontalBlock" if row else "stVerticalBlock"
    content = " content" if node.said.width_config.use_content else ""
    return f'<div class="wrapper{content}" data-testid="stLayoutWrapper"><div class="{name}{key}" style="{style}">{inside}</div></div>'


def _column(node: Node, inside: str) -> str:
    column = node.said.column
    style = f"flex: 1 1 calc({column.weight * 100:.4f}% - {_gap(column.gap_config)})"
    return f'<div class="stColumn" style="{style}"><div class="stVerticalBlock">{inside}</div></div>'


def _popover(node: Node) -> str:
    """Its button alone: what it opens is nowhere yet."""
    popover = node.said.popover
    if popover.help or popover.icon:
        raise Unknown
    words = f'<div data-testid="stMarkdownContainer"><p>{_inline(popover.label)}</p></div>'
    button = f'<div class="stPopover"><button type="button" tabindex="-1" class="lone">{words}<span class="icon"></span></button></div>'
    return f'<div class="wrapper content st-key-{escape(node.key)}" data-testid="stLayoutWrapper">{button}</div>'


def _gap(config) -> str:
    name = GapSize.Name(config.gap_size)
    if config.WhichOneof("gap_spec") == "pixel_gap" or name not in _GAPS:
        raise Unknown
    return f"{_GAPS[name]}rem"


def _heading(node: Node) -> str:
    heading = node.said.heading
    if heading.tag not in ("h1", "h2", "h3") or heading.help:
        raise Unknown
    words = f"<{heading.tag}><span>{_inline(heading.body)}</span></{heading.tag}>"
    return f'<div class="stHeading"><div data-testid="stMarkdownContainer">{words}</div></div>'


def _markdown(node: Node) -> str:
    markdown = node.said.markdown
    if markdown.help or markdown.allow_html or markdown.element_type not in (Markdown.NATIVE, Markdown.CAPTION):
        raise Unknown
    test = "stCaptionContainer" if markdown.element_type == Markdown.CAPTION else "stMarkdownContainer"
    return f'<div class="stMarkdown"><div class="center"><div data-testid="{test}">{_paragraph(markdown.body)}</div></div></div>'


def _paragraph(body: str) -> str:
    heading = _HEADING.fullmatch(body)
    if heading:
        tag = f"h{len(heading[1])}"
        return f"<{tag}><span>{_inline(heading[2])}</span></{tag}>"
    if "\n" in body:
        raise Unknown
    return f"<p>{_inline(body)}</p>"


def _inline(text: str) -> str:
    """Words, some of them bold, and formulas as the room that they take."""
    bare = _BOLD.sub(r"\1", _FORMULA.sub("", text))
    if _MARKED.search(bare):
        raise Unknown(text)
    words = _BOLD.sub(r"<strong>\1</strong>", escape(text, quote=False))
    return _FORMULA.sub(lambda formula: _room(unescape(formula[1])), words)


def _room(formula: str) -> str:
    """As high, deep and wide as KaTeX makes the formula, whose lines break between its parts; about as wide where it is not known."""
    letters = len(_COMMAND.sub("x", _NO_LETTERS.sub("", formula)))
    struts = "".join(
        f'<span class="base" style="width: {width}em">'
        f'<span class="strut" style="height: {height}em; vertical-align: {-depth}em"></span></span>'
        for height, depth, width in _struts().get(formula, [[1, 0.25, round(0.48 * letters, 2)]])
    )
    return f'<span class="katex"><span class="katex-html" aria-hidden="true">{struts}</span></span>'


@cache
def _struts() -> dict[str, list[list[float]]]:
    return json.loads(_STRUTS.read_text(encoding="utf-8"))


def _button_group(node: Node) -> str:
    group = node.said.button_group
    if group.label_visibility.value != LabelVisibility.COLLAPSED or any(option.content_icon for option in group.options):
        raise Unknown  # a label above it, or a picture in it
    pills = group.style == ButtonGroup.PILLS
    many = group.click_mode == ButtonGroup.MULTI_SELECT
    chosen = [option.content for option in group.options if option.content in group.raw_values] if group.set_value else []
    chosen = chosen or [group.options[i].content for i in group.default]
    buttons = "".join(
        f'<button type="button" tabindex="-1" role="radio" aria-checked="{"true" if option.content in chosen else "false"}">'
        f'<div data-testid="stMarkdownContainer"><p>{_inline(option.content)}</p></div></button>'
        for option in group.options
    )
    role = "group" if many or not group.required else "radiogroup"
    return f'<div class="stButtonGroup"><div class="{"pills" if pills else "segments"}" role="{role}">{buttons}</div></div>'


def _button(node: Node) -> str:
    button = node.said.button
    if button.help:
        raise Unknown
    icon = '<span class="icon"></span>' if button.icon else ""
    words = f'<div data-testid="stMarkdownContainer"><p>{_inline(button.label)}</p></div>'
    return f'<div class="stButton"><button type="button" tabindex="-1" class="lone">{icon}{words}</button></div>'


_ELEMENTS = {"heading": _heading, "markdown": _markdown, "button_group": _button_group, "button": _button}
