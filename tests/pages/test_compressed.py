"""Streamlit's client and our own texts, packed once: what a browser gets, and who gets it plain."""

import asyncio
import gzip

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from pages.frame import client, compressed
from pages.frame.compressed import CLIENT, CompressedClient, takes_gzip, text_response

FILE = client.named()[0]
PLAIN = "what the app itself answers"


def got(
    path: str, headers: dict[str, str] | None = None, method: str = "GET", root_path: str = "", app=None, query: bytes = b""
) -> tuple[int, dict, bytes]:
    """Status, headers and body."""
    sent = []

    async def receive() -> dict:
        return {"type": "http.request", "body": b""}

    async def send(message: dict) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "root_path": root_path,
        "query_string": query,
        "headers": [(name.encode(), value.encode()) for name, value in (headers or {"accept-encoding": "gzip, deflate, br"}).items()],
    }
    inside = Starlette(routes=[Route("/{path:path}", lambda _: PlainTextResponse(PLAIN), methods=["GET", "POST"])])
    asyncio.run((app or CompressedClient(inside))(scope, receive, send))
    names = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], names, b"".join(message.get("body", b"") for message in sent[1:])


def test_a_file_of_the_client_comes_packed_and_is_the_file():
    status, headers, body = got(f"/{FILE}")
    assert status == 200 and headers["content-encoding"] == "gzip" and headers["content-type"].startswith("text/javascript")
    assert gzip.decompress(body) == (CLIENT / FILE).read_bytes() and len(body) == int(headers["content-length"])
    assert "immutable" in headers["cache-control"] and headers["vary"] == "Accept-Encoding"


def test_the_client_shrinks_to_a_third():
    names = [*client.named(), *client.late()]
    packed = sum(len(compressed._packed_file(name)[0]) for name in names)
    assert packed < sum((CLIENT / name).stat().st_size for name in names) / 3


@pytest.mark.parametrize("headers", [{"accept": "*/*"}, {"accept-encoding": "br"}, {"accept-encoding": "br, gzip;q=0"}])
def test_who_cannot_unpack_gets_the_plain_file_marked_as_one_of_two_forms(headers):
    _, answered, body = got(f"/{FILE}", headers)
    assert body.decode() == PLAIN and answered["vary"] == "Accept-Encoding"


def test_a_part_of_a_file_is_a_part_of_the_plain_one():
    assert got(f"/{FILE}", {"accept-encoding": "gzip", "range": "bytes=0-99"})[2].decode() == PLAIN


def test_a_file_that_the_browser_has_is_not_sent_again():
    tag = got(f"/{FILE}")[1]["etag"]
    for known in (tag, f'"other", W/{tag}'):
        status, headers, body = got(f"/{FILE}", {"accept-encoding": "gzip", "if-none-match": known})
        assert status == 304 and not body and headers["etag"] == tag and headers["vary"] == "Accept-Encoding"
    assert got(f"/{FILE}", {"accept-encoding": "gzip", "if-none-match": '"other"'})[0] == 200


def test_who_asks_for_the_head_hears_the_length_and_gets_no_body():
    _, headers, body = got(f"/{FILE}", method="HEAD")
    assert not body and headers["content-length"] == got(f"/{FILE}")[1]["content-length"]


@pytest.mark.parametrize(
    "path", ["/static/js/none.js", "/static/../index.html", "/static/js/../../index.html", f"//{FILE}", "/static", "/", "/vae"]
)
def test_any_other_path_is_left_to_the_app(path):
    assert got(path)[2].decode() == PLAIN


def test_a_picture_or_a_font_is_compressed_as_it_is():
    font = next((CLIENT / "static" / "media").glob("KaTeX_Main-Regular.*.woff2"))
    assert got(f"/static/media/{font.name}")[2].decode() == PLAIN


def test_files_are_found_below_the_path_of_an_app_within_another():
    assert got(f"/kl/{FILE}", root_path="/kl")[1]["content-encoding"] == "gzip"


def test_files_are_found_below_the_base_path(monkeypatch):
    monkeypatch.setattr(compressed, "_base", lambda: "/kl")
    assert got(f"/kl/{FILE}")[1]["content-encoding"] == "gzip"


def text_of(text: str):
    async def app(scope, receive, send) -> None:
        await text_response(Request(scope), text, "text/html", {"Cache-Control": "no-cache"})(scope, receive, send)

    return app


def test_a_text_comes_packed_where_it_can_be_unpacked_and_each_form_has_its_tag():
    app = text_of("∫ p log p/q " * 100)
    packed, plain = got("/", app=app), got("/", {"accept": "*/*"}, app=app)
    assert gzip.decompress(packed[2]) == plain[2] and plain[2].decode().startswith("∫") and len(packed[2]) < len(plain[2]) / 5
    assert packed[1]["etag"] != plain[1]["etag"] and packed[1]["vary"] == plain[1]["vary"] == "Accept-Encoding"
    assert got("/", {"accept-encoding": "gzip", "if-none-match": packed[1]["etag"]}, app=app)[0] == 304
    assert got("/", {"accept-encoding": "gzip", "if-none-match": plain[1]["etag"]}, app=app)[0] == 200


@pytest.mark.parametrize(("said", "taken"), [("gzip", True), ("br, GZIP;q=0.5", True), ("gzip;q=0", False), ("gzip; q=0.0, br", False)])
def test_gzip_is_taken_where_it_is_named_and_not_refused(said, taken):
    assert takes_gzip(Request({"type": "http", "headers": [(b"accept-encoding", said.encode())]}).headers) is taken


def test_chunks_that_are_found_late_are_there_with_all_that_they_import():
    for name in client.LATE:
        assert any(f"/{name}." in file for file in client.late()), f"Streamlit has no chunk {name} any more"
    assert not set(client.late()) & set(client.named())
    assert all((CLIENT / file).is_file() for file in client.late())
