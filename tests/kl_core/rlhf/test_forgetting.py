"""Three questions and one set of weights: against every sentence written out, and against what RL's razor says."""

import math

import pytest
import torch

from kl_core.rlhf.forgetting import (
    Run,
    _objective,
    _sampled_loss,
    fine_tune,
    imitation_limit,
    many_runs,
    moment_of,
    predictors,
    rl_optimum,
    sample_answers,
)
from kl_core.rlhf.prompts import NEW, build_prompts, measure_answers
from kl_core.rlhf.targets import best_imitation, cross_entropy, likeliest_success, oracle, target_of_power, target_of_sentences

WORLD = build_prompts()
SHORT = build_prompts(length=6)
REFERENCE = moment_of(WORLD, torch.zeros_like(WORLD.log_probs[NEW]))


def some_weights(world, seed: int = 0) -> torch.Tensor:
    return torch.randn(world.log_probs[NEW].shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def every_answer(world, log_probs: torch.Tensor, prompt: int) -> tuple[list[tuple[int, ...]], torch.Tensor, torch.Tensor]:
    """All answers, their log-probabilities, and whether they succeed, by walking and reading them."""
    paths = [((), 0.0)]
    for _ in range(world.length):
        grown = []
        for said, log_p in paths:
            row = log_probs[prompt, said[-1] if said else 0]
            for word in (row > -math.inf).nonzero().flatten().tolist():
                grown.append(((*said, word), log_p + float(row[word])))
        paths = grown
    own = {world.words.index(w) for w in OWN_WORDS[prompt]}
    opener = world.words.index("answer")
    success = []
    for said, _ in paths:
        spoken = [word for word in said if word != 1]
        good = said[-1] == 1 and set(spoken) <= own and spoken.count(opener) <= 1
        success.append(float(good and (prompt != NEW or opener in spoken)))
    said, log_p = zip(*paths, strict=True)
    return list(said), torch.tensor(log_p, dtype=torch.float64), torch.tensor(success, dtype=torch.float64)


def _own_words() -> list[set[str]]:
    from kl_core.rlhf.language import read_corpus
    from kl_core.rlhf.prompts import PROMPTS

    corpus = read_corpus()
    return [{word for answer in corpus[question] for word in answer} for question in PROMPTS.values()]


OWN_WORDS = _own_words()


@pytest.mark.parametrize("prompt", [0, 1, 2])
def test_quality_both_kls_and_entropy_are_those_of_every_answer_written_out(prompt):
    weights = some_weights(SHORT)
    answers = measure_answers(SHORT, weights)
    _, log_p, success = every_answer(SHORT, SHORT.log_policy(weights), prompt)
    _, log_ref, _ = every_answer(SHORT, SHORT.log_probs, prompt)
    p, q = log_p.exp(), log_ref.exp()
    assert float(p.sum()) == pytest.approx(1, rel=1e-12)
    assert float(answers.quality[prompt]) == pytest.approx(float(p @ success), rel=1e-11)
    assert float(answers.kl[prompt]) == pytest.approx(float(p @ (log_p - log_ref)), rel=1e-10)
    assert float(answers.kl_from_reference[prompt]) == pytest.approx(float(q @ (log_ref - log_p)), rel=1e-10)
    assert float(answers.entropy[prompt]) == pytest.approx(-float(p @ log_p), rel=1e-10)


@pytest.mark.parametrize("power", [2.0, 1.0, 0.0, -0.7])
def test_a_target_is_the_reference_to_a_power_on_the_answers_that_succeed(power):
    said, log_ref, success = every_answer(SHORT, SHORT.log_probs, NEW)
    log_t = torch.where(success > 0, power * log_ref, -math.inf).log_softmax(0)
    t, logs = log_t.exp(), torch.where(success > 0, log_t, 0.0)
    target = target_of_power(SHORT, power)
    assert target.entropy == pytest.approx(-float(t @ logs), rel=1e-10) and target.success == 1
    assert target.kl == pytest.approx(float(t @ (logs - log_ref)), rel=1e-9)
    uses = sum(float(p) for answer, p in zip(said, t, strict=True) if answer[:2] == tuple(map(SHORT.words.index, ("the", "answer"))))
    assert float(target.counts[0, SHORT.words.index("the")]) == pytest.approx(1, rel=1e-12)
    assert float(target.counts[SHORT.words.index("the"), SHORT.words.index("answer")]) == pytest.approx(uses, rel=1e-10)


def test_the_oracle_is_the_nearest_of_all_that_succeed_at_minus_the_log_of_the_references_success():
    nearest = oracle(WORLD)
    assert nearest.kl == pytest.approx(-math.log(REFERENCE.new_quality), rel=1e-12)
    others = [target_of_power(WORLD, power) for power in (3.0, 1.2, 0.8, 0.0, -1.0)]
    others += [
        target_of_sentences(WORLD, {"the answer is: more fresh air": 1.0}),
        target_of_sentences(WORLD, {likeliest_success(WORLD): 1}),
    ]
    assert all(other.success == 1 and other.kl > nearest.kl for other in others)


def test_the_likeliest_success_is_that_of_a_search_over_all_answers():
    said, log_ref, success = every_answer(SHORT, SHORT.log_probs, NEW)
    best = said[int(torch.where(success > 0, log_ref, -math.inf).argmax())]
    assert likeliest_success(SHORT) == SHORT.text(best)


def test_a_target_of_sentences_weighs_them_and_knows_which_succeed():
    target = target_of_sentences(
        WORLD, {"the answer is: no coffee after lunch.": 3, "keep your bedroom dark": 1, "keep your bedroom dark.": 0}
    )
    assert target.success == pytest.approx(0.75) and target.entropy == pytest.approx(-0.75 * math.log(0.75) - 0.25 * math.log(0.25))
    assert float(target.counts.sum(-1)[0]) == pytest.approx(1)


def test_the_limit_of_imitation_is_where_the_cross_entropy_is_least():
    target = target_of_power(WORLD, 0.5)
    best = best_imitation(WORLD, target)
    least = float(cross_entropy(WORLD, target, best))
    for seed in range(3):
        assert float(cross_entropy(WORLD, target, best + 0.05 * some_weights(WORLD, seed))) > least
    *_, last = fine_tune(WORLD, Run(target=target, steps=400, learning_rate=0.1), each=400)
    assert least < float(cross_entropy(WORLD, target, last.weights)) < least + 0.05
    assert imitation_limit(WORLD, target).kl_from_reference == math.inf


def test_the_optimum_of_rl_has_a_gradient_of_zero_and_no_run_beats_it():
    (weights,) = rl_optimum(WORLD, [0.3])
    weights.requires_grad_()
    value = _objective(WORLD, weights, 0.3)
    (slope,) = torch.autograd.grad(value, weights)
    value = value.detach()
    assert float(slope.abs().max()) < 1e-4
    for run in (Run(beta=0.3, steps=100), Run(beta=0.3, steps=100, group=0)):
        *_, last = fine_tune(WORLD, run, each=100)
        assert float(value) - 0.1 < last.new_quality - 0.3 * last.kl <= float(value) + 1e-9


def test_the_mean_gradient_of_sampled_runs_is_the_exact_one():
    weights = (0.3 * some_weights(WORLD)).requires_grad_()
    (exact,) = torch.autograd.grad(-_objective(WORLD, weights, 0.2), weights)
    generator = torch.Generator().manual_seed(1)
    direction = exact / exact.norm()
    sampled = []
    for _ in range(150):
        (slope,) = torch.autograd.grad(_sampled_loss(WORLD, Run(beta=0.2), weights, generator), weights)
        sampled.append(float((slope * direction).sum()))
    sampled = torch.tensor(sampled, dtype=torch.float64)
    assert abs(float(sampled.mean()) - float(exact.norm())) < 4 * float(sampled.std()) / math.sqrt(150)


def test_training_on_sleep_makes_tea_answers_speak_of_sleep():
    *_, last = fine_tune(WORLD, Run(target=oracle(WORLD)), each=200)
    assert last.new_quality > REFERENCE.new_quality + 0.5 and last.forgotten > 0.3
    said = " ".join(sample_answers(WORLD, last.weights, 1, 40))
    assert "coffee" in said or "bedtime" in said or "baths" in said


def test_rl_forgets_less_than_imitation_of_far_targets_at_more_success():
    *_, rl = fine_tune(WORLD, Run(beta=0.05), each=200)
    for power in (3.0, 0.0, -0.5):
        *_, imitated = fine_tune(WORLD, Run(target=target_of_power(WORLD, power)), each=200)
        assert rl.new_quality > imitated.new_quality and rl.forgotten < imitated.forgotten and rl.kl < imitated.kl + 0.7


def test_a_high_price_keeps_the_other_questions_and_a_run_is_the_same_each_time():
    cheap, dear = (list(fine_tune(WORLD, Run(beta=beta, steps=60), each=20)) for beta in (0.02, 0.6))
    assert dear[-1].forgotten < cheap[-1].forgotten and dear[-1].kl < cheap[-1].kl
    assert [one.step for one in cheap] == [0, 20, 40, 60] and cheap[0].kl == pytest.approx(0, abs=1e-12)
    assert [one.quality for one in fine_tune(WORLD, Run(beta=0.02, steps=60), each=20)] == [one.quality for one in cheap]


def test_predictors_are_spearmans_coefficients():
    targets = [target_of_power(WORLD, power) for power in (3.0, 1.0, 0.0, -1.0)]
    moments = [list(fine_tune(WORLD, Run(target=target, steps=40), each=40))[-1] for target in targets]

    def by_hand(values, others):
        rank = lambda numbers: [sorted(numbers).index(number) for number in numbers]
        n, gaps = len(values), [(a - b) ** 2 for a, b in zip(rank(values), rank(others), strict=True)]
        return 1 - 6 * sum(gaps) / (n * (n * n - 1))

    ranks = predictors(moments)
    lost = [one.forgotten for one in moments]
    assert ranks.kl == pytest.approx(by_hand([one.kl for one in moments], lost))
    assert ranks.kl_from_reference == pytest.approx(by_hand([one.kl_from_reference for one in moments], lost))
    assert ranks.runs == 4 and ranks.better in ("kl", "kl_from_reference")
    with_infinity = predictors([*moments, imitation_limit(WORLD, targets[0])])
    assert with_infinity.kl_from_reference > 0


def test_over_imitations_the_kl_from_the_reference_ranks_forgetting_and_the_other_direction_does_so_less():
    runs = many_runs(WORLD, seeds=(0,))
    assert len({run.name for run in runs}) == len(runs) == 42
    imitations = [run for run in runs if run.target is not None]
    found = predictors(list(fine_tune(WORLD, run, each=run.steps))[-1] for run in imitations)
    assert found.runs == 21 and found.kl_from_reference > 0.85 > found.kl > 0.3 and found.better == "kl_from_reference"


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("leak", lambda: build_prompts(leak=0.0)),
        ("length", lambda: build_prompts(length=2)),
        ("beta", lambda: Run(beta=-1.0)),
        ("group", lambda: Run(group=1)),
        ("learning_rate", lambda: Run(learning_rate=0.0)),
        ("power", lambda: target_of_power(WORLD, 30.0)),
        ("betas", lambda: rl_optimum(WORLD, [0.0])),
        ("runs", lambda: predictors([])),
        ("weights", lambda: target_of_sentences(WORLD, {"keep your bedroom dark": 0.0})),
        ("'moon'", lambda: target_of_sentences(WORLD, {"the moon": 1.0})),
        ("never says 'lunch' after 'the'", lambda: target_of_sentences(WORLD, {"the lunch": 1.0})),
    ],
)
def test_bad_arguments_are_named(name, call):
    with pytest.raises(ValueError, match=name):
        call()
