"""The page "Two distributions" by AppTest: every family, every preset, every extreme, every bad input."""

from itertools import product
from math import inf, isnan

import pytest
import torch
from torch.distributions import Normal, kl_divergence

from kl_core.families import FAMILIES
from pages.frame.presets.states import PAIRS as PRESETS
from pages.shared import state
from pages.shared.pair.scene import pair_scene
from pages.shared.style import UNITS
from pages.shared.values import ChosenDistribution, bounds
from tests.pages.conftest import numbers, scene, words
from tests.pages.pairs import PAIRS, defaults, numbers_of, pair_of

PAGE = "two_distributions"


def test_the_untouched_page_shows_two_normals_apart(visit):
    at = visit(PAGE)
    expected = kl_divergence(*(Normal(*torch.tensor(one, dtype=torch.float64)) for one in ((-1.0, 0.8), (1.0, 1.5))))
    assert numbers(at)["kl_pq"] == pytest.approx(float(expected), rel=1e-14)


@pytest.mark.parametrize(("p", "q"), PAIRS, ids=lambda family: family.name)
def test_every_pair_of_families_has_a_picture_without_nan(p, q):
    told = pair_scene(ChosenDistribution(p, defaults(p)), ChosenDistribution(q, defaults(q)), UNITS["nats"])
    values = [float(one["value"]) for one in told["numbers"].values()]
    assert not any(map(isnan, values))
    assert told["view"][0] < told["view"][1]


@pytest.mark.parametrize("family", FAMILIES.values(), ids=lambda family: family.name)
def test_the_page_shows_every_family(visit, family):
    at = visit(PAGE, kind=family.kind, p=family.label)
    assert scene(at)["curves"]["p"]["handles"]
    assert "cannot be shown" not in words(at)


@pytest.mark.parametrize("family", [one for one in FAMILIES.values() if one.kind == "continuous"], ids=lambda one: one.name)
def test_the_least_and_the_greatest_of_every_control_have_a_picture(family):
    scalars = [one for one in family.parameters if one.length is None]
    for ends in product(*[bounds(family, one) for one in scalars]):
        values = defaults(family) | {one.name: end for one, end in zip(scalars, ends, strict=True)}
        try:
            chosen = ChosenDistribution(family, values)
            chosen.distribution  # noqa: B018 - some ends do not fit each other, such as low = high
        except ValueError:
            continue
        told = pair_scene(chosen, ChosenDistribution(FAMILIES["normal"], defaults(FAMILIES["normal"])), UNITS["nats"])
        assert not any(isnan(float(one["value"])) for one in told["numbers"].values()), values


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_shows_its_state_and_says_what_to_look_at(visit, name):
    at = visit(PAGE)
    at.pills(key="preset").set_value(name).run()
    assert not at.exception
    told = scene(at)
    assert told["hint"].startswith(PRESETS[name].look.split("{")[0])
    assert told["curves"]["p"]["values"] == {k: list(v) if isinstance(v, tuple) else v for k, v in PRESETS[name].p[1].items()}


def test_the_presets_are_what_their_sentences_say():
    found = {name: numbers_of(preset) for name, preset in PRESETS.items()}
    assert [round(found["Worked example"][key], 4) for key in ("kl_pq", "kl_qp")] == [0.0207, 0.0205]
    assert found["Almost equal"]["kl_pq"] == pytest.approx(5e-13, rel=1e-9)
    assert found["Narrow in wide"]["kl_pq"] < found["Narrow in wide"]["kl_qp"]
    assert found["Wide over narrow"]["kl_pq"] == found["Narrow in wide"]["kl_qp"]
    assert found["Heavy tail"]["kl_pq"] == inf > found["Heavy tail"]["kl_qp"]
    assert found["No overlap"]["kl_pq"] == found["No overlap"]["kl_qp"] == inf
    assert found["No overlap"]["total_variation"] == 1
    assert found["Looks symmetric"]["kl_pq"] != pytest.approx(found["Looks symmetric"]["kl_qp"], rel=0.01)


