"""The view "On-policy" by AppTest: the untouched view, a training, its texts and pictures, the program, bad links."""

import csv
import io
import re
from functools import partial

import pytest
import torch

from kl_core.distilling.chain_students import ChainRun, train_chain
from kl_core.distilling.chains import WordChain, compare_chains, kl_by_position, teacher_chain
from kl_core.vectors.probabilities import kl_from_logits
from pages.shared.jobs import QUEUE
from pages.shared.style import UNITS
from pages.views.distillation.on_policy import (
    Best,
    finding,
    position_plane,
    quality_plane,
    student_of,
    table,
    texts,
    untrained,
)
from pages.views.distillation.on_policy_export import on_policy_code, on_policy_csv
from tests.pages.conftest import until, words

PAGE, VIEW = "distillation", "On-policy"
NATS = UNITS["nats"]


@pytest.fixture(scope="module")
def steps():
    return list(train_chain(teacher_chain(), ChainRun(share=1.0, beta=1.0)))


def texts_on(at) -> str:
    return " ".join(html.proto.body for html in at.get("html"))


def test_the_untouched_view_shows_two_texts_and_what_to_press(visit):
    at = visit(PAGE, view=VIEW, distil_seed="77")
    assert "Before training" in at.subheader[0].value
    assert "The teacher’s text" in texts_on(at) and "The student’s own text" in texts_on(at)


def test_what_another_visitor_has_trained_is_not_shown_before_one_guesses(visit):
    run = ChainRun(share=1.0, beta=1.0, seed=6)
    job = QUEUE.ask(("on-policy", run), partial(train_chain, teacher_chain(), run), 21)
    until(lambda: job.ended)
    at = visit(PAGE, view=VIEW, distil_method="GKD", distil_seed="6")
    assert "Before training" in at.subheader[0].value
    at.button(key="train_distilled").click().run()
    assert at.subheader[0].value == finding(job.results[-1].compared, NATS)
    at.number_input(key="distil_seed").set_value(8).run()
    assert "Before training" in at.subheader[0].value
    at.number_input(key="distil_seed").set_value(6).run()
    assert at.subheader[0].value == finding(job.results[-1].compared, NATS)


def test_a_link_of_a_trained_run_shows_it_or_says_that_it_is_gone(visit):
    run = ChainRun("MiniLLM", seed=7)
    gone = visit(PAGE, view=VIEW, distil_method="MiniLLM", distil_seed="7", trained="distilled")
    assert "is not on this server" in words(gone) and "Before training" in gone.subheader[0].value
    job = QUEUE.ask(("on-policy", run), partial(train_chain, teacher_chain(), run), 21)
    until(lambda: job.ended)
    at = visit(PAGE, view=VIEW, distil_method="MiniLLM", distil_seed="7", trained="distilled")
    assert at.subheader[0].value == finding(job.results[-1].compared, NATS)


def test_a_training_changes_the_texts_and_is_said(visit):
    at = visit(PAGE, view=VIEW, distil_method="GKD", distil_seed="5")
    at.button(key="train_distilled").click().run()
    job = QUEUE.find(("on-policy", ChainRun(share=1.0, beta=1.0, seed=5)))
    until(lambda: job.ended)
    at.run()
    assert not at.exception and job.state == "done" and len(job.results) == job.total
    compared = job.results[-1].compared
    assert at.subheader[0].value == finding(compared, NATS)
    assert f"{compared.reverse:.3f}" in texts_on(at)


def test_the_number_above_a_text_is_the_exact_kl_of_sentences(steps):
    student = student_of(steps[-1])
    large = [float(value) for value in re.findall(r"class=large>([\d.]+) ", texts(student, NATS, 0))]
    exact = [float(kl_by_position(teacher_chain(), student).sum()), float(kl_by_position(student, teacher_chain()).sum())]
    assert large == pytest.approx(exact, rel=2e-3)


def test_each_word_carries_the_kl_at_its_place_and_a_sentence_their_sum(steps):
    student, teacher = student_of(steps[-1]), teacher_chain()
    costs = kl_from_logits(teacher.log_probs, student.log_probs)
    first = texts(student, NATS, 3).split("<li>")[1]
    words = re.findall(r'title="([^"]+) nats">([^<]+)<', first)
    context, total = 0, 0.0
    for said, word in words:
        assert float(said.split(" ×")[0]) == pytest.approx(float(costs[context]), rel=2e-3) or "×" in said or float(costs[context]) < 1e-3
        total += float(costs[context])
        context = teacher.words.index(word) + 1 if word != "." else 0
    assert float(re.search(r"<b>([\d.]+)</b>", first)[1]) == pytest.approx(total, abs=0.006)


