"""On-policy distillation drawn: two texts with each word shaded by its KL, quality against diversity, and KL along the sentence."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

import torch

from kl_core.distilling.chain_students import ChainRun, ChainStep, best_student, train_chain
from kl_core.distilling.chains import ChainComparison, WordChain, compare_chains, draw_sentences, kl_by_position, teacher_chain
from kl_core.vectors.probabilities import kl_from_logits

from ...shared.cache import shared_cache
from ...shared.plane import Line, Plane
from ...shared.style import Unit, number

SHOWN = 5
FULL = 3.0
"""Nats at a word beyond which its shade no longer deepens."""
FARTHEST = 1.3
"""How much lower than the lowest end a run's way is drawn: what it begins with lies far below."""
STYLE = """<style>
.texts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr)); gap: 0.8rem 2.5rem; }
.texts h4 { margin: 0; font-size: 1rem; font-weight: 650; }
.texts h4 small { display: block; font-weight: 400; font-size: 0.88rem; opacity: 0.85; }
.texts .large { font-size: clamp(1.7rem, 2.8vw, 2.4rem); font-weight: 650; line-height: 1.25; }
.texts .large small { font-size: 0.95rem; font-weight: 400; }
.texts ol { list-style: none; margin: 0.2rem 0 0; padding: 0; }
.texts li { display: grid; grid-template-columns: 1fr auto; gap: 0 0.8rem; padding: 0.25rem 0; }
.texts li, .compared :is(td, th) { border-top: 1px solid rgba(127, 127, 127, 0.25); }
.texts li b { font-weight: 600; font-variant-numeric: tabular-nums; }
.texts li span { line-height: 1.75; font-family: "Source Serif", Georgia, serif; }
.texts li i { font-style: normal; padding: 0.08rem 0.22rem; border-radius: 4px; }
.texts li i { background: light-dark(rgba(245, 166, 35, var(--cost)), rgba(170, 95, 0, var(--cost))); }
.compared { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
.compared :is(td, th) { text-align: right; padding: 0.3rem 0 0.3rem 0.6rem; font-weight: 400; }
.compared th:first-child { text-align: left; padding-left: 0; }
.compared thead th { font-size: 0.88rem; border: none; vertical-align: bottom; }
.compared tr:first-child th[scope=row] { font-weight: 650; }
@media (max-width: 640px) { .compared { font-size: 0.82rem; } .compared :is(td, th) { padding-left: 0.35rem; } }
</style>"""
LESS, MORE = 0.9, 1.2
"""Times the teacher's entropy: a student outside is less varied, or more."""
COLLAPSED = 0.3
"""Below this share of words that the teacher would keep, a student that says little is not fluent either."""


@dataclass(frozen=True)
class Best:
    """The best students of a capacity: of KL(T‖S) and of KL(S‖T)."""

    forward: WordChain
    reverse: WordChain


def solve(rank: int) -> Iterator[Best]:
    """As a job's work: it takes a second or two."""
    yield Best(*best_student(teacher_chain(), rank))


@shared_cache(16)
def untrained(rank: int, seed: int) -> WordChain:
    """The student before its first step."""
    return student_of(next(train_chain(teacher_chain(), ChainRun(rank=rank, seed=seed))))


def student_of(step: ChainStep) -> WordChain:
    teacher = teacher_chain()
    return WordChain(teacher.words, step.log_probs, teacher.length)


UNTRAINED = "Before training the student knows how common each word is, and not what follows it."


def finding(compared: ChainComparison, unit: Unit) -> str:
    """What a trained student is like, in the terms of the field."""
    teacher = compare_chains(teacher_chain(), teacher_chain())
    forward, reverse = (f"{value * unit.per_nat:.3g}" for value in (compared.forward, compared.reverse))
    numbers = f"KL(T‖S) = {forward}, KL(S‖T) = {reverse} {unit.name} per sentence"
    if max(compared.forward, compared.reverse) < 0.5:
        return f"The student copies the teacher well: {numbers}."
    if compared.kept < COLLAPSED and compared.entropy < LESS * teacher.entropy:
        return f"Collapsed: the teacher would keep only {compared.kept:.0%} of its words. {numbers}."
    if compared.entropy < LESS * teacher.entropy:
        return f"Mode-seeking: fluent, but it says few of the teacher’s sentences. {numbers}."
    if compared.entropy > MORE * teacher.entropy:
        return f"Mass-covering: it can say all that the teacher says, and much that the teacher would not. {numbers}."
    return f"As varied as the teacher, and not quite as fluent. {numbers}."


def texts(student: WordChain, unit: Unit, seed: int) -> str:
    """HTML: sentences of teacher and student side by side, each word shaded by the KL at its place."""
    teacher = teacher_chain()
    compared = compare_chains(teacher, student)
    taught = ("The teacher’s text", "each word: KL(T‖S) of the next word", teacher, student, "KL(T‖S)", compared.forward)
    own = ("The student’s own text", "each word: KL(S‖T) of the next word", student, teacher, "KL(S‖T)", compared.reverse)
    return f'{STYLE}<div class="texts">{"".join(_text(*side, unit, seed) for side in (taught, own))}</div>'


