"""What every answer carries: Streamlit's, ours, and refusals."""

import asyncio
import re
from base64 import b64encode
from hashlib import sha256

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from pages.frame.middleware import Guarded
from pages.frame.shell import inline_scripts, routes

STREAMLITS = [Route(path, lambda _: PlainTextResponse("")) for path in ("/_stcore/metrics", "/kl/_stcore/metrics", "/_stcore/health")]


def got(path: str, host: str = "kl.example.org", **settings) -> tuple[int, dict[str, str], str]:
    """Status, headers and text."""
    sent = []

    async def receive() -> dict:
        return {"type": "http.request", "body": b""}

    async def send(message: dict) -> None:
        sent.append(message)

    path, _, query = path.partition("?")
    headers = [(b"host", host.encode())]
    scope = {
        "type": "http",
        "asgi": {"spec_version": "2.4"},
        "method": "GET",
        "path": path,
        "query_string": query.encode(),
        "headers": headers,
        "scheme": "https",
    }
    inside = Starlette(routes=[*STREAMLITS, *routes()])
    asyncio.run(Guarded(inside, " ".join(inline_scripts()), **settings)(scope, receive, send))
    names = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], names, b"".join(message.get("body", b"") for message in sent[1:]).decode()


@pytest.mark.parametrize(
    "path", ["/", "/vae", "/nothing/here", "/icon.svg", "/qr.svg?link=x", "/qr.svg?link=", "/_stcore/health", "/js/0/x.js"]
)
def test_every_answer_says_how_long_it_keeps_and_what_a_browser_may_do_with_it(path):
    headers = got(path)[1]
    assert headers["x-content-type-options"] == "nosniff" and headers["referrer-policy"] == "same-origin"
    assert headers["cache-control"] and "default-src 'self'" in headers["content-security-policy"]


def test_pictures_may_be_kept_a_day_and_a_page_is_asked_for_again():
    assert "86400" in got("/icon.svg")[1]["cache-control"]
    assert got("/vae")[1]["cache-control"] == "no-cache"


@pytest.mark.parametrize("path", ["/", "/vae"])
def test_the_policy_allows_the_scripts_that_stand_in_the_page_and_no_others(path):
    _, headers, page = got(path)
    rule = next(rule for rule in headers["content-security-policy"].split("; ") if rule.startswith("script-src"))
    standing = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    assert standing
    for text in standing:
        assert f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'" in rule
    assert "unsafe" not in rule


def test_frames_are_allowed_from_anywhere_unless_the_setting_names_sites():
    assert "frame-ancestors" not in got("/")[1]["content-security-policy"]
    assert (
        "frame-ancestors 'self' https://moodle.example.edu"
        in got("/", frames="'self' https://moodle.example.edu")[1]["content-security-policy"]
    )
    with pytest.raises(ValueError, match="KL_FRAME_ANCESTORS"):
        Guarded(Starlette(), "", frames="x; script-src *")


def test_a_host_that_is_none_does_not_get_into_the_policy():
    assert "evil" not in got("/", host="a; script-src evil.example")[1]["content-security-policy"]


@pytest.mark.parametrize("path", ["/_stcore/metrics", "/_stcore/metrics/", "/kl/_stcore/metrics"])
def test_metrics_answer_only_where_they_are_asked_for(path):
    assert got(path)[0] == 404
    assert got(path.rstrip("/"), metrics=True)[0] == 200