def test_bits_are_nats_over_log_two_everywhere(visit):
    at = visit(PAGE, unit="bits")
    assert scene(at)["unit"] == {"name": "bits", "per_nat": pytest.approx(1.4426950408889634)}


@pytest.mark.parametrize(
    "query",
    [
        {"p_scale": "-3"},
        {"p_scale": "0"},
        {"p_scale": "nan"},
        {"p_scale": "inf"},
        {"p_scale": "1e999"},
        {"p_loc": "x"},
        {"p": "Nonsense"},
        {"kind": "other"},
        {"p": "Poisson"},
        {"kind": "discrete", "p": "Poisson", "p_rate": "-1"},
        {"kind": "discrete", "p": "Binomial", "p_total_count": "2.5"},
        {"p": "<script>alert(1)</script>"},
        {"p": "Beta", "p_concentration1": "1e300"},
        {"unit": "furlongs"},
        {"kind": "discrete", "symbols": "7"},
        {"kind": "discrete", "seed": "-1"},
    ],
    ids=str,
)
def test_a_hostile_link_gives_a_page_and_one_quiet_sentence(visit, query):
    at = visit(PAGE, **query)
    assert not any(map(isnan, numbers(at).values()))
    assert words(at).count("Part of this link cannot be shown") == 1


@pytest.mark.parametrize(
    "query",
    [{"utm_source": "mail"}, {"p_loc": "0.123456"}, {"p": "Laplace", "p_scale": "2"}, {"kind": "discrete", "q": "Poisson"}, {}],
    ids=str,
)
def test_a_good_link_is_shown_without_a_word(visit, query):
    assert "cannot be shown" not in words(visit(PAGE, **query))


@pytest.mark.parametrize("typed", ["0.3, abc", "1", "0.2, -0.1, 0.9", "0, 0, 0", "nan, 1", "", "1," * 40])
def test_text_that_is_no_distribution_stays_in_its_box_with_a_sentence(visit, typed):
    at = visit(PAGE, kind="discrete")
    at.text_input(key="p_probs").set_value(typed).run()
    assert not at.exception
    assert at.text_input(key="p_probs").value == typed
    assert any(":red[" in one.value for one in at.caption)
    assert not any(map(isnan, numbers(at).values()))


def test_the_last_good_probabilities_stay_on_screen_while_bad_ones_are_typed(visit):
    at = visit(PAGE, kind="discrete")
    at.text_input(key="p_probs").set_value("0.7, 0.2, 0.1").run()
    at.text_input(key="p_probs").set_value("0.7, 0.2, oops").run()
    assert scene(at)["curves"]["p"]["values"]["probs"] == [0.7, 0.2, 0.1]


def test_edges_in_the_wrong_order_are_answered_with_a_sentence(visit):
    at = visit(PAGE, p="Uniform", p_low="3", p_high="1")
    assert "Right end = 1 does not fit: a number greater than left end = 3." in words(at)
    assert numbers(at)["total_variation"] >= 0


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"curve": "p"},
        {"curve": "z", "values": {"loc": 1}},
        {"curve": "p", "values": {"loc": "x"}},
        {"curve": "p", "values": 3},
        {"curve": "p", "values": {"scale": -1}},
        {"curve": "p", "values": {"nothing": 1}},
        {"curve": "p", "values": {"loc": None}},
        {"curve": "p", "values": {"loc": [1, 2]}},
        {"curve": "p", "values": {"loc": 1, "scale": "nan"}},
    ],
    ids=str,
)
def test_nonsense_from_the_browser_changes_nothing(message, monkeypatch):
    session: dict[str, object] = {}
    monkeypatch.setattr(state.st, "session_state", session)

    def family_of(role: str):
        return {"p": FAMILIES["normal"]}[role]

    state.put_from_picture(message, family_of)
    assert not session
    state.put_from_picture({"curve": "p", "values": {"loc": 1}}, family_of)
    assert session["p_loc"] == 1, "and a place that makes sense is taken"


