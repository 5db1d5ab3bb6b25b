"""What a browser posts to a route of the app: one JSON object, within bounds. Everything else gets one plain sentence."""

import json

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

NO_STORE = {"Cache-Control": "no-store"}


class Refused(Exception):
    """What is told to whoever asked, and the HTTP status."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


def refusal(problem: Refused) -> Response:
    """The sentence, as the browser's code reads it."""
    return JSONResponse({"problem": str(problem)}, problem.status, headers=NO_STORE)


async def json_object(request: Request, most_bytes: int, what: str = "A message") -> dict:
    """The body. Its content type keeps pages of other sites from sending one without the browser asking first."""
    if request.headers.get("content-type", "").partition(";")[0] != "application/json":
        raise Refused(415, f"{what} is JSON.")
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > most_bytes:
            raise Refused(413, f"{what} has at most {most_bytes:,} bytes.")
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        message = None
    if not isinstance(message, dict):
        raise Refused(400, f"{what} is a JSON object.")
    return message


def who(request: Request) -> str:
    """The address that a request comes from; a class behind one router has one."""
    return request.client.host if request.client else "?"
