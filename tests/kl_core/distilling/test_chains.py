"""Chains of teacher and student against the enumeration of every sentence, finite differences, and sampled text."""

import math
from dataclasses import replace
from itertools import product

import pytest
import torch

from kl_core.distilling import chain_students
from kl_core.distilling.chain_students import METHODS, ChainRun, _contexts, best_student, method_loss, train_chain
from kl_core.distilling.chains import WordChain, compare_chains, draw_sentences, kl_by_position, teacher_chain, visits

LENGTH = 4


def small(seed: int) -> WordChain:
    generator = torch.Generator().manual_seed(seed)
    return WordChain(("a", "b"), torch.randn(3, 3, dtype=torch.float64, generator=generator).log_softmax(-1), LENGTH)


T, S = small(0), small(1)


def sentences(chain: WordChain) -> dict[tuple[int, ...], float]:
    """Every sentence of at most LENGTH words, the end counted, and its log-probability."""
    said = {}
    for length in range(1, LENGTH + 1):
        for body in product((1, 2), repeat=length - 1):
            for last in (0, 1, 2) if length == LENGTH else (0,):
                text = (*body, last)
                said[text] = sum(float(chain.log_probs[a, b]) for a, b in zip((0, *text), text, strict=False))
    return said


def test_the_sentences_are_all_there_are():
    assert math.fsum(map(math.exp, sentences(T).values())) == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("first, second", [(T, S), (S, T)], ids=["KL(T‖S)", "KL(S‖T)"])
def test_the_kl_of_whole_sentences_is_the_sum_over_positions(first, second):
    one_way, other = sentences(first), sentences(second)
    whole = math.fsum(math.exp(chance) * (chance - other[text]) for text, chance in one_way.items())
    assert float(kl_by_position(first, second).sum()) == pytest.approx(whole, rel=1e-12)


def test_each_position_is_what_the_enumeration_gives_there():
    by_position = torch.zeros(LENGTH, dtype=torch.float64)
    for text, chance in sentences(T).items():
        for t, (a, b) in enumerate(zip((0, *text), text, strict=False)):
            by_position[t] += math.exp(chance) * float(T.log_probs[a, b] - S.log_probs[a, b])
    assert kl_by_position(T, S).tolist() == pytest.approx(by_position.tolist(), rel=1e-12)


def test_quality_entropy_and_unlikely_words_are_those_of_the_enumeration():
    own, taught, compared = sentences(S), sentences(T), compare_chains(T, S)
    assert compared.quality == pytest.approx(math.fsum(math.exp(chance) * taught[text] for text, chance in own.items()), rel=1e-12)
    assert compared.entropy == pytest.approx(-math.fsum(math.exp(chance) * chance for chance in own.values()), rel=1e-12)
    assert compared.reverse == pytest.approx(-compared.quality - compared.entropy, rel=1e-12)
    rare = replace(T, log_probs=torch.tensor([[0.5, 0.495, 0.005]] * 3, dtype=torch.float64).log())
    said = math.fsum(math.exp(chance) * text.count(2) for text, chance in own.items())
    assert compare_chains(rare, S).unlikely == pytest.approx(said, rel=1e-12)


def test_a_chain_compared_with_itself_has_no_kl_and_every_draft_is_kept():
    compared = compare_chains(T, T)
    assert (compared.forward, compared.reverse, compared.on_teacher) == pytest.approx((0, 0, 0), abs=1e-14)
    assert compared.kept == pytest.approx(1)


def test_drawn_sentences_visit_contexts_as_often_as_said():
    text = draw_sentences(T, 40_000, torch.Generator().manual_seed(3))
    before, _, live = _contexts(text)
    for t in range(LENGTH):
        counts = torch.bincount(before[:, t][live[:, t]], minlength=3) / len(text)
        assert counts.tolist() == pytest.approx(visits(T.log_probs, LENGTH)[t].tolist(), abs=0.012)


