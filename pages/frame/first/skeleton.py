"""A page's HTML from its top down to its first picture, measure for measure as Streamlit will lay it out.

Streamlit's class names are kept where `frame.css` speaks of them, so the same rules hold in both. What stands below the picture is
left out; it moves nothing. So is everything below what is not known here: of a page whose picture stands below such a thing, and of one
that has none, the words and controls above it are written.
"""

from dataclasses import dataclass
from html import escape
from typing import NamedTuple

from streamlit.proto.Block_pb2 import Block
from streamlit.proto.GapSize_pb2 import GapSize
from streamlit.proto.Markdown_pb2 import Markdown

from .controls import CONTROLS, expander, popover
from .tree import UNSEEN, Node
from .words import Unknown, inline, paragraph

_GAPS = {"SMALL": 1, "MEDIUM": 2, "LARGE": 4, "NONE": 0, "XXSMALL": 0.25, "XSMALL": 0.5, "XLARGE": 6, "XXLARGE": 8}
"""In rem."""
_JUSTIFY = {"JUSTIFY_START": "start", "JUSTIFY_CENTER": "center", "JUSTIFY_END": "end", "SPACE_BETWEEN": "space-between"}
_ALIGN = {"ALIGN_START": "start", "ALIGN_CENTER": "center", "ALIGN_END": "end", "STRETCH": "stretch"}
_FIRST_ON_PHONES = "asked_first"
"""A column that has this comes before the others on narrow screens (frame.css)."""
FOR_WIDE_SCREENS = "for-wide-screens"
"""A page whose picture has its place on wide screens alone: on others something that is not known stands above it."""


class Skeleton(NamedTuple):
    """html: the page's container; where the picture stands, if it has its place, is an empty `<div id="picture">` in it."""

    html: str
    placed: bool


def skeleton(page: Node, picture: Node | None) -> Skeleton:
    """The page, as far as it is known how high it is."""
    writer = _Writer(picture)
    inside = writer.children(page)
    block = f'<div class="stVerticalBlock">{inside}</div>'
    name = "stMain" if writer.on_phones else f"stMain {FOR_WIDE_SCREENS}"
    html = f'<div class="{name}" data-testid="stMain"><div class="stMainBlockContainer">{block}</div></div>'
    return Skeleton(html, writer.placed)


def _has_key(node: Node, key: str) -> bool:
    return node.key == key or any(_has_key(child, key) for child in node.in_order())


@dataclass
class _Writer:
    """ended: nothing more can be written in the block that is being written; because the picture has come, or because of what is not
    known. placed: the picture has its place. on_phones: also on narrow screens, where columns stand below each other."""

    picture: Node | None
    ended: bool = False
    placed: bool = False
    on_phones: bool = True

    def children(self, node: Node) -> str:
        """The HTML of what is in a block, from the top down to the picture, or to what is not known."""
        parts = []
        columns = [child for child in node.in_order() if child.kind == "column"]
        if columns:
            return self.columns(columns)
        for child in node.in_order():
            if child.key == "teach":  # in the header, whatever it is
                continue
            try:
                parts.append(self.node(child))
            except Unknown:
                self.ended = True
            if self.ended:
                break
        return "".join(parts)

    def columns(self, columns: list[Node]) -> str:
        """Each for itself. Where one of them has ended, so has all that comes below them."""
        before, inside, stopped = self.placed, [], []
        with_picture: Node | None = None
        for column in columns:
            self.ended, placed = False, self.placed
            inside.append(self.children(column))
            if self.placed and not placed:
                with_picture = column
            elif self.ended:
                stopped.append(column)
        self.ended = bool(stopped) or with_picture is not None
        below: list[Node] = []
        if with_picture is not None and not before:
            order = sorted(columns, key=lambda column: not _has_key(column, _FIRST_ON_PHONES))
            place = order.index(with_picture)
            below = order[place + 1 :]
            self.on_phones = self.on_phones and not any(column in order[:place] for column in stopped)
        return "".join(_column(column, its, column in below) for column, its in zip(columns, inside, strict=True))

    def node(self, node: Node) -> str:
        if node is self.picture:
            self.ended = self.placed = True
            return f'<div class="stElementContainer st-key-{escape(node.key)}"><div id="picture" class="stBidiComponent"></div></div>'
        if node.kind == "flex_container":
            return _container(node, self.children(node))
        if node.kind in _BLOCKS:
            return _BLOCKS[node.kind](node)
        if node.kind == "bidi_component" and node.said.bidi_component.component_name in UNSEEN:
            return '<div class="stElementContainer"></div>'
        if node.kind not in _ELEMENTS:
            raise Unknown(node.kind)
        key = f" st-key-{escape(node.key)}" if node.key else ""
        return f'<div class="stElementContainer{key}{_wide(node)}>{_ELEMENTS[node.kind](node)}</div>'


def _wide(node: Node) -> str:
    """The end of a class and what is behind it: how wide the element is."""
    width = node.said.width_config
    if width.pixel_width:
        return f'" style="width: {width.pixel_width / 16}rem; flex: none"'
    return ' content"' if width.use_content else '"'


def _container(node: Node, inside: str) -> str:
    block = node.said.flex_container
    row = block.direction == Block.FlexContainer.HORIZONTAL
    justify = _JUSTIFY.get(Block.FlexContainer.Justify.Name(block.justify), "start")
    align = _ALIGN.get(Block.FlexContainer.Align.Name(block.align), "stretch")
    wrap = "wrap" if row and block.wrap else "nowrap"
    style = f"--gap: {_gap(block.gap_config)}; --justify: {justify}; --align: {align}; --wrap: {wrap}"
    key = f" st-key-{escape(node.key)}" if node.key else ""
    name = f"{'stHorizontalBlock' if row else 'stVerticalBlock'}{' framed' if block.border else ''}"
    content = " content" if node.said.width_config.use_content else ""
    return f'<div class="wrapper{content}" data-testid="stLayoutWrapper"><div class="{name}{key}" style="{style}">{inside}</div></div>'


def _column(node: Node, inside: str, below: bool) -> str:
    """below: on narrow screens it comes below the picture."""
    column = node.said.column
    style = f"flex: 1 1 calc({column.weight * 100:.4f}% - {_gap(column.gap_config)})"
    return f'<div class="stColumn{" below" if below else ""}" style="{style}"><div class="stVerticalBlock">{inside}</div></div>'


def _gap(config) -> str:
    name = GapSize.Name(config.gap_size)
    if config.WhichOneof("gap_spec") == "pixel_gap" or name not in _GAPS:
        raise Unknown
    return f"{_GAPS[name]}rem"


def _heading(node: Node) -> str:
    heading = node.said.heading
    if heading.tag not in ("h1", "h2", "h3") or heading.help:
        raise Unknown
    words = f"<{heading.tag}><span>{inline(heading.body)}</span></{heading.tag}>"
    return f'<div class="stHeading"><div data-testid="stMarkdownContainer">{words}</div></div>'


def _markdown(node: Node) -> str:
    markdown = node.said.markdown
    if markdown.help or markdown.allow_html or markdown.element_type not in (Markdown.NATIVE, Markdown.CAPTION):
        raise Unknown
    test = "stCaptionContainer" if markdown.element_type == Markdown.CAPTION else "stMarkdownContainer"
    return f'<div class="stMarkdown"><div class="center"><div data-testid="{test}">{paragraph(markdown.body)}</div></div></div>'


_ELEMENTS = CONTROLS | {"heading": _heading, "markdown": _markdown}
_BLOCKS = {"popover": popover, "expandable": expander}