def _text(title: str, note: str, first: WordChain, second: WordChain, name: str, mean: float, unit: Unit, seed: int) -> str:
    costs = kl_from_logits(first.log_probs, second.log_probs)
    rows = draw_sentences(first, SHOWN, torch.Generator().manual_seed(seed)).tolist()
    sentences = "".join(_sentence(first.words, row, costs, unit) for row in rows)
    return (
        f"<section><h4>{title}<small>{note}</small></h4><div class=large>{number(mean * unit.per_nat)} "
        f"<small>{unit.name} per sentence on average: {name}</small></div><ol>{sentences}</ol></section>"
    )


def _sentence(words: Sequence[str], row: Sequence[int], costs: torch.Tensor, unit: Unit) -> str:
    """The words until the end, and their sum."""
    shown, total, context = [], 0.0, 0
    for said in row:
        cost = float(costs[context])
        total += cost
        word = words[said - 1] if said else "."
        shade = f"{0.75 * min(cost / FULL, 1):.2f}"
        shown.append(f'<i style="--cost:{shade}" title="{number(cost * unit.per_nat)} {unit.name}">{escape(word)}</i>')
        context = said
        if not said:
            break
    return f"<li><span>{' '.join(shown)}{'' if not row[-1] else ' …'}</span><b>{total * unit.per_nat:.2f}</b></li>"


def quality_plane(runs: dict[str, list[ChainStep]], student: WordChain, best: Best | None, unit: Unit) -> Plane:
    """Each run's way through diversity and quality; a student's KL(S‖T) is how far it is below the line.

    runs: the first is that of the student, or empty while it is untrained; then the student is a point.
    """
    teacher, scale = teacher_chain(), unit.per_nat
    ends = [("teacher", teacher)]
    if best:
        ends += [("best KL(T‖S)", best.forward), ("best KL(S‖T)", best.reverse)]
    if not next(iter(runs.values()), []):
        ends += [("untrained", student)]
    named = [(name, compare_chains(teacher, chain)) for name, chain in ends]
    last = [steps[-1].compared for steps in runs.values() if steps]
    floor = FARTHEST * min(compared.quality for compared in (*last, *(compared for _, compared in named)))
    ways = {name: [step.compared for step in steps if step.compared.quality >= floor] for name, steps in runs.items() if steps}
    every = [compared for way in ways.values() for compared in way] + [compared for _, compared in named]
    right = 1.08 * max(compared.entropy for compared in every) * scale
    low = 1.08 * min(compared.quality for compared in every) * scale
    lines = [Line("KL(S‖T) = 0", [0.0, min(right, -low)], [0.0, -min(right, -low)], "bound", 9)]
    for colour, (name, way) in zip((4, 3, 5, 6), ways.items(), strict=False):
        lines.append(Line(name, [one.entropy * scale for one in way], [one.quality * scale for one in way], "run", colour))
    return Plane(
        f"Quality against diversity, in {unit.name} per sentence",
        ("diversity: entropy of the student", 0.0, right),
        ("quality: the teacher’s log-probability of what the student says", low, 0.0),
        lines,
        points=[(compared.entropy * scale, compared.quality * scale, name) for name, compared in named],
        medium=True,
    )


def position_plane(student: WordChain, unit: Unit) -> Plane:
    """The KL of the next word at each position of both texts, as their words are shaded; the lines sum to KL(S‖T) and to KL(T‖S)."""
    teacher = teacher_chain()
    rows = {
        "on its own text: KL(S‖T)": kl_by_position(student, teacher),
        "on the teacher’s text: KL(T‖S)": kl_by_position(teacher, student),
    }
    places = [float(place) for place in range(1, teacher.length + 1)]
    lines = [
        Line(name, places, (values * unit.per_nat).tolist(), "exact", colour, dots=True)
        for colour, (name, values) in zip((2, 1), rows.items(), strict=True)
    ]
    top = 1.1 * max(max(line.ys) for line in lines) or 1.0
    return Plane(
        f"Where the KL is spent: {unit.name} at each word",
        ("word of the sentence", 1.0, places[-1]),
        (f"{unit.name}", 0.0, top),
        lines,
        medium=True,
    )


_COLUMNS = ("KL(T‖S)", "KL(S‖T)", "quality", "diversity", "kept as drafts")


def table(rows: dict[str, WordChain], unit: Unit) -> str:
    """HTML: every number of each student, in rows."""
    head = "".join(f"<th scope=col>{name}</th>" for name in (f"{unit.name} per sentence", *_COLUMNS))
    return (
        f'<table class="compared"><thead><tr>{head}</tr></thead><tbody>{"".join(_row(*row, unit) for row in rows.items())}</tbody></table>'
    )


def _row(name: str, chain: WordChain, unit: Unit) -> str:
    compared = compare_chains(teacher_chain(), chain)
    values = (compared.forward, compared.reverse, compared.quality, compared.entropy)
    cells = [number(0.0 if abs(value) < 1e-9 else value * unit.per_nat) for value in values]
    return f"<tr><th scope=row>{name}</th>{''.join(f'<td>{cell}</td>' for cell in (*cells, f'{100 * compared.kept:.0f} %'))}</tr>"
