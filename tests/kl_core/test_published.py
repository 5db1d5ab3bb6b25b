"""Every claim of the table, and the table itself: what the page "Checked" shows is what is tested here."""

import math
import re
from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F

from kl_core.published import CLAIMS, SUBJECTS, check
from kl_core.published.claim import Source, closed_form, printed

HERE = Source("here")


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.name)
def test_what_is_computed_now_agrees_with_what_is_published(claim):
    found = check(claim)
    assert found.agrees, (found.ours, claim.theirs, claim.tolerances)


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.name)
def test_a_number_that_is_off_by_twice_its_tolerance_would_be_noticed(claim):
    pairs = zip(claim.theirs, claim.tolerances, strict=True)
    off = tuple(one + 2 * allowed + 1e-300 if math.isfinite(one) else 1e6 for one, allowed in pairs)
    assert not check(replace(claim, ours=lambda: off)).agrees
    assert not check(replace(claim, ours=lambda: [math.nan] * len(off))).agrees


def test_every_claim_has_a_name_of_its_own_and_a_value_for_each_part():
    assert len({claim.name for claim in CLAIMS}) == len(CLAIMS) == sum(map(len, SUBJECTS.values()))
    for claim in CLAIMS:
        assert len(claim.theirs) == len(claim.tolerances) == (len(claim.parts) or 1), claim.name
        assert claim.what and claim.source.text and claim.shown and claim.rule
        assert min(claim.tolerances) > 0 and (not claim.source.url or re.match(r"https?://", claim.source.url))


def test_every_kl_says_which_distribution_its_expectation_is_under():
    for claim in CLAIMS:
        if "KL(" in claim.what:
            assert "under" in claim.what, claim.name


# Numbers typed in by hand: if a claim is dropped, this fails.
NUMBERS = (
    "0.0207",
    "0.0205",
    "−0.350",
    "2.2360679775",
    "0.1719987625",
    "2.0470095199",
    "0.2265079608",
    "3.1622776602",
    "0.4619946135",
    "2.9843059878",
    "1.0233685597",
    "0.6887689959",
    "2.7437693091",
    "0.8406214313",
    "4.0311288741",
    "1.3940464544",
    "0.6931471806",
    "3.2675677282",
    "9.9494070009",
    "2.41222971801",
    "2.80008221758",
    "1.121",
    "0.628",
    "0.665241",
    "0.244728",
    "0.090031",
    "0.367165",
    "0.332225",
    "0.300610",
    "0.69315",
    "−2.5175",
)


@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_typed_by_hand_is_among_the_claims(number):
    assert any(number in claim.shown for claim in CLAIMS)


@pytest.mark.parametrize("number", [1.417745, 1.416575, 1.732051, 1.695030])
def test_the_spread_of_the_estimators_typed_by_hand_is_what_their_closed_forms_give(number):
    assert any(abs(one - number) < 5e-7 for claim in CLAIMS if claim.name.startswith("schulman_exact") for one in claim.theirs)


def test_a_printed_number_allows_half_its_last_digit_and_no_more():
    claim = printed("x", "", HERE, "0.0207", lambda: 0.0207)
    assert claim.tolerances == pytest.approx((5e-5,))
    for ours, agrees in ((0.02075, True), (0.020651, True), (0.020751, False), (0.0206, False)):
        assert check(replace(claim, ours=lambda ours=ours: ours)).agrees == agrees


def test_a_whole_number_printed_in_a_table_of_decimals_is_as_exact_as_they_are():
    assert printed("x", "", HERE, ("0", "0.25"), lambda: (0, 0.25), zero=5e-4).tolerances == pytest.approx((5e-4, 5e-3))


def test_digits_are_those_that_both_share_of_the_worst_value():
    found = check(closed_form("x", "", HERE, "", (2.0, 5.0), lambda: (2.0, 5.0005), relative=1e-3))
    assert (found.worst, found.digits, found.asked) == (1, pytest.approx(4.0), pytest.approx(3.0, abs=1e-6))
    assert found.agrees


def test_infinities_agree_with_themselves_only():
    claim = closed_form("x", "", HERE, "∞", math.inf, lambda: math.inf)
    assert check(claim).agrees and check(claim).digits == 16
    for other in (1e308, -math.inf, math.nan):
        assert not check(replace(claim, ours=lambda other=other: other)).agrees


def test_a_claim_with_more_values_than_are_computed_is_refused():
    with pytest.raises(ValueError, match="x has 2 values of theirs and 1 of ours"):
        check(closed_form("x", "", HERE, "", (1.0, 2.0), lambda: 1.0))


def test_the_usual_sum_in_place_of_ours_would_not_pass_next_to_equality():
    claim = next(claim for claim in CLAIMS if claim.name == "near_coins")
    p, q = (torch.tensor(one, dtype=torch.float64) for one in ((0.5 * (1 + 2.0**-27), 0.5 * (1 - 2.0**-27)), (0.5, 0.5)))
    assert not check(replace(claim, ours=lambda: F.kl_div(q.log(), p, reduction="sum"))).agrees
