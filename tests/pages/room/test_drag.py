"""Questions whose answer is dragged: what a room takes for one, who learns what, and what the class is told it did."""

import csv
import gzip
import io
import json
from collections import Counter

import pytest
import torch

from pages.frame.room.hub import Hub
from pages.frame.room.own_bars import own_bars
from pages.frame.room.record import record_csv, record_html
from pages.frame.room.rules import LONGEST_JUDGE, Refused, question_of, stored_question
from pages.frame.room.stage import picture_of
from tests.pages.room.hubs import ME, ended, phone, refused, run

PICTURE = {"scene": {"kind": "continuous"}, "style": ""}
DRAG = {
    "kind": "drag",
    "ask": "Where will Q land?",
    "keys": ["loc", "scale"],
    "names": ["μ", "σ"],
    "axes": [[-2, -1, 0, 1, 2], [0.5, 1, 2]],
    "truth": [0, 2.2],
    "judge": "hills",
    "picture": PICTURE,
}


def hills(judge: str, said) -> dict:
    assert judge == "hills"
    return {"put Q on a hill": [numbers for numbers in said if abs(numbers[0]) == 2]}


def in_judged_hub(new_store, clock, story, judge=hills) -> None:
    async def whole() -> None:
        store = new_store()
        try:
            await story(Hub(store, clock, judge=judge))
        finally:
            await ended(store)

    run(whole())


def test_ghosts_are_counted_as_they_come_and_reveal_says_what_the_class_did(new_store, clock):
    async def story(hub: Hub) -> None:
        code, key = await hub.open("", ME)
        assert await hub.ask(code, key, DRAG, ME) == 1
        asked = (await hub.view(code, None, ME))["question"]
        assert (asked["truth"], asked["tally"], asked["camps"]) == (None, None, ())
        for n, numbers in enumerate([[2, 1], [-2, 1], [2, 1], [0, 2]]):
            await hub.answer(code, phone(n), 1, numbers, ME)
        await hub.answer(code, phone(3), 1, [1, 2], ME)
        assert (await hub.view(code, key, ME))["question"]["tally"] == [[(-2, 1), 1], [(1, 2), 1], [(2, 1), 2]]
        await hub.reveal(code, key, ME)
        shown = json.loads(json.dumps((await hub.view(code, None, ME))["question"]))
        assert (shown["truth"], shown["camps"]) == ([0, 2.2], [["put Q on a hill", 3]])
        assert await refused(hub.answer(code, phone(5), 1, [1, 2], ME)) == 409

    in_judged_hub(new_store, clock, story)


def test_phones_fetch_the_picture_and_it_goes_with_the_room(new_store, clock):
    async def story(hub: Hub) -> None:
        code, key = await hub.open("", ME)
        await hub.ask(code, key, DRAG, ME)
        assert json.loads(gzip.decompress(await hub.picture(code, 1, ME))) == PICTURE
        assert await refused(hub.picture(code, 2, ME)) == 404
        await hub.close(code, key, ME)
        assert await hub._store.kept(code, "picture:1") == ""

    in_judged_hub(new_store, clock, story)


def test_a_judge_who_does_not_know_the_question_leaves_the_answers_as_they_are(new_store, clock):
    def nobody(judge: str, said) -> dict:
        raise ValueError(judge)

    async def story(hub: Hub) -> None:
        code, key = await hub.open("", ME)
        await hub.ask(code, key, DRAG, ME)
        await hub.reveal(code, key, ME)
        question = (await hub.view(code, None, ME))["question"]
        assert (question["revealed"], question["camps"]) == (True, ())

    in_judged_hub(new_store, clock, story, nobody)


@pytest.mark.parametrize("value", [[0], [0, 1, 2], [0, 0.7], 0, 1.0])
def test_numbers_that_are_on_no_axis_are_no_answer(value, new_store, clock):
    async def story(hub: Hub) -> None:
        code, key = await hub.open("", ME)
        await hub.ask(code, key, DRAG, ME)
        assert await refused(hub.answer(code, phone(1), 1, value, ME)) == 400

    in_judged_hub(new_store, clock, story)


@pytest.mark.parametrize(
    "wrong",
    [
        {"keys": []},
        {"keys": ["loc"]},
        {"names": ["μ", ""]},
        {"axes": [[0, 1], [0]]},
        {"axes": [[0, 1], list(range(202))]},
        {"axes": [[0, 1], ["0", "1"]]},
        {"axes": "01"},
        {"keys": ["k"] * 13, "names": ["n"] * 13, "axes": [[0, 1]] * 13, "truth": None},
        {"truth": 1.0},
        {"truth": [1.0]},
        {"truth": [0, float("nan")]},
        {"judge": "j" * (LONGEST_JUDGE + 1)},
    ],
)
def test_what_nothing_can_be_dragged_in_is_refused_with_a_sentence(wrong):
    with pytest.raises(Refused) as problem:
        question_of(DRAG | wrong)
    assert str(problem.value).endswith(".")


@pytest.mark.parametrize("picture", [None, {}, {"scene": [], "style": ""}, {"scene": {}, "style": None}])
def test_a_question_to_drag_without_its_picture_is_refused(picture):
    with pytest.raises(Refused):
        picture_of(DRAG | {"picture": picture})


def test_a_question_to_drag_comes_back_from_the_store_as_it_went_in():
    question = question_of(DRAG)
    assert stored_question(question.text()) == question


def test_a_teacher_s_own_bars_begin_equal_and_their_truth_is_in_proportion():
    message = own_bars({"ask": "How often?", "outcomes": ["A", " B", "C"], "truth": [1, 2, 1]})
    question = question_of(message)
    assert (question.names, question.truth) == (("A", "B", "C"), (0.25, 0.5, 0.25))
    start = picture_of(message)["scene"]["curves"]["q"]["values"]["probs"]
    assert torch.allclose(torch.tensor(start), torch.full((3,), 1 / 3))
    assert question.accepts((0.0, 1.0, 0.02))


@pytest.mark.parametrize(
    "wrong",
    [
        {"outcomes": None},
        {"outcomes": ["A"]},
        {"outcomes": ["A"] * 9},
        {"outcomes": ["A", ""]},
        {"truth": [1]},
        {"truth": [1, -1]},
        {"truth": [0, 0]},
    ]
    + [{"truth": ["1", "2"]}, {"truth": [True, 1]}, {"truth": 3}],
)
def test_wrong_bars_are_refused_with_a_sentence(wrong):
    with pytest.raises(Refused) as problem:
        own_bars({"ask": "How often?", "outcomes": ["A", "B"]} | wrong)
    assert str(problem.value).endswith(".")


def test_the_record_says_what_was_dragged_and_what_the_class_did():
    question = stored_question(question_of(DRAG).text().replace('"camps": []', '"camps": [["put Q on a hill", 3]]'))
    record = [(question, Counter({(2.0, 1.0): 3, (0.0, 2.0): 1}))]
    rows = list(csv.reader(io.StringIO(record_csv(record))))
    assert rows[1][2:] == ["μ = 0, σ = 2", "1", "μ = 0, σ = 2.2"]
    assert "3 of 4 put Q on a hill." in record_html(record)