def test_the_distance_below_the_line_is_the_reverse_kl(steps):
    picture = quality_plane({"this run": steps}, student_of(steps[-1]), None, NATS)
    way = next(line for line in picture.lines if line.name == "this run")
    assert -way.ys[-1] - way.xs[-1] == pytest.approx(steps[-1].compared.reverse, rel=1e-9)
    best = Best(student_of(steps[-1]), student_of(steps[-2]))
    assert [name for *_, name in quality_plane({"this run": steps}, best.forward, best, NATS).points] == [
        "teacher",
        "best KL(T‖S)",
        "best KL(S‖T)",
    ]


def test_before_training_the_student_is_a_point_as_far_below_the_line_as_its_reverse_kl():
    student = untrained(2, 0)
    *_, (entropy, quality, name) = quality_plane({"this run": []}, student, None, NATS).points
    assert name == "untrained" and -quality - entropy == pytest.approx(compare_chains(teacher_chain(), student).reverse, rel=1e-9)


def test_the_positions_on_its_own_text_add_up_to_the_reverse_kl(steps):
    own = position_plane(student_of(steps[-1]), UNITS["bits"]).lines[0]
    assert sum(own.ys) == pytest.approx(steps[-1].compared.reverse / 0.6931471805599453, rel=1e-9)


def test_the_teacher_compared_with_itself_stands_in_the_table_as_zeros():
    cells = re.findall(r"<td>([^<]*)</td>", table({"Teacher": teacher_chain()}, NATS))
    assert cells[:2] == ["0", "0"] and cells[-1] == "100 %"


def test_what_is_said_follows_from_the_student_s_entropy():
    teacher = teacher_chain()
    spread = WordChain(teacher.words, torch.zeros_like(teacher.log_probs).log_softmax(-1), teacher.length)
    peaked = WordChain(teacher.words, (3 * teacher.log_probs).log_softmax(-1), teacher.length)
    one_word = torch.full_like(teacher.log_probs, -9.0)
    one_word[:, 0] = 0.0
    stuck = WordChain(teacher.words, one_word.log_softmax(-1), teacher.length)
    said = [finding(compare_chains(teacher, chain), NATS) for chain in (spread, peaked, stuck, teacher)]
    kinds = ["Mass-covering", "Mode-seeking", "Collapsed", "The student copies the teacher well"]
    assert [sentence.split(":")[0] for sentence in said] == kinds


def test_minillm_is_said_to_be_mode_seeking_and_supervised_distillation_mass_covering():
    said = [finding([*train_chain(teacher_chain(), ChainRun(method))][-1].compared, NATS) for method in ("MiniLLM", "GKD")]
    assert [sentence.split(":")[0] for sentence in said] == ["Mode-seeking", "Mass-covering"]


def test_the_untrained_student_says_the_words_as_often_as_the_teacher_and_no_more():
    compared = compare_chains(teacher_chain(), untrained(2, 0))
    assert compared.forward > 10 and compared.entropy > 20


@pytest.mark.parametrize(
    "query", [{"distil_method": "x"}, {"distil_rank": "99"}, {"distil_T": "0"}, {"distil_share": "nan"}, {"distil_seed": "-1"}], ids=str
)
def test_a_bad_link_shows_the_defaults(visit, query):
    at = visit(PAGE, view=VIEW, **query)
    assert not at.exception and "KL(T‖S)" in texts_on(at)


def test_the_program_shown_prints_the_numbers_on_screen(printed, steps):
    out = printed(on_policy_code(ChainRun(share=1.0, beta=1.0)))
    compared = steps[-1].compared
    assert f"trained: KL(T‖S) {compared.forward:.6g}, KL(S‖T) {compared.reverse:.6g} nats" in out
    assert "best for KL(S‖T): KL(T‖S)" in out


def test_the_table_of_a_training_has_a_row_per_report(steps):
    rows = list(csv.reader(io.StringIO(on_policy_csv(steps))))
    assert len(rows) == 1 + len(steps) and len(list(csv.reader(io.StringIO(on_policy_csv([]))))) == 1
    assert float(rows[-1][2]) == steps[-1].compared.reverse
