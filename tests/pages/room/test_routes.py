"""Rooms over the real protocol: a uvicorn on loopback, asked by Python's own client."""

import gzip
import json
import socket
import threading
import time
from collections.abc import Iterator
from http.client import HTTPConnection

import pytest
import uvicorn
from starlette.applications import Starlette

from pages.frame.room.hub import Hub
from pages.frame.room.redis_store import RedisStore
from pages.frame.room.routes import LONGEST_BODY, new_hub, room_routes
from pages.frame.room.store import MemoryStore
from pages.frame.shell import routes
from tests.server import free_port

PHONE = "phone-of-the-tests"
CHOICE = {"kind": "choice", "ask": "Which is larger?", "options": ["KL(P‖Q)", "KL(Q‖P)"], "truth": 1}


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    app = Starlette(routes=room_routes(Hub(MemoryStore(time.time))))
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", timeout_graceful_shutdown=1, ws="none"))
    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield listener.getsockname()[1]
    server.should_exit = True
    thread.join(20)


class Reply:
    """One request and what came back."""

    def __init__(self, port: int, method: str, path: str, message: object = None, key: str | None = None, **headers: str) -> None:
        self.connection = HTTPConnection("127.0.0.1", port, timeout=20)
        sent = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {key}"} if key is not None else {}) | headers
        body = message if isinstance(message, bytes) else None if message is None else json.dumps(message).encode()
        self.connection.request(method, path, body, sent)
        self.answer = self.connection.getresponse()
        self.status = self.answer.status
        self.body = "" if "/events" in path else self.answer.read().decode()
        if "/events" not in path:
            self.close()

    def close(self) -> None:
        self.answer.close()
        self.connection.close()

    def json(self) -> dict:
        return json.loads(self.body)

    def event(self) -> object:
        while not (line := self.answer.readline()).startswith(b"data: "):
            assert line, "the stream ended"
        return json.loads(line.removeprefix(b"data: "))


@pytest.fixture(scope="module")
def room(port) -> tuple[str, str]:
    opened = Reply(port, "POST", "/room/open", {"address": "beta"}).json()
    return opened["code"], opened["key"]


def test_a_whole_lesson(port):
    code, key = Reply(port, "POST", "/room/open", {"address": "beta"}).json().values()
    phone = Reply(port, "GET", f"/room/{code}/events?phone={PHONE}")
    assert phone.answer.headers["content-type"].startswith("text/event-stream")
    assert phone.event()["address"] == "beta"
    assert Reply(port, "POST", f"/room/{code}/state", {"address": "vae"}, key).status == 200
    assert phone.event()["address"] == "vae"
    assert Reply(port, "POST", f"/room/{code}/question", CHOICE, key).json() == {"number": 1}
    assert phone.event()["question"]["options"] == CHOICE["options"]
    assert Reply(port, "POST", f"/room/{code}/answer", {"phone": PHONE, "number": 1, "value": 1}).status == 200
    assert Reply(port, "GET", f"/room/{code}/state", key=key).json()["question"]["tally"] == [[1, 1]]
    assert Reply(port, "GET", f"/room/{code}/state").json()["question"]["tally"] is None
    assert Reply(port, "POST", f"/room/{code}/question", {"act": "reveal"}, key).status == 200
    assert phone.event()["question"]["tally"] == [[1, 1]]
    assert "KL(Q‖P),1,KL(Q‖P)" in Reply(port, "GET", f"/room/{code}/record.csv", key=key).body
    assert "1 answer<" in Reply(port, "GET", f"/room/{code}/record.html", key=key).body
    assert Reply(port, "POST", f"/room/{code}/close", {}, key).status == 200
    assert phone.event() is None
    assert phone.answer.readline() == b"\n" and phone.answer.read() == b""
    phone.close()
    assert Reply(port, "GET", f"/room/{code}/state").status == 404


def test_a_stage_is_sent_compressed_to_those_who_can_read_that_and_plain_to_others(port):
    code, key = Reply(port, "POST", "/room/open", {"address": "beta"}).json().values()
    stage = {"address": "beta", "title": "How much freedom?", "words": "", "parts": []}
    assert Reply(port, "POST", f"/room/{code}/stage", stage, key).status == 200
    plain = Reply(port, "GET", f"/room/{code}/stage", **{"Accept-Encoding": "identity"})
    assert plain.json()["title"] == stage["title"]
    assert plain.answer.headers["content-encoding"] is None
    client = HTTPConnection("127.0.0.1", port, timeout=20)
    client.request("GET", f"/room/{code}/stage", headers={"Accept-Encoding": "gzip"})
    answer = client.getresponse()
    assert answer.headers["content-encoding"] == "gzip"
    assert json.loads(gzip.decompress(answer.read())) == plain.json()
    client.close()


@pytest.mark.parametrize(
    "path, message",
    [("state", {"address": "beta"}), ("question", CHOICE), ("question", {"act": "reveal"}), ("question", {"act": "clear"}), ("close", {})],
)
@pytest.mark.parametrize("key", [None, "", "wrong"])
def test_without_the_key_nothing_changes(port, room, path, message, key):
    answer = Reply(port, "POST", f"/room/{room[0]}/{path}", message, key)
    assert answer.status == 403
    assert answer.json() == {"problem": "Only the teacher who opened this room can do that."}
    assert Reply(port, "GET", f"/room/{room[0]}/state").json()["address"] == "beta"


def test_a_wrong_code_gets_a_sentence(port):
    answer = Reply(port, "GET", "/room/AAAA/state")
    assert answer.status == 404
    assert answer.json()["problem"] == "There is no room AAAA. A code has four letters."


@pytest.mark.parametrize(
    "message, headers, status",
    [
        (b"{", {}, 400),
        (b"[" * 9000, {}, 400),
        (b"[]", {}, 400),
        (b"\xff", {}, 400),
        (b" " * (LONGEST_BODY + 1), {}, 413),
        (b"{}", {"Content-Type": "text/plain"}, 415),
        (b'{"address": "//evil.org"}', {}, 400),
    ],
)
def test_what_is_no_message_is_refused(port, room, message, headers, status):
    answer = Reply(port, "POST", f"/room/{room[0]}/state", message, room[1], **headers)
    assert answer.status == status
    assert answer.json()["problem"].endswith(".")


def test_a_server_without_its_redis_says_so():
    nobody = free_port()
    hub = Hub(RedisStore(f"redis://127.0.0.1:{nobody}/0", time.time))
    app = Starlette(routes=room_routes(hub))
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", ws="none"))
    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    answer = Reply(listener.getsockname()[1], "POST", "/room/open", {"address": ""})
    assert answer.status == 503
    assert answer.json()["problem"] == "The rooms cannot be reached at the moment. Try again."
    server.should_exit = True
    thread.join(20)


def test_rooms_are_in_this_process_unless_redis_is_named(monkeypatch):
    monkeypatch.delenv("REDIS_URL", raising=False)
    assert isinstance(new_hub()._store, MemoryStore)
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1/0")
    assert isinstance(new_hub()._store, RedisStore)


def test_the_app_has_the_routes_of_rooms():
    assert {"/room/open", "/room/{code}/events", "/room/{code}/answer"} <= {route.path for route in routes()}
