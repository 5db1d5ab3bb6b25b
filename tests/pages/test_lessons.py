"""Lessons: their text, their links, and that every step of the ready ones opens what it says."""

import base64
import zlib
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages.frame.lessons import LONGEST_LINK, LONGEST_TEXT, Lesson, Step, in_link, packed, parse, ready, unpacked, written
from pages.frame.presets.links import expanded
from pages.shared.live.messages import parse_fields
from pages.views.forward_reverse.canvas_state import LINK_KEYS
from pages.views.lessons.draft import moved
from pages.views.lessons.filmstrip import whole
from pages.views.lessons.notes import NOTES
from pages.views.vae.diffusion_state import KEYS
from tests.pages.conftest import PAGES, words

FRAME = "frame/frame"  # opens at the start page; links to pages need it around them
SCRUBBED = {"beta", "distance", "m", "mu", "T", "scene", "js_beta", "beta_vae", "lam", "beta_linear", "spec_q", *KEYS.values()}
STEPS = [(f"{name} {i + 1}", step) for name, lesson in ready().items() for i, step in enumerate(lesson.steps)]
LINES = st.text(st.characters(categories=("L", "N", "P", "Zs")), min_size=1, max_size=60).map(lambda one: "a" + " ".join(one.split()))
LESSONS = st.builds(
    Lesson,
    LINES,
    st.lists(st.builds(Step, st.sampled_from(["/", "/beta?beta=0.2", "/vae?view=Linear+VAE"]), LINES), min_size=1, max_size=9).map(tuple),
)


@given(LESSONS)
def test_a_lesson_comes_back_from_its_text_and_from_its_link(lesson):
    assert parse(written(lesson)) == lesson
    assert unpacked(packed(lesson)) == lesson


@pytest.mark.parametrize(
    "text, said",
    [
        ("", "begins with its title"),
        ("/beta\nno title", "begins with its title"),
        ("Only a title", "needs a step"),
        ("T\nwords before an address\n/beta", "Line 2"),
        ("T\n\n/no_such_page\nx", "Line 3: there is no page “no_such_page”"),
        ("T\n" + "/beta\n" * 61, "60 steps"),
        ("T\n/beta\n" + "x" * 501, "500 characters"),
        ("x" * (LONGEST_TEXT + 1), "20,000"),
        ("T\nhttps://elsewhere.example/", "needs a step"),
        ("T\n//elsewhere.example/beta\nx", "no page"),
    ],
)
def test_a_text_that_is_no_lesson_is_told_why(text, said):
    with pytest.raises(ValueError, match=said):
        parse(text)


@pytest.mark.parametrize(
    "word", ["~", "~!!", "~AAAA", "~" + base64.urlsafe_b64encode(zlib.compress(b"x" * 10_000_000)).decode(), "no_such", "~" + "A" * 50]
)
def test_a_damaged_or_swollen_lesson_in_a_link_is_refused(word):
    with pytest.raises(ValueError, match="lesson|begins|characters"):
        in_link(f"{word}.1")


@pytest.mark.parametrize("step, at", [("3", 2), ("0", 0), ("99999", 0), ("9999", -1), ("x", 0), ("²", 0), ("", 0)])
def test_a_step_that_is_not_there_is_the_nearest_or_the_first(step, at):
    lesson = ready()["what_kl_is"]
    assert in_link(f"what_kl_is.{step}")[2] == at % len(lesson.steps)


def test_four_lessons_are_ready_and_fit_a_link():
    assert [lesson.title for lesson in ready().values()] == [
        "What KL is",
        "Two directions",
        "KL in language models",
        "KL in distillation and generation",
    ]
    assert all(len(packed(lesson)) < LONGEST_LINK for lesson in ready().values())


@pytest.mark.parametrize("step", [step for _, step in STEPS], ids=[name for name, _ in STEPS])
def test_every_step_of_a_ready_lesson_opens_what_its_link_asks_for(visit, step):
    parts = urlsplit(expanded(step.address))
    query = dict(parse_qsl(parts.query))
    assert "preset" not in query
    at = visit(parts.path.strip("/") or FRAME, **query)
    assert "cannot be shown" not in words(at)
    assert all(key in at.session_state or key in SCRUBBED or key in LINK_KEYS for key in query), "a parameter that the page does not know"


