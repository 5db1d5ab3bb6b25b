"""A visitor without a browser: speaks Streamlit's own WebSocket protocol, as the page in a browser does. Loopback only."""

import asyncio
import json
import re
import secrets
from types import TracebackType
from typing import Self

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

PATIENCE = 60.0
"""Seconds after which an answer counts as missing."""
_LARGEST = 64 * 2**20
_NAMES = re.compile(r'"\$": ?"(\w+)"')


class Visitor:
    """One tab: `async with Visitor(port) as tab: await tab.open("beta"); await tab.send({"beta": 0.1}, "answer")`."""

    def __init__(self, port: int, host: str = "127.0.0.1") -> None:
        self.port, self.host = port, host
        self.components: dict[str, tuple[str, str]] = {}
        """Each component by a part of its identifier's last word: identifier, and the fragment that it stands in."""
        self.widgets: dict[str, str] = {}
        """Identifiers of the widgets, by their user key."""
        self.told: dict[str, tuple[str, str]] = {}
        """What each component was told last, by its identifier: the component's name, and JSON."""
        self.bytes = 0
        self.pauses_until = 0.0
        """When a route that had too much to do may be asked again."""
        self._socket: ClientConnection | None = None
        self._session: dict[str, str] = {}

    async def __aenter__(self) -> Self:
        # The seat that nginx gives each browser with its first page: which of several processes answers it.
        seat = {"Cookie": f"kl_seat={secrets.token_hex(16)}"}
        address = f"ws://{self.host}:{self.port}/_stcore/stream"
        self._socket = await connect(address, subprotocols=["streamlit"], max_size=_LARGEST, open_timeout=PATIENCE, additional_headers=seat)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None) -> None:
        await self._socket.close()

    async def open(self, page: str, query: str = "") -> None:
        """The page as a link opens it, until its run has ended."""
        message = BackMsg()
        message.rerun_script.page_name, message.rerun_script.query_string = page, query
        await self._ask(message)

    async def begin(self, page: str, query: str = "") -> None:
        """The same without waiting for anything."""
        message = BackMsg()
        message.rerun_script.page_name, message.rerun_script.query_string = page, query
        await self._socket.send(message.SerializeToString())

    async def settle(self, component: str, value: object, event: str = "settle") -> None:
        """What a hand left on a picture: a trigger of a component, until the run that it starts has ended."""
        await self._ask(self._left(component, value, event))

    async def tell(self, component: str, value: object, event: str = "settle") -> None:
        """The same without waiting for anything."""
        await self._socket.send(self._left(component, value, event).SerializeToString())

    async def ask(self, name: str, question: dict) -> dict:
        """What a picture asks the route `answers/<name>`, as the browser's fetch does."""
        reader, writer = await asyncio.open_connection(self.host, self.port)
        body = json.dumps(question).encode()
        head = f"POST /answers/{name} HTTP/1.1\r\nHost: {self.host}:{self.port}\r\nContent-Type: application/json\r\nConnection: close\r\n"
        writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        async with asyncio.timeout(PATIENCE):
            answer = await reader.read()
        writer.close()
        return json.loads(answer.partition(b"\r\n\r\n")[2])

    async def type(self, key: str, text: str) -> None:
        """Text typed into the widget of this key."""
        message = self._rerun("")
        state = message.rerun_script.widget_states.widgets.add()
        state.id, state.string_value = self.widgets[key], text
        await self._ask(message)

    def pictures(self, component: str) -> list[dict]:
        """What every component of this name was told last."""
        return [json.loads(text) for name, text in self.told.values() if name == component]

    def _left(self, component: str, value: object, event: str) -> BackMsg:
        identifier, fragment = self._component(component)
        held = _NAMES.findall(self.told[identifier][1])  # a live picture lists the texts that it has (pages/shared/live/held.py)
        value = value | {"held": held} if held and isinstance(value, dict) else value
        message = self._rerun(fragment)
        state = message.rerun_script.widget_states.widgets.add()
        state.id = f"$$STREAMLIT_INTERNAL_KEY_{identifier}__events"
        state.json_trigger_value = json.dumps([{"event": event, "value": value}])
        return message

    def _rerun(self, fragment: str) -> BackMsg:
        message = BackMsg()
        for name, value in self._session.items():
            setattr(message.rerun_script, name, value)
        message.rerun_script.fragment_id = fragment
        for identifier, _ in self.components.values():  # what the browser sends of each picture beside what has happened
            state = message.rerun_script.widget_states.widgets.add()
            state.id, state.json_value = identifier, "{}"
        return message

    def _component(self, name: str) -> tuple[str, str]:
        return next(both for key, both in self.components.items() if name in key)

    async def _ask(self, message: BackMsg) -> None:
        await self._socket.send(message.SerializeToString())
        async with asyncio.timeout(PATIENCE):
            while not self._hear(await self._socket.recv()):
                pass

    def _hear(self, raw: bytes) -> bool:
        """Remembers what the server said; True where a run has ended that was not cut short for another."""
        self.bytes += len(raw)
        said = ForwardMsg()
        said.ParseFromString(raw)
        match said.WhichOneof("type"):
            case "navigation":
                self._session["page_script_hash"] = said.navigation.page_script_hash
            case "page_info_changed":
                self._session["query_string"] = said.page_info_changed.query_string
            case "delta" if said.delta.WhichOneof("type") == "new_element":
                self._element(said)
            case "script_finished":
                return said.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN
        return False

    def _element(self, said: ForwardMsg) -> None:
        element = said.delta.new_element
        kind = element.WhichOneof("type")
        identifier = getattr(getattr(element, kind or ""), "id", "") if kind else ""
        if not isinstance(identifier, str) or not identifier:
            return
        if kind == "bidi_component":
            self.components[identifier] = (identifier, said.delta.fragment_id)
            told = element.bidi_component
            self.told[identifier] = (told.component_name, told.json or told.mixed.json)
        self.widgets[identifier.rsplit("-", 1)[-1]] = identifier