def test_the_teacher_rules_no_word_out_and_speaks_the_corpus():
    teacher = teacher_chain()
    assert bool(teacher.log_probs.isfinite().all()) and len(teacher.words) == len(teacher.log_probs) - 1
    assert teacher.log_probs.exp().sum(-1).tolist() == pytest.approx([1.0] * len(teacher.log_probs))
    coffee, lunch = (teacher.words.index(word) + 1 for word in ("coffee", "after"))
    assert float(teacher.log_probs[coffee, lunch].exp()) > 0.9
    with pytest.raises(ValueError, match="between 0 and 1"):
        teacher_chain(0.0)


def expected_gradient(run: ChainRun, logits: torch.Tensor, text_of: WordChain) -> torch.Tensor:
    """The mean gradient of a batch of one sentence, over all sentences."""
    total = torch.zeros_like(logits)
    for text, chance in sentences(text_of).items():
        z = logits.clone().requires_grad_()
        row = torch.tensor([[*text, *[0] * (LENGTH - len(text))]])
        total += math.exp(chance) * torch.autograd.grad(method_loss(T, z, row, run), z)[0]
    return total


def exact_gradient(of) -> torch.Tensor:
    z = S.log_probs.clone().requires_grad_()
    return torch.autograd.grad(of(z.log_softmax(-1)), z)[0]


def sampled_gradient(method: str) -> torch.Tensor:
    """Of one large batch of the student's own text."""
    z = S.log_probs.clone().requires_grad_()
    text = draw_sentences(S, 60_000, torch.Generator().manual_seed(1))
    return torch.autograd.grad(method_loss(T, z, text, ChainRun(method)), z)[0]


def test_gkd_on_the_teacher_s_text_follows_the_forward_kl_of_sentences():
    exact = exact_gradient(lambda log_s: visits(T.log_probs, LENGTH).sum(0) @ (T.log_probs.exp() * (T.log_probs - log_s)).sum(-1))
    for method in ("GKD", "Sequence-level KD"):
        assert expected_gradient(ChainRun(method), S.log_probs, T).flatten().tolist() == pytest.approx(exact.flatten().tolist(), abs=1e-12)


def test_on_policy_gkd_holds_its_text_fixed_and_so_do_sampled_rewards_on_average():
    own = visits(S.log_probs, LENGTH).sum(0)
    fixed = exact_gradient(lambda log_s: own @ (log_s.exp() * (log_s - T.log_probs)).sum(-1))
    gkd = expected_gradient(ChainRun(share=1.0, beta=1.0), S.log_probs, S)
    assert gkd.flatten().tolist() == pytest.approx(fixed.flatten().tolist(), abs=1e-12)
    assert sampled_gradient("On-policy, sampled").flatten().tolist() == pytest.approx(fixed.flatten().tolist(), abs=0.03)


def test_minillm_follows_each_word_s_kl_and_the_mean_log_ratio_of_the_words_after_it():
    """Gu et al. 2023, equations 4 to 6, by the enumeration of every sentence."""
    own = visits(S.log_probs, LENGTH).sum(0)
    expected = exact_gradient(lambda log_s: own @ (log_s.exp() * (log_s - T.log_probs)).sum(-1))
    probs, ratio = S.log_probs.exp(), (S.log_probs - T.log_probs).tolist()
    for text, chance in sentences(S).items():
        steps = list(zip((0, *text), text, strict=False))
        for t, (a, b) in enumerate(steps):
            after = [ratio[c][d] for c, d in steps[t + 1 :]]
            if after:
                score = torch.nn.functional.one_hot(torch.tensor(b), 3) - probs[a]
                expected[a] += math.exp(chance) * math.fsum(after) / len(after) * score
    assert sampled_gradient("MiniLLM").flatten().tolist() == pytest.approx(expected.flatten().tolist(), abs=0.03)


@pytest.fixture(scope="module")
def ends():
    """What three methods come to on the corpus."""
    runs = {"supervised": ChainRun(), "GKD": ChainRun(share=1.0, beta=1.0), "MiniLLM": ChainRun("MiniLLM")}
    return {name: list(train_chain(teacher_chain(), run))[-1].compared for name, run in runs.items()}