def test_a_link_of_the_mixture_keeps_its_three_modes(visit):
    at = visit(PAGE, p="Gaussian mixture", p_weights="0.2, 0.3, 0.5", p_locs="-3, 0, 4", p_scales="1, 0.5, 2")
    assert scene(at)["curves"]["p"]["values"]["locs"] == [-3, 0, 4]
    assert len(scene(at)["curves"]["p"]["handles"]) == 9


@pytest.mark.parametrize("symbols", ["100", "1 000", "10 000"])
def test_extra_bits_close_in_on_the_divergence(visit, symbols):
    at = visit(PAGE, kind="discrete", symbols=symbols, seed="3")
    assert "extra per symbol" in words(at)


def test_a_message_that_q_has_no_code_for_is_called_infinite(visit):
    at = visit(PAGE, kind="discrete", q_probs="0.5, 0.5, 0")
    assert "Q's code cannot send this message" in words(at)


def test_the_reason_names_the_distributions_as_they_are_on_screen():
    reasons = {key: one["reason"] for key, one in pair_scene(*pair_of(PRESETS["No overlap"]), UNITS["nats"])["numbers"].items()}
    assert reasons["kl_pq"].startswith("P has mass") and "Q has none" in reasons["kl_pq"]
    assert reasons["kl_qp"].startswith("Q has mass") and "P has none" in reasons["kl_qp"]


def test_the_reason_calls_outcomes_by_their_names():
    p, q = (ChosenDistribution(FAMILIES["categorical"], {"probs": probs}) for probs in ((0.5, 0.3, 0.2), (0.5, 0.5, 0.0)))
    told = pair_scene(p, q, UNITS["nats"], names=["P", "yes", "no"])["numbers"]
    assert told["kl_pq"]["reason"] == "P gives some probability to “no”, and Q gives none."
    told = pair_scene(q, p, UNITS["nats"], names=["yes", "no", "P"])["numbers"]
    assert told["kl_qp"]["reason"] == "Q gives some probability to “P”, and P gives none."


def test_outcomes_of_the_same_name_are_told_apart(visit):
    at = visit(PAGE, kind="discrete", names="yes, no, yes")
    assert scene(at)["names"] == ["yes", "no", "3"]
    assert at.selectbox(key="payer").options[1:] == ["yes", "no", "3"]


def test_probabilities_that_do_not_sum_to_one_are_rescaled_and_the_page_says_so(visit):
    at = visit(PAGE, kind="discrete", p_probs="3, 5, 2")
    assert "These sum to 10" in words(at)
    assert numbers(at)["kl_pq"] == pytest.approx(numbers(visit(PAGE, kind="discrete"))["kl_pq"], rel=1e-14)


def test_a_mixture_gets_a_mode_more_and_a_mode_less(visit):
    at = visit(PAGE, p="Gaussian mixture")
    at.button(key="modes_p_1").click().run()
    assert scene(at)["curves"]["p"]["values"]["locs"] == [-2, 2, 5]
    at.button(key="modes_p_-1").click().run()
    assert scene(at)["curves"]["p"]["values"]["locs"] == [-2, 2]
    assert at.button(key="modes_p_-1").disabled


def test_a_mode_can_be_added_beside_text_that_is_no_number(visit):
    at = visit(PAGE, p="Gaussian mixture")
    at.text_input(key="p_locs").set_value("oops, 2").run()
    at.button(key="modes_p_1").click().run()
    assert not at.exception
    assert at.text_input(key="p_locs").value == "oops, 2, 5"


def test_what_to_look_at_is_said_in_the_unit_on_screen(visit):
    at = visit(PAGE, unit="bits")
    at.pills(key="preset").set_value("Worked example").run()
    assert "0.0299 bits" in scene(at)["hint"]


def test_switching_the_kind_shows_a_family_of_that_kind(visit):
    at = visit(PAGE)
    at.segmented_control(key="kind").set_value("discrete").run()
    assert not at.exception
    assert at.selectbox(key="p").value == "categorical"
    assert scene(at)["kind"] == "discrete"
