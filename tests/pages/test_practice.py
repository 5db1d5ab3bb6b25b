"""The page "Practice": every question answered right and wrong, its record in the link, its sheets, and where its links lead."""

import json
import re
from urllib.parse import unquote

import pytest
from streamlit.testing.v1 import AppTest

from pages.shared.map import MAP
from pages.views.beta.answer_frames import place_of
from pages.views.checked.errors_list import ERRORS
from pages.views.forward_reverse.canvas_state import from_link
from pages.views.practice import QUESTIONS
from pages.views.practice.pictures import Code
from pages.views.practice.prediction import CODE, Choice, Drag, Slide
from pages.views.practice.progress import read, written
from pages.views.practice.question import Question
from pages.views.practice.sheet import sheet
from tests.pages.conftest import PAGES, elements, scene, words

NAMES = [one.name for one in QUESTIONS]
IN_PICTURES = [one for one in QUESTIONS if not isinstance(one.picture, Code)]
ON_THE_PLAYGROUND = [question for question in IN_PICTURES if question.picture.page == "forward_reverse"]
ABOUT_BETA = [question for question in IN_PICTURES if question.picture.page == "beta"]
SHOWN_BY_SCENES = [question for question in IN_PICTURES if question not in ON_THE_PLAYGROUND + ABOUT_BETA]


def opened(**query: str) -> AppTest:
    at = AppTest.from_file(str(PAGES / "frame/frame.py"), default_timeout=180)
    at.switch_page(str(PAGES / "practice.py"))
    for key, value in query.items():
        at.query_params[key] = value
    at.run()
    assert not at.exception, at.exception
    return at


def right(question: Question) -> object:
    match question.prediction:
        case Choice() as choice:
            return choice.right
        case Slide() as slide:
            return slide.values[slide.place(float(question.facts[slide.truth]))]
        case Drag() as drag:
            return drag.decode(drag.encode(drag.truth().values))


def wrong(question: Question) -> object:
    match question.prediction:
        case Choice() as choice:
            return (choice.right + 1) % len(choice.options)
        case Slide() as slide:
            return slide.values[0]
        case Drag() as drag:
            return drag.decode(drag.encode(drag.start.values))


def every(**of: object) -> str:
    """A record with these answers."""
    return written(tuple(of.get(name) for name in NAMES))


def shown(at: AppTest) -> str:
    return words(at) + " ".join(one.proto.body for one in elements(at.main) if one.type == "html")


@pytest.mark.parametrize("question", QUESTIONS, ids=NAMES)
@pytest.mark.parametrize("answer", [right, wrong], ids=["right", "wrong"])
def test_every_question_answered_shows_its_picture_its_words_and_the_way_on(question, answer):
    said = answer(question)
    assert question.is_right(said) == (answer is right)
    at = opened(q=str(NAMES.index(question.name) + 1), done=every(**{question.name: said}))
    told = shown(at)
    assert ("Right:" in told) == (answer is right) and ("Not quite:" in told) == (answer is wrong)
    assert question.told(question.why) in told and question.reply(said) in told
    assert "{" not in told.replace(told[told.find("<style") : told.rfind("</style>")], "")
    if isinstance(question.picture, Code):
        assert [one.label for one in at.metric] == ["✗ wrong", "✓ right"]
    else:
        assert scene(at)["panels"]
    assert ("you: " in told and "true: " in told) or not isinstance(question.prediction, Slide)


@pytest.mark.parametrize("question", QUESTIONS, ids=NAMES)
def test_before_the_prediction_nothing_of_the_answer_is_shown(question):
    told = shown(opened(q=str(NAMES.index(question.name) + 1)))
    assert question.told(question.ask) in told and question.told(question.why) not in told


def test_a_choice_is_one_press_and_is_in_the_link():
    at = opened(q="2")
    at.button(key="answer_asymmetry_1").click().run()
    assert not at.exception and "Right:" in words(at)
    assert "".join(at.query_params["done"]) == "asymmetry.1"


def test_a_slider_is_set_and_then_looked_at():
    at = opened(q="nats_are_bits")
    at.select_slider(key="answer_nats_are_bits").set_value(0.72).run()
    at.button(key="answer_nats_are_bits_look").click().run()
    assert not at.exception and "You said “0.72 bits”. Right:" in words(at)


