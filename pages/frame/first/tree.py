"""What a run of a page has put on the screen, as a tree."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

MAIN, EVENT = 0, 2
"""Streamlit's containers: the page itself, and what is nowhere to be seen, such as styles."""


@dataclass(eq=False)
class Node:
    """A block with its children, or an element. said: Streamlit's own message about it, None for a container of Streamlit's."""

    said: Any = None
    children: dict[int, "Node"] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """As the message names it: "heading", "flex_container", "column" …; "" where it says nothing."""
        return (self.said.WhichOneof("type") or "") if self.said is not None else ""

    @property
    def key(self) -> str:
        """The key by which the page's script named it, "" without one. An identifier is $$ID-<hash>-<key>."""
        if self.said is None:
            return ""
        identifier = getattr(self.said, "id", "") or getattr(getattr(self.said, self.kind, None), "id", "") if self.kind else ""
        key = identifier.split("-", 2)[2] if isinstance(identifier, str) and identifier.count("-") >= 2 else ""
        return "" if key == "None" else key

    def in_order(self) -> Iterator["Node"]:
        """Its children from the top down."""
        return (self.children[place] for place in sorted(self.children))


def tree(messages: Iterable[ForwardMsg]) -> Node:
    """Everything on the screen after these messages."""
    root = Node()
    for message in messages:
        if message.WhichOneof("type") != "delta":
            continue
        kind = message.delta.WhichOneof("type")
        if kind not in ("new_element", "add_block"):
            continue
        *above, last = message.metadata.delta_path
        parent = root
        for place in above:
            parent = parent.children.setdefault(place, Node())
        said = getattr(message.delta, kind)
        if kind == "add_block" and last in parent.children:
            parent.children[last].said = said  # a block that is written again keeps what is in it
        else:
            parent.children[last] = Node(said)
    return root


def first_picture(node: Node) -> Node | None:
    """The first component, from the top down, that has something of its own to show."""
    for child in node.in_order():
        if child.kind == "bidi_component" and child.said.bidi_component.component_name not in UNSEEN:
            return child
        below = first_picture(child)
        if below is not None:
            return below
    return None


UNSEEN = ("kl_teach", "kl_beta_reveal", "kl_filmstrip")
"""Components that are no picture."""
