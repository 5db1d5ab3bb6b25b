"""The view "On-policy": a student too small to copy its teacher, trained on the teacher's text, on its own, or on both."""

from collections.abc import Iterator
from functools import partial

import streamlit as st

from kl_core.distilling.chain_students import EVERY as REPORT
from kl_core.distilling.chain_students import RANKS, STEPS, ChainRun, ChainStep, train_chain
from kl_core.distilling.chains import WordChain, teacher_chain

from ...shared.downloads import downloads
from ...shared.jobs import OWN, QUEUE, Job
from ...shared.plane import plane
from ...shared.state import drop_from_link
from ...shared.style import Unit
from ...shared.trained import KEY, note_trained, say_if_gone
from .on_policy import UNTRAINED, Best, finding, position_plane, quality_plane, solve, student_of, table, texts, untrained
from .on_policy_export import on_policy_code, on_policy_csv
from .progress import show_progress

SUPERVISED = "Supervised KD"
METHODS = (SUPERVISED, "GKD", "Sequence-level KD", "MiniLLM", "On-policy, sampled")
CHOICES = {"distil_method": METHODS, "distil_rank": [*map(str, RANKS)]}
WATCHED = 0.8
MOST_SHOWN = 4
"""Runs of a visitor that are drawn beside each other."""
_TRAINED, _WORD = "distilled_runs", "distilled"
"""Where the session has them, and the link's word for them."""
_GUESS = "Guess what it will say, then press Train."
_ABOUT = {
    SUPERVISED: "The student reads the teacher’s text and matches the teacher’s next-word probabilities.",
    "GKD": "After supervised KD, a share λ of the text is the student’s own; β moves the loss from KL(T‖S) to KL(S‖T).",
    "Sequence-level KD": "The student reads the teacher’s text and learns its words, without the teacher’s probabilities.",
    "MiniLLM": "After supervised KD the student speaks; a policy gradient lowers KL(S‖T), also of the words that follow.",
    "On-policy, sampled": "After supervised KD the student speaks; each word is rewarded with log T − log S.",
}
_MORE = """
**Two texts.** KL(T‖S) is an average over the teacher’s sentences, KL(S‖T) one over the student’s own. By the chain rule each is a sum
over positions, and the sum over all sentences is exact. Training on the teacher’s text says little about places where only the student
goes (*exposure bias*); training on the student’s own text corrects it there (*on-policy*).

**The student is too small.** The teacher knows what follows each of 48 words. The student’s rows of logits lie in a space of 1 to 6
dimensions (*low rank*), so it cannot copy them. What it gives up is decided by the direction of KL.

**The picture.** KL(S‖T) = −quality − diversity. Quality is the teacher’s mean log-probability of the student’s sentences, diversity is
the student’s entropy. So the student’s distance below the line is its KL(S‖T). *Kept as drafts* is the acceptance of
[speculative decoding](./two_distributions?view=Speculative+decoding) with the student as Q.

**The methods.** Supervised and on-policy KD with generalised JSD, here divided by β(1 − β):
[GKD, Agarwal et al. 2023](https://arxiv.org/abs/2306.13649). Sequence-level KD: [Kim & Rush 2016](https://arxiv.org/abs/1606.07947).
Policy gradient of the reverse KL: [MiniLLM, Gu et al. 2023](https://arxiv.org/abs/2306.08543). Sampled rewards use the same reverse KL,
but of the one word that was said: that is noisier.

**Why on-policy methods begin with supervised KD.** An untrained student that lowers KL(S‖T) on its own text learns to end its sentences
after a word or two: a sentence that has ended costs nothing more. So, as in the papers, the first half of each such training reads the
teacher’s text. For the same reason MiniLLM takes the mean over the words that follow, and not their sum.

**The best students** come from [L-BFGS](https://docs.pytorch.org/docs/stable/generated/torch.optim.LBFGS.html) on the exact sums; the
problem is not convex, so they are the best of several starts.
"""


def on_policy_view(unit: Unit, arrived: bool = False) -> None:
    """The controls, on a phone before the picture; the finding, both texts and both pictures. arrived: by a link, just now."""
    picture, right = st.columns([2.7, 1], gap="large")
    with right.container(key="asked_first"):
        run = _chosen()
    with picture:
        _watched(run, unit, _trained(run, arrived))
    with st.expander("More: the two texts, the picture and the methods"):
        st.markdown(_MORE)
    downloads(lambda: on_policy_code(run), lambda: on_policy_csv(_steps(run)), "The student while it learns", "on_policy.csv")