def lessons(visit):
    at = visit(FRAME).switch_page(str(PAGES / "lessons.py")).run()
    assert not at.exception
    return at


def test_a_lesson_in_the_box_can_be_started_and_bad_text_stays_with_its_reason(visit):
    at = lessons(visit)
    at.text_area(key="lesson_text").set_value("Mine\n\n/two_distributions?preset=heavy-tail\nLook.").run()
    assert "**Mine**: 1 step." in words(at)
    at.text_area(key="lesson_text").set_value("Mine\n\n/nowhere\nLook.").run()
    assert "there is no page “nowhere”" in words(at)
    assert "/nowhere" in at.text_area(key="lesson_text").value


def test_making_a_ready_lesson_mine_puts_its_text_into_the_box(visit):
    at = lessons(visit)
    at.button(key="copy_two_directions").click().run()
    assert parse(at.text_area(key="lesson_text").value) == ready()["two_directions"]


THREE = "Mine\n\n/beta\none\n\n/vae\ntwo\n\n/practice\nthree\n"


def strip_of(visit):
    at = lessons(visit)
    at.text_area(key="lesson_text").set_value(THREE).run()
    return at


def steps(at) -> list[str]:
    return [step.words for step in parse(at.text_area(key="lesson_text").value).steps]


@pytest.mark.parametrize(
    "button, order",
    [
        ("later_0", ["two", "one", "three"]),
        ("earlier_2", ["one", "three", "two"]),
        ("remove_1", ["one", "three"]),
    ],
)
def test_the_steps_of_the_strip_are_moved_and_removed(visit, button, order):
    at = strip_of(visit)
    at.button(key=button).click().run()
    assert not at.exception and steps(at) == order


@pytest.mark.parametrize("raw", [None, True, "1", 1.5, float("nan"), float("inf"), 1e9, [1]])
def test_a_drop_that_no_hand_makes_is_ignored(raw):
    assert parse_fields({"at": 0, "by": raw}, {"at": whole, "by": whole}) is None


def test_a_caption_changed_in_the_strip_is_in_the_text(visit):
    at = strip_of(visit)
    next(one for one in at.text_area if one.value == "two").set_value("Look at\nthe middle").run()
    assert steps(at) == ["one", "Look at the middle", "three"]
    next(one for one in at.text_area if one.value == "three").set_value("/beta").run()
    assert steps(at) == ["one", "Look at the middle", "three"], "an address is no caption"


def test_a_removed_last_step_leaves_the_title_and_the_reason(visit):
    at = lessons(visit)
    at.text_area(key="lesson_text").set_value("Mine\n\n/beta\none\n").run()
    at.button(key="remove_0").click().run()
    assert not at.exception and "A lesson needs a step" in words(at)


def test_every_ready_lesson_tells_its_teacher_what_to_ask_and_when():
    assert set(NOTES) == set(ready())
    for name, notes in NOTES.items():
        steps = [ask.step for ask in notes.asks]
        assert steps == sorted(steps) and 1 <= steps[0] and steps[-1] < len(ready()[name].steps), name  # the last step is Questions


def test_a_lesson_card_has_its_length_and_the_questions_for_the_class(visit):
    at = lessons(visit)
    shown = words(at)
    for name, notes in NOTES.items():
        assert f"{len(ready()[name].steps)} steps, about {notes.minutes} minutes" in shown
        assert all(ask.question in shown and ask.answer in shown for ask in notes.asks)


@given(LESSONS, st.integers(0, 8), st.integers(-9, 9))
def test_moving_a_step_keeps_all_steps(lesson, at, by):
    at = min(at, len(lesson.steps) - 1)
    after = moved(lesson.steps, at, by)
    assert sorted(after, key=str) == sorted(lesson.steps, key=str)
    assert after[min(max(at + by, 0), len(after) - 1)] == lesson.steps[at]
