"""A visit to a page without a browser and without a connection: one run of its script, by the same way as everybody's."""

import asyncio

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime import Runtime
from streamlit.runtime.session_manager import SessionClient

PATIENCE = 20.0
"""Seconds after which a visit is given up."""


class _Listener(SessionClient):
    """Keeps what Streamlit would send to a browser."""

    def __init__(self) -> None:
        self.messages: list[ForwardMsg] = []
        self.ended = asyncio.Event()

    def write_forward_msg(self, msg: ForwardMsg) -> None:
        self.messages.append(msg)
        if msg.WhichOneof("type") == "script_finished" and msg.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
            self.ended.set()


async def visited(page: str, query: str) -> list[ForwardMsg]:
    """All that a run of the page says, in order; nothing where no Streamlit runs. TimeoutError if it takes too long.

    Called on the server's own loop.
    page: its name in the address, "" for the first. query: without its question mark.
    """
    if not Runtime.exists():
        return []
    runtime, listener = Runtime.instance(), _Listener()
    session = runtime.connect_session(listener, user_info={})
    try:
        asked = BackMsg()
        asked.rerun_script.page_name, asked.rerun_script.query_string = page, query
        runtime.handle_backmsg(session, asked)
        async with asyncio.timeout(PATIENCE):
            await listener.ended.wait()
    finally:
        runtime.close_session(session)
    return listener.messages