def test_on_its_own_text_a_student_comes_nearer_by_the_reverse_kl_and_by_the_policy_gradient_nearest(ends):
    assert ends["MiniLLM"].reverse < ends["GKD"].reverse < ends["supervised"].reverse / 2
    assert ends["supervised"].forward < min(ends["GKD"].forward, ends["MiniLLM"].forward)


def test_an_untrained_student_that_descends_the_reverse_kl_exactly_ends_its_sentences_after_a_word_or_two():
    teacher = teacher_chain()
    parameters = [part.requires_grad_() for part in chain_students._initial(teacher, 2, 0)]
    optimiser = torch.optim.Adam(parameters, lr=chain_students.RATE)
    for _ in range(60):
        optimiser.zero_grad()
        log_s = chain_students._logits(tuple(parameters)).log_softmax(-1)
        chain_students._reverse(teacher, log_s).backward()
        optimiser.step()
    words = [float(visits(log_probs, teacher.length).sum()) for log_probs in (log_s.detach(), teacher.log_probs)]
    assert words[0] < 2 < 9 < words[1]


def test_no_student_is_better_than_the_best_of_its_rank(ends):
    forward, reverse = (compare_chains(teacher_chain(), student) for student in best_student(teacher_chain(), 2))
    assert all(end.forward >= forward.forward and end.reverse >= reverse.reverse for end in ends.values())
    assert ends["MiniLLM"].entropy < compare_chains(teacher_chain(), teacher_chain()).entropy < ends["supervised"].entropy


@pytest.mark.parametrize("method", METHODS)
def test_every_method_lowers_a_kl_and_repeats_itself(method, monkeypatch):
    monkeypatch.setattr(chain_students, "STEPS", 80)
    steps = list(train_chain(T, ChainRun(method, rank=2, share=0.5, beta=0.5)))
    first, last = steps[0].compared, steps[-1].compared
    assert last.forward < first.forward or last.reverse < first.reverse
    again = list(train_chain(T, ChainRun(method, rank=2, share=0.5, beta=0.5)))
    assert torch.equal(steps[-1].log_probs, again[-1].log_probs)


def test_a_student_of_whole_rank_copies_the_teacher():
    for student in best_student(T, 3):
        compared = compare_chains(T, student)
        assert max(compared.forward, compared.reverse) < 1e-6


def test_each_direction_has_its_own_best_student_which_no_step_improves():
    teacher = teacher_chain()
    forward, reverse = (compare_chains(teacher, student) for student in best_student(teacher, 1))
    assert forward.forward < reverse.forward and reverse.reverse < forward.reverse
    assert reverse.entropy < forward.entropy and reverse.quality > forward.quality


@pytest.mark.parametrize("wrong", [{"method": "x"}, {"rank": 0}, {"share": 2.0}, {"temperature": 0.0}], ids=str)
def test_settings_out_of_range_are_refused(wrong):
    with pytest.raises(ValueError):
        next(train_chain(T, ChainRun(**wrong)))


def test_minillm_rewards_a_word_by_the_mean_log_ratio_of_the_words_after_it():
    text = [(1, 2, 1, 0), (2, 0), (1, 1, 2, 2)]
    rows = torch.tensor([[*words, *[0] * (LENGTH - len(words))] for words in text])
    steps = [list(zip((0, *words), words, strict=False)) for words in text]
    ratio = [[float(S.log_probs[pair] - T.log_probs[pair]) for pair in sentence] for sentence in steps]
    later = [[sum(row[t + 1 :]) / max(len(row) - t - 1, 1) for t in range(len(row))] for row in ratio]
    average = [sum(row[t] for row in later if t < len(row)) / sum(t < len(row) for row in later) for t in range(LENGTH)]
    own = S.log_probs.exp()
    each_kl = (own * (S.log_probs - T.log_probs)).sum(-1)
    total = 0.0
    for sentence, row in zip(steps, later, strict=True):
        for t, (before, word) in enumerate(sentence):
            total += float(each_kl[before]) + (row[t] - average[t]) * float(S.log_probs[before, word])
    assert float(method_loss(T, S.log_probs, rows, ChainRun("MiniLLM"))) == pytest.approx(total / len(text), rel=1e-12)