def _chosen() -> ChainRun:
    """The settings, and Train below those that matter most."""
    method = st.selectbox("Method", METHODS, key="distil_method", bind="query-params")
    st.caption(_ABOUT[method])
    share, beta = 0.0, 0.0
    if method == "GKD":
        share = st.slider("λ, share of on-policy text", 0.0, 1.0, 1.0, 0.05, key="distil_share", bind="query-params")
        beta = st.slider("β, from KL(T‖S) to KL(S‖T)", 0.0, 1.0, 1.0, 0.05, key="distil_beta", bind="query-params")
    rank = st.select_slider("Capacity of the student (rank)", RANKS, 2, key="distil_rank", bind="query-params")
    button = st.container()
    with st.container(horizontal=True):
        temperature = 1.0
        if method in (SUPERVISED, "GKD"):
            temperature = st.number_input("T in the loss", 0.25, 8.0, 1.0, 0.25, key="distil_T", bind="query-params", format="%.3g")
        seed = st.number_input("Random seed", 0, 9999, 0, key="distil_seed", bind="query-params")
    run = ChainRun("GKD" if method == SUPERVISED else method, int(rank), float(share), float(beta), float(temperature), int(seed))
    if button.button("Train", width="stretch", key="train_distilled", type="primary"):
        _ask(run)
        _remember(run)
        note_trained(_WORD)
    return run


def _remember(run: ChainRun) -> None:
    """As the last of those that this visitor has trained."""
    st.session_state[_TRAINED] = [*(other for other in _remembered() if other != run), run][-MOST_SHOWN:]


def _remembered() -> list[ChainRun]:
    return st.session_state.get(_TRAINED, [])


def _trained(run: ChainRun, arrived: bool) -> bool:
    """Whether this visitor has trained it, or has a link of someone who has: only then what it learned is shown."""
    if arrived and st.query_params.get(KEY) == _WORD:
        say_if_gone(_WORD, QUEUE.find(_key(run)) is not None)
        _remember(run)
    elif run not in _remembered():
        drop_from_link([KEY])
    return run in _remembered()


def _key(run: ChainRun) -> tuple[str, ChainRun]:
    return ("on-policy", run)


def _train(run: ChainRun) -> Iterator[ChainStep]:
    yield from train_chain(teacher_chain(), run)


def _ask(run: ChainRun) -> Job:
    return QUEUE.ask(_key(run), partial(_train, run), STEPS // REPORT + 1)


FIRST = (ChainRun(), ChainRun(share=1.0, beta=1.0), ChainRun("MiniLLM"))
"""What most visitors train."""


def _ask_best(rank: int) -> Job:
    return OWN.ask(("on-policy best", rank), partial(solve, rank), 1, for_all=True)


def _best(rank: int) -> Best | None:
    results = _ask_best(rank).results
    return results[0] if results else None


def distil_first() -> None:
    """What takes a second and is the same for all: the best students as the page opens, and the runs asked for most."""
    _ask_best(2)
    for run in FIRST:
        _ask(run)


def _steps(run: ChainRun) -> list[ChainStep]:
    job = QUEUE.find(_key(run)) if run in _remembered() else None
    return list(job.results) if job else []


def _watched(run: ChainRun, unit: Unit, trained: bool) -> None:
    job = QUEUE.find(_key(run)) if trained else None
    going = job is not None and job.live
    waits = trained and _best(run.rank) is None

    @st.fragment(run_every=WATCHED if going or waits else None)
    def look() -> None:
        if job is not None and job.live:
            show_progress(job, "stop_distilled")
        steps = _steps(run)
        _show(run, student_of(steps[-1]) if steps else untrained(run.rank, run.seed), steps, going, unit)
        if job is not None and job.state == "failed":
            st.caption(f":red[The training failed: {job.problem}.]")
        elif job is not None and job.state == "stopped":
            st.caption(f"Stopped after {steps[-1].step if steps else 0} of {STEPS} steps{job.because}. Press Train to start again.")
        if (going and not (job is not None and job.live)) or (waits and _best(run.rank)):
            st.rerun()

    look()


def _show(run: ChainRun, student: WordChain, steps: list[ChainStep], going: bool, unit: Unit) -> None:
    """Of the trained student beside the best of its rank and the visitor's other runs, or of what it begins as."""
    st.subheader(finding(steps[-1].compared, unit) if steps else UNTRAINED if going else f"{UNTRAINED} {_GUESS}", anchor=False)
    st.html(texts(student, unit, run.seed))
    others = {name_of(other): _steps(other) for other in _remembered() if other.rank == run.rank and other != run}
    best = _best(run.rank) if steps else None
    left, right = st.columns(2, gap="medium")
    with left:
        plane("on_policy_quality", quality_plane({name_of(run): steps, **others}, student, best, unit))
    with right:
        plane("on_policy_positions", position_plane(student, unit))
    rows = {"This student": student, "Teacher": teacher_chain()}
    rows |= {"Best for KL(T‖S)": best.forward, "Best for KL(S‖T)": best.reverse} if best else {}
    st.html(table(rows | {name: student_of(steps[-1]) for name, steps in others.items() if steps}, unit))


def name_of(run: ChainRun) -> str:
    """For a picture; with what differs from the settings that the view begins with."""
    if run.method != "GKD":
        name = run.method
    elif run.share == run.beta == 0:
        name = SUPERVISED
    else:
        name = f"GKD, λ = {run.share:g}, β = {run.beta:g}"
    return name + (f", T = {run.temperature:g}" if run.temperature != 1 else "") + (f", seed {run.seed}" if run.seed else "")
