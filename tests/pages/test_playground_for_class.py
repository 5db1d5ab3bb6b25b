"""What a class is asked about the P that stands on the playground, against sums over a grid and against P's own moments."""

import math
import re
from urllib.parse import urlencode

import pytest
import torch
from torch.distributions import Categorical, MixtureSameFamily, Normal

from kl_core.fits.drawing import drawing_to_text, levels_of
from pages.frame.room.rules import question_of
from pages.frame.room.stage import picture_of
from pages.views.answers import judged, questions_at

DRAWN = drawing_to_text(levels_of([max(0.0, math.sin(i / 9)) for i in range(97)]))
LINKS = [
    {"shape": "box"},
    {"shape": "spike-and-hump"},
    {"drawn": DRAWN},
    {"minimise": "js"},
    {"alpha": "0.3"},
    *({"family": family} for family in ("fixed-width", "student-t")),
]


def asked(link: dict[str, str]) -> list[tuple]:
    """Every question of a playground, with its picture."""
    messages = [make() for make in questions_at(f"forward_reverse?{urlencode(link)}").values()]
    return [(question_of(message), picture_of(message)) for message in messages]


@pytest.mark.parametrize("link", LINKS, ids=urlencode)
def test_every_p_and_q_that_stands_there_can_be_asked_and_the_true_answer_is_right(link):
    questions = asked(link)
    assert questions
    for question, picture in questions:
        assert set(picture["scene"]["curves"]) == {"p", "q"}
        nearest = tuple(min(axis, key=lambda place: abs(place - true)) for axis, true in zip(question.axes, question.truth, strict=True))
        assert question.accepts(nearest)
        far = tuple(axis[0] for axis in question.axes)
        verdicts = judged(question.judge, [question.truth, far])
        assert question.truth in verdicts["had it right"] and far not in verdicts["had it right"]


def test_the_truth_is_p_s_moments_forward_and_the_lowest_place_of_a_grid_in_reverse():
    forward, reverse = (question for question, _ in asked({"p_locs": "-2,2"}))
    assert forward.truth == pytest.approx((0, math.sqrt(1 + 2**2)), abs=1e-6)
    x = torch.linspace(-14, 14, 281, dtype=torch.float64)
    p = MixtureSameFamily(Categorical(torch.ones(2)), Normal(torch.tensor([-2.0, 2.0]).double(), torch.ones(2).double()))
    loc, scale = (axis.flatten() for axis in torch.meshgrid(torch.linspace(-3, 3, 31), torch.linspace(0.6, 3, 31), indexing="ij"))
    q = Normal(loc.double().unsqueeze(-1), scale.double().unsqueeze(-1))
    kl = (q.log_prob(x).exp() * (q.log_prob(x) - p.log_prob(x))).sum(-1) * (x[1] - x[0])
    best = int(kl.argmin())
    assert reverse.truth == pytest.approx((float(loc[best]), float(scale[best])), abs=0.05)
    assert float(re.findall(r"is ([0-9.]+) nats", reverse.why)[0]) == pytest.approx(float(kl[best]), abs=1e-3)


def test_of_two_equally_good_hills_both_are_right_and_the_class_is_told_what_it_did():
    _, reverse = (question for question, _ in asked({}))
    left, right, middle, all_of_it = (-3.0, 1.0), (3.0, 1.0), (0.0, 1.0), (0.0, 3.2)
    assert "equally low" in reverse.why
    assert judged(reverse.judge, [left, right, middle, all_of_it]) == {
        "put Q on one hill": [left, right],
        "spread Q over all hills": [all_of_it],
        "had it right": [left, right],
    }


@pytest.mark.parametrize("address", ["forward_reverse?family=two-gaussians", "forward_reverse?view=Two+dimensions", "beta", "", "no/page"])
def test_where_nothing_is_to_be_dragged_nothing_is_asked(address):
    assert questions_at(address) == {}


@pytest.mark.parametrize("judge", ["forward_reverse", "forward_reverse nonsense?", "forward_reverse ", "nobody"])
def test_a_judge_who_is_none_says_so_with_a_value_error(judge):
    with pytest.raises(ValueError):
        judged(judge, [(0.0, 1.0)])
