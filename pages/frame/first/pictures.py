"""What stands at an address down to its first picture: found out by one visit, kept for all who ask, and bounded in what it can cost."""

import asyncio
import json
import logging
import re
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from ...shared.gate import GATE
from ...shared.scripts import tree as modules_of
from ..lessons import in_link
from ..room.limits import Rate
from .skeleton import Skeleton, skeleton
from .tree import EVENT, MAIN, Node, first_picture, tree
from .visit import PATIENCE as VISIT_ENDS
from .visit import visited

LONGEST_QUERY = 600
"""Characters; no page's own link is longer than half of that."""
MOST_KEPT = 64
ASKED_AGAIN_AFTER = 30.0
"""Seconds for which an address is taken to have no picture: what a page shows may still be made, or it did not come in time."""
PER_SECOND, BURST = 1.0, 12
"""Visits for addresses that nobody has asked for before, all askers together."""
PATIENCE = 0.5
"""Seconds for which the page itself waits for its picture; what comes later is there for the next who asks."""
_SCRIPT = re.compile(r"import\(new URL\('(js/[0-9a-f]+/[\w/.-]+\.js)'")
_TAKEN_OVER_BY = "shared/live/mount.js"
"""Components that are mounted otherwise would be drawn anew beside the early picture."""
_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)
_TRIES = 30
_LOG = logging.getLogger("kl_explorer")
_UNKNOWN_BEFORE = {"room", "join", "preset"}
"""What a room shows is known only to who has joined it. A preset that there is has been written out before (`presets.links`)."""
_BROWSERS = {"embed", "embed_options", "present", "hide", "lock", "lesson"}
"""Parameters that the browser alone heeds (mode.js); so it does with a host's own, which begin with __."""


@dataclass(frozen=True)
class Picture:
    """The first picture of a page. key: by which its script names it; data: the scene, as JSON; script: the
    address of its entry module; all three "" where the page has words alone. styles: the page's; skeleton: the page's HTML down to it.
    passing: the page was to look again by itself, so it will soon show something else."""

    key: str
    data: str
    script: str
    styles: str
    skeleton: str
    passing: bool = False

    @property
    def final(self) -> bool:
        """Whether a later visit would find the same."""
        return bool(self.script) and not self.passing


def picture_in(messages: list[ForwardMsg], query: str = "") -> Picture | None:
    """What a run of a page has shown, down to its first picture; None where anything about the run or its page is in doubt."""
    if not messages or messages[-1].script_finished != ForwardMsg.FINISHED_SUCCESSFULLY:
        return None
    written = [one.page_info_changed.query_string for one in messages if one.WhichOneof("type") == "page_info_changed"]
    if not {entry for text in written for entry in _parsed(text)} <= set(_parsed(query)):
        return None  # the page has a link of its own for it; only defaults were taken out of this one
    root = tree(messages)
    page = root.children.get(MAIN)
    if page is None:
        return None
    node = first_picture(page)
    script = _drawn_by(node) if node else ""
    shown = skeleton(page, node if script else None)
    passing = any(message.WhichOneof("type") == "auto_rerun" for message in messages)
    if node is None or not shown.placed:
        return Picture("", "", "", _styles(root), shown.html, passing) if _says_something(shown) else None
    component = node.said.bidi_component
    return Picture(node.key, component.json, script, _styles(root), shown.html, passing)


def _drawn_by(node: Node) -> str:
    """The address of a picture's entry module; "" where its component would not take over what was drawn before."""
    component = node.said.bidi_component
    script = _SCRIPT.search(component.js_content)
    if script is None or not component.isolate_styles or component.WhichOneof("data") != "json":
        return ""
    return script[1] if _TAKEN_OVER_BY in modules_of(script[1].partition("bundle/")[2]) else ""


def _says_something(shown: Skeleton) -> bool:
    return "stElementContainer" in shown.html


def _styles(root: Node) -> str:
    """The frame's and the page's own."""
    events = root.children.get(EVENT, Node()).in_order()
    return "\n".join(style for event in events if event.kind == "html" for style in _STYLE.findall(event.said.html.body))


def _parsed(query: str) -> list[tuple[str, str]]:
    return parse_qsl(query.removeprefix("?"), keep_blank_values=True)


def of_the_page(name: str) -> bool:
    """Whether a link's parameter is the page's own; others change what is around it, and cost no visit of their own."""
    return name.lower() not in _BROWSERS and not name.startswith("__")


def _asked_of_the_page(query: str) -> str | None:
    """The part of a query that the page itself heeds. None if what will be on screen is in doubt."""
    asked = dict(_parsed(query))
    if asked.keys() & _UNKNOWN_BEFORE:
        return None
    try:
        if asked.get("lesson"):
            in_link(asked["lesson"])
    except ValueError:  # the page says so
        return None
    return "&".join(part for part in query.split("&") if of_the_page(unquote_plus(part.partition("=")[0])))


class Pictures:
    """The pictures of the addresses that were asked for."""

    def __init__(self, visit: Callable[[str, str], Awaitable[list[ForwardMsg]]] = visited, clock: Callable[[], float] = time.monotonic):
        self._visit, self._clock, self._rate = visit, clock, Rate(PER_SECOND, BURST, clock)
        self._kept: OrderedDict[tuple[str, str], tuple[Picture | None, float]] = OrderedDict()
        self._coming: dict[tuple[str, str], asyncio.Task[Picture | None]] = {}

    async def at(self, page: str, query: str = "", patience: float = PATIENCE) -> Picture | None:
        """The picture at an address; None where there is none, where there is any doubt, and where it would have to be waited for."""
        asked = _asked_of_the_page(query)
        if asked is None or len(asked) > LONGEST_QUERY:
            return None
        address = (page, asked)
        picture, since = self._kept.get(address, (None, -ASKED_AGAIN_AFTER))
        if (picture and picture.final) or self._clock() - since < ASKED_AGAIN_AFTER:
            self._kept.move_to_end(address)
            return picture
        if address not in self._coming:
            if self._coming or GATE.waiting() or not self._rate.allows(""):
                return picture
            self._coming[address] = asyncio.create_task(self._find(address))
        if picture:  # what the page shows by now is for the next who asks
            return picture
        with suppress(TimeoutError):
            return await asyncio.wait_for(asyncio.shield(self._coming[address]), patience)
        return None

    async def prepare(self, pages: Iterable[str]) -> None:
        """Finds the pictures of pages as they open, one after the other, before anybody has asked. Visitors go first."""
        for page in pages:
            for _ in range(_TRIES):
                await self.at(page, patience=VISIT_ENDS)
                if (page, "") in self._kept:
                    break
                await asyncio.sleep(1)

    async def _find(self, address: tuple[str, str]) -> Picture | None:
        picture = None
        try:
            picture = picture_in(await self._visit(*address), address[1])
        except Exception:  # whatever it is, the page comes without its picture, as it did before
            _LOG.exception("The picture at /%s?%s was not found.", *address)
        finally:
            del self._coming[address]
            self._kept[address] = picture, self._clock()
            if len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return picture


def scene(picture: Picture) -> dict[str, Any]:
    """What the picture shows, as its component takes it."""
    return json.loads(picture.data)