@pytest.mark.parametrize("question", [one for one in QUESTIONS if not isinstance(one.prediction, Choice)], ids=lambda one: one.name)
def test_a_slider_or_a_curve_that_nobody_moved_is_no_prediction(question):
    at = opened(q=question.name)
    assert at.button(key=f"answer_{question.name}_look").disabled and " first." in words(at)
    if isinstance(question.prediction, Slide):
        for value in question.prediction.values[1::-1]:
            at.select_slider(key=f"answer_{question.name}").set_value(value).run()
        assert not at.button(key=f"answer_{question.name}_look").disabled, "moved there by hand, the start is a prediction"


def test_the_score_counts_right_predictions():
    at = opened(q="symmetric", done=every(asymmetry=1, always_finite=0, distance=2.0))
    assert "2 of 3 predicted right" in words(at)


def test_at_the_end_stand_the_score_what_was_missed_and_what_to_do_next():
    said = {one.name: right(one) for one in QUESTIONS} | {"negative_kl": 0}
    at = opened(q=QUESTIONS[-1].name, done=every(**said))
    assert f"You predicted {len(QUESTIONS) - 1} of {len(QUESTIONS)} right." in [one.value for one in at.subheader]
    assert [one.key for one in at.button if (one.key or "").startswith("answer_missed")] == [f"answer_missed_{NAMES.index('negative_kl')}"]
    assert "What next?" in words(at)


def test_the_last_question_leads_to_the_first_that_has_no_prediction():
    at = opened(q=QUESTIONS[-1].name, done=every(symmetric=0.38, sum_and_mean=64.0))
    assert f"{len(QUESTIONS) - 2} are not predicted yet" in words(at)
    at.button(key="answer_go_left").click().run()
    assert QUESTIONS[1].told(QUESTIONS[1].ask) in shown(at)


@pytest.mark.parametrize("question", QUESTIONS, ids=NAMES)
def test_where_a_slider_or_a_curve_begins_is_not_the_answer(question):
    prediction = question.prediction
    begins = prediction.values[0] if isinstance(prediction, Slide) else prediction.start.values if isinstance(prediction, Drag) else None
    assert begins is None or not question.is_right(begins)


def test_every_prediction_comes_back_from_the_link():
    for answer in (right, wrong):
        said = tuple(answer(one) for one in QUESTIONS)
        assert read(written(said)) == (said, [])
    assert read("") == ((None,) * len(QUESTIONS), []) and written(read("")[0]) == ""


def test_a_link_s_answers_go_by_the_questions_names_whatever_their_order():
    assert read("always_finite.2-asymmetry.1") == read("asymmetry.1-always_finite.2")


def test_what_a_link_has_of_questions_that_are_gone_leaves_its_other_answers_alone():
    said, problems = read("was_here_once.3-asymmetry.1")
    assert said[NAMES.index("asymmetry")] == 1 and len(problems) == 1 and "was_here_once" in problems[0]


def test_a_question_is_opened_by_its_name_or_its_number():
    assert shown(opened(q="asymmetry")) == shown(opened(q="2"))


def test_a_link_stays_short_enough_to_send():
    assert len(written(tuple(right(one) for one in QUESTIONS))) < 500


@pytest.mark.parametrize(
    "query",
    [
        {"done": "zzz"},
        {"done": "1" * 9999},
        {"done": "asymmetry."},
        {"done": "asymmetry.11"},
        {"done": "asymmetry.z"},
        {"done": "²"},
        {"done": "<b>"},
        {"q": "999"},
        {"q": "0"},
        {"q": "-1"},
        {"q": "x"},
        {"q": "9" * 5000},
        {"q": "1e3"},
        {"done": "~", "q": "²"},
    ],
    ids=lambda query: str(query)[:30],
)
def test_a_bad_link_shows_the_first_question_and_one_quiet_sentence(query):
    at = opened(**query)
    assert words(at).count("Part of this link cannot be shown") == 1
    assert QUESTIONS[0].told(QUESTIONS[0].ask) in shown(at)


def test_start_again_forgets_all():
    at = opened(q="5", done=every(always_finite=2))
    next(one for one in at.button if one.label == "Start again").click().run()
    assert not at.exception and "done" not in at.query_params
    assert QUESTIONS[0].told(QUESTIONS[0].ask) in shown(at)


