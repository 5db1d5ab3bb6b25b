"""The route that answers a hand: the same numbers as a script run, below a prefix, for questions within bounds and no others."""

import asyncio
import json
from collections.abc import Callable

import pytest
from starlette.applications import Starlette

from pages.frame.answers import BURST, LONGEST_QUESTION, MOST_WAITING, answer_route
from pages.shared.style import UNITS
from pages.views.answers import ANSWERS
from pages.views.forward_reverse.canvas_scene import FIXED, canvas_scene
from pages.views.forward_reverse.canvas_state import DEFAULT, from_link, moved

HILLS = {"weights": [0.5, 0.5], "locs": [-2.5, 3], "scales": [1, 1]}
UNTOUCHED = {"link": {}, "unit": "nats", "message": {}}


def app_of(named: Callable = ANSWERS.get, prefix: str = "") -> Starlette:
    return Starlette(routes=[answer_route(named, prefix, clock=lambda: 0.0)])


async def posted(app: Starlette, path: str, body: bytes, kind: str = "application/json") -> tuple[int, dict]:
    """The status and the JSON that come back."""
    scope = {
        "type": "http",
        "method": "POST",
        "path": path,
        "query_string": b"",
        "headers": [(b"content-type", kind.encode())],
        "client": ("192.0.2.1", 1),
    }
    sent: list[dict] = []

    async def receive() -> dict:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict) -> None:
        sent.append(message)

    await app(scope, receive, send)
    text = b"".join(message.get("body", b"") for message in sent[1:])
    return sent[0]["status"], json.loads(text) if text.startswith(b"{") else {}


def asked(question: object, path: str = "/answers/playground", prefix: str = "", **more) -> tuple[int, dict]:
    body = question if isinstance(question, bytes) else json.dumps(question).encode()
    return asyncio.run(posted(app_of(prefix=prefix), prefix + path, body, **more))


def test_the_answer_to_a_link_and_a_hand_is_what_a_script_run_shows_of_the_link_that_comes_with_it():
    status, answer = asked({"link": {"step": "180"}, "unit": "bits", "message": {"hills": HILLS, "partial": False}})
    state, problems = from_link(answer.pop("link"))
    assert (status, problems) == (200, []) and state == moved(from_link({"step": "180"})[0], {"hills": HILLS})
    shown = json.loads(json.dumps(canvas_scene(state, UNITS["bits"])))
    panes = [{key: value for key, value in pane.items() if key != "base"} for pane in shown["panes"]]
    assert answer == {key: value for key, value in shown.items() if key not in FIXED} | {"panes": panes}


def test_who_knows_nothing_is_told_everything():
    answer = asked(UNTOUCHED | {"whole": True})[1]
    assert answer == json.loads(json.dumps(canvas_scene(DEFAULT, UNITS["nats"]))) | {"link": {}}


def test_while_a_hand_moves_p_the_answer_is_short_and_has_the_minimum_next_to_where_q_was():
    ends = {"forward": [0.0, 1.15], "reverse": [2.9, 0.1]}
    answer = asked({"link": {"step": "180"}, "unit": "nats", "message": {"hills": HILLS, "partial": True, "ends": ends}})[1]
    settled = asked({"link": {"step": "180"}, "unit": "nats", "message": {"hills": HILLS}})[1]
    assert answer["ends"]["reverse"] == pytest.approx(settled["ends"]["reverse"], abs=1e-3)
    assert len(json.dumps(answer)) < 12_000 and all(pane["landscape"] is None for pane in answer["panes"])


@pytest.mark.parametrize("ends", [{}, {"forward": [1.0]}, {"reverse": [5e5, 500.0], "forward": [1.0, -500.0]}])
def test_ends_that_were_never_on_screen_make_no_nonsense(ends):
    status, answer = asked({"link": {"step": "180"}, "unit": "nats", "message": {"hills": HILLS, "partial": True, "ends": ends}})
    assert status == 200 and "nan" not in answer["verdict"]["after"].lower()


def test_the_plane_is_answered_below_a_prefix():
    hills = [[0.5, -1, -1, 0.5, 0.25, 1], [0.5, 1.1, 1, 0.5, -0.25, 1]]
    question = {"link": {"plane_step": "150"}, "unit": "nats", "message": {"hills": hills, "partial": True}}
    status, answer = asked(question, "/answers/plane", "/kl")
    assert status == 200 and answer["hills"] == hills and "presets" not in answer


@pytest.mark.parametrize(
    "question, status",
    [
        (b"", 400),
        (b"[]", 400),
        (b"[" * 9000, 400),
        (b'{"link": {}}', 400),
        (b'{"a": "' + b"x" * LONGEST_QUESTION + b'"}', 413),
        ({**UNTOUCHED, "unit": "pounds"}, 400),
        ({**UNTOUCHED, "more": 1}, 400),
        ({**UNTOUCHED, "link": {"p_scales": "0,1"}}, 400),
        ({**UNTOUCHED, "link": {"step": 180}}, 400),
        ({**UNTOUCHED, "message": {"shape": "<script>"}}, 400),
        ({**UNTOUCHED, "message": {"magic": 1}}, 400),
        ({**UNTOUCHED, "message": {"ends": {"forward": [float("nan"), 0.0]}}}, 400),
        ({**UNTOUCHED, "message": {"ends": {"forward": [10**400, 0]}}}, 400),
        ({**UNTOUCHED, "message": {"rate": 10**400}}, 400),
    ],
)
def test_any_other_question_is_refused_in_a_sentence(question, status):
    answered, problem = asked(question)
    assert answered == status and problem["problem"].endswith(".") and "Traceback" not in problem["problem"]


def test_another_name_another_type_and_too_many_questions_are_refused():
    assert asked(UNTOUCHED, "/answers/nobody")[0] == 404
    assert asked(UNTOUCHED, kind="text/plain")[0] == 415

    async def many() -> list[int]:
        app = app_of(lambda name: lambda question: {})
        return [(await posted(app, "/answers/x", b"{}"))[0] for _ in range(BURST + 1)]

    assert asyncio.run(many()) == [200] * BURST + [429]


def test_where_too_many_wait_the_next_is_told_to_come_again():
    async def crowd() -> list[int]:
        app = app_of(lambda name: lambda question: {})
        return [status for status, _ in await asyncio.gather(*(posted(app, "/answers/x", b"{}") for _ in range(MOST_WAITING + 1)))]

    assert sorted(asyncio.run(crowd())) == [200] * MOST_WAITING + [503]
