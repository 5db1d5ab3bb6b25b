"""The tiny language model: probabilities of the corpus, and a chain that remembers but says the same."""

import math

import pytest
import torch

from kl_core.rlhf.language import END, START, as_text, bigram, read_corpus, remember
from kl_core.rlhf.policy import expectations, probability_said, reference, sample
from kl_core.rlhf.reward import GOLD
from kl_core.rlhf.world import QUESTION

ANSWERS = read_corpus()
SENTENCES = [answer for answers in ANSWERS.values() for answer in answers]
TINY = [("a", "b"), ("a", "b", "a"), ("b",)]


def by_name(chain, first: str, second: str) -> float:
    row = chain.number[first]
    slot = (chain.next_token[row] == chain.number[second]) & (chain.log_probs[row] > -torch.inf)
    return float(chain.log_probs[row][slot].exp().sum())


def test_the_corpus_answers_the_question_with_some_sixty_to_a_hundred_and_fifty_words():
    assert QUESTION in ANSWERS and len(ANSWERS) >= 3
    assert 60 <= len({word for answer in SENTENCES for word in answer}) <= 150
    assert max(map(len, SENTENCES)) <= 15
    openers = sum(answer[:3] == ("the", "answer", "is:") for answer in SENTENCES)
    assert 2 <= openers < len(SENTENCES) / 2 and any(answer[:2] == ("in", "short") for answer in SENTENCES)


def test_words_follow_each_other_as_often_as_in_the_corpus():
    chain = bigram(TINY, length=4)
    assert by_name(chain, "<start>", "a") == pytest.approx(2 / 3)
    assert by_name(chain, "a", "b") == pytest.approx(2 / 3) and by_name(chain, "a", "<end>") == pytest.approx(1 / 3)
    assert by_name(chain, "b", "a") == pytest.approx(1 / 3) and by_name(chain, "b", "b") == 0


def test_smoothing_gives_every_word_its_share_of_the_corpus_and_leaves_the_end_an_end():
    chain = bigram(TINY, length=4, smoothing=0.3)
    # Of 9 tokens 3 are a, 3 are b and 3 are ends.
    assert by_name(chain, "b", "b") == pytest.approx(0.3 * 3 / 9)
    assert by_name(chain, "a", "b") == pytest.approx(0.7 * 2 / 3 + 0.3 * 3 / 9)
    assert by_name(chain, "<end>", "<end>") == 1


@pytest.mark.parametrize("smoothing", [0.0, 0.05])
def test_probabilities_of_every_state_sum_to_one_and_nothing_leads_back_to_the_start(smoothing):
    chain = bigram(SENTENCES, smoothing=smoothing)
    assert torch.allclose(chain.log_probs.logsumexp(-1), torch.zeros(len(chain.words), dtype=torch.float64), atol=1e-14)
    assert not bool(((chain.successors == START) & (chain.log_probs > -torch.inf)).any())


def every_path(chain) -> list[tuple[tuple[int, ...], float]]:
    """All sentences with their log-probabilities, by walking the graph."""
    paths = [((0,), (), 0.0)]
    for _ in range(chain.length):
        paths = [
            ((*states, int(to)), (*said, int(chain.token[to])), log_p + float(more))
            for states, said, log_p in paths
            for to, more in zip(chain.successors[states[-1]], chain.log_probs[states[-1]], strict=True)
            if more > -math.inf
        ]
    return [(said, log_p) for _, said, log_p in paths]


def test_a_chain_that_remembers_says_the_same_sentences_as_often():
    plain = bigram(TINY, length=5)
    remembering, _ = remember(plain, ["b"])
    assert dict(every_path(remembering)) == pytest.approx(dict(every_path(plain)), abs=1e-12)
    assert len(remembering.token) > len(plain.token)


def test_first_mentions_are_counted_once_a_sentence():
    plain = bigram(TINY, length=5)
    remembering, first = remember(plain, ["a", "b"])
    firsts = expectations(remembering, reference(remembering), {"first": first}).mean["first"]
    exact = sum(math.exp(log_p) * len(set(said) & set(plain.numbers(["a", "b"]))) for said, log_p in every_path(plain))
    assert float(firsts) == pytest.approx(exact, rel=1e-12)
    assert float(probability_said(plain, reference(plain), ["a", "b"]).sum()) == pytest.approx(exact, rel=1e-12)


def test_most_answers_of_the_reference_come_to_their_end():
    chain = bigram(SENTENCES)
    said = sample(chain, reference(chain), 500, seed=1).tokens[0]
    assert 0.8 < float((said == END).any(-1).double().mean()) <= 1
    assert float(probability_said(chain, reference(chain), ["answer"])) > 0.1
    assert set(GOLD.first) | set(GOLD.off_topic) <= set(chain.words)


def test_text_ends_with_a_full_stop_or_shows_that_it_was_cut_off():
    words = ("<start>", "<end>", "to", "bed")
    assert as_text(words, [2, 3, 1, 1]) == "to bed." and as_text(words, [2, 3]) == "to bed …"


@pytest.mark.parametrize(("name", "bad"), [("sentences", {"sentences": []}), ("length", {"length": 1}), ("smoothing", {"smoothing": 1.0})])
def test_a_bad_argument_is_named(name, bad):
    with pytest.raises(ValueError, match=name):
        bigram(**({"sentences": TINY} | bad))
    with pytest.raises(ValueError, match="'tea leaf'"):
        bigram(TINY).numbers(["tea leaf"])