def test_the_list_has_every_question_with_what_was_predicted():
    at = opened(done=every(nats_are_bits=0.5))
    at.session_state["answers_list"] = True
    at.run()
    labels = [one.label for one in at.button if one.key and one.key.startswith("answer_go_") and one.key[-1].isdigit()]
    assert len(labels) == len(QUESTIONS) and "you said “0.5 bits”: wrong" in labels[NAMES.index("nats_are_bits")]


@pytest.mark.parametrize("question", ON_THE_PLAYGROUND, ids=[question.name for question in ON_THE_PLAYGROUND])
def test_the_link_opens_the_playground_with_the_deciding_target_at_the_end_of_its_run(visit, question):
    state = question.picture.start(wrong(question))
    query = question.picture.link(state)
    assert "cannot be shown" not in words(visit(question.picture.page, **query))
    shown, _ = from_link(query)
    assert shown.target.values == state.curves["p"].values and shown.step > 0


@pytest.mark.parametrize("question", ABOUT_BETA, ids=[question.name for question in ABOUT_BETA])
def test_the_link_opens_the_answer_at_the_deciding_beta_and_scale(visit, question):
    query = question.picture.link(question.picture.start(wrong(question)))
    at = visit(question.picture.page, **query)
    told = next(
        scene for element in elements(at.main) if element.type == "bidi_component" and "stops" in (scene := json.loads(element.proto.json))
    )
    assert told["scale"] == float(query["scale"])
    assert told["start"] == pytest.approx(place_of(float(query["beta"])), abs=1e-6)


@pytest.mark.parametrize("question", SHOWN_BY_SCENES, ids=[question.name for question in SHOWN_BY_SCENES])
def test_the_link_opens_the_page_in_the_deciding_state(visit, question):
    said = wrong(question)
    state = question.picture.start(said)
    told, at = question.picture.build(state, said), visit(question.picture.page, **question.picture.link(state))
    assert "cannot be shown" not in words(at)
    assert {key: one["value"] for key, one in scene(at)["numbers"].items()} == {key: one["value"] for key, one in told["numbers"].items()}
    assert scene(at).get("scrub", {}).get("start") == told.get("scrub", {}).get("start")


def test_every_link_leads_to_a_page_of_the_map():
    assert {one.picture.page for one in QUESTIONS} <= {entry.name for entry in MAP}


def test_a_hand_on_the_picture_moves_its_distribution_and_nonsense_does_not():
    picture = next(one for one in QUESTIONS if one.name == "distance").picture
    state = picture.start(0.0)
    moved = state.after({"curve": "q", "values": {"loc": 1.0}})
    assert moved.curves["q"].values["loc"] == 1 and picture.link(moved)["q_loc"] == "1.0"
    for nonsense in (
        {},
        {"curve": "q", "values": {"scale": -1}},
        {"curve": "x", "values": {"loc": 1}},
        {"curve": "q", "values": {"no": 1}},
        {"scrub": "nan"},
        {"z": [1, 2]},
        {"curve": "q", "values": {"loc": "inf"}},
        {"curve": None, "values": None},
    ):
        assert state.after(nonsense) == state


def test_codes_are_one_character_each_and_sliders_fit_them():
    assert len(set(CODE)) == 62
    for question in QUESTIONS:
        assert not isinstance(question.prediction, Slide) or len(set(question.prediction.values)) == len(question.prediction.values) <= 62
        assert not isinstance(question.prediction, Drag) or all(len(grid) <= 62 for grid in question.prediction.grids.values())


@pytest.mark.parametrize("answers", [False, True])
def test_a_sheet_holds_every_question_and_nothing_from_elsewhere(answers):
    told = sheet(answers)
    assert told.count("<section>") == len(QUESTIONS) and "{" not in re.sub(r"<style>.*?</style>", "", told, flags=re.S)
    assert not re.search(r"(src|href)=|@import|url\(", told)
    assert told.count('class="why"') == (len(QUESTIONS) if answers else 0)
    assert ('class="mark p' in told) == answers


def test_all_misconceptions_and_practice_questions_are_asked():
    assert len(QUESTIONS) == len(set(NAMES)) == 5 + 16


def test_code_questions_link_to_the_same_error():
    titles = {ERRORS[one.picture.error].title for one in QUESTIONS if isinstance(one.picture, Code)}
    assert len(titles) == 3 and all(unquote(title) == title for title in titles)
