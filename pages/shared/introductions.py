"""How every page opens: its question, why anyone cares, what to do first, and its formula with the symbols explained.

What its later views open with stands in the page's own folder, pages/views/<page>/introductions.py.
"""

from dataclasses import dataclass

# KaTeX writes a named colour into the formula; frame.css turns these two into P's blue and Q's orange of the theme.
P, Q = r"\textcolor{royalblue}{P}", r"\textcolor{chocolate}{Q}"
p, q = r"\textcolor{royalblue}{p}", r"\textcolor{chocolate}{q}"
KL_PQ = rf"\mathrm{{KL}}({P}\,\|\,{Q})"
KL_QP = rf"\mathrm{{KL}}({Q}\,\|\,{P})"


@dataclass(frozen=True)
class Introduction:
    """question: the heading. why: one sentence. do: one verb. formula: LaTeX. symbols: what each symbol means, in words."""

    question: str
    why: str
    do: str = ""
    formula: str = ""
    symbols: str = ""


INTRODUCTIONS = {
    "two_distributions": Introduction(
        "How badly does Q predict P?",
        "KL divergence measures it. It is part of the loss of classifiers, VAEs and RLHF.",
        "Drag a curve and watch both directions change.",
        rf"{KL_PQ} = \int {p}(x)\,\log\frac{{{p}(x)}}{{{q}(x)}}\,dx",
        "p and q are the densities of P and Q; for discrete outcomes, a sum replaces the integral.",
    ),
    "forward_reverse": Introduction(
        "Where does the best Q land?",
        "When Q cannot match P, the direction of KL decides what Q gives up.",
        "Press Run.",
        rf"\min_{{{Q}}}\,{KL_PQ}\quad\text{{or}}\quad\min_{{{Q}}}\,{KL_QP}",
        "P is the target, Q the model. Forward KL averages over P, reverse KL averages over Q.",
    ),
    "sample_estimates": Introduction(
        "Can a KL come out negative?",
        "A KL never is, but an estimate from a few samples can be, and training only ever sees estimates.",
        "Change a token’s log π and watch k1, k2 and k3.",
        r"k_1=-\log r\qquad k_2=\tfrac12(\log r)^2\qquad k_3=r-1-\log r",
        r"$r=\pi_\text{ref}(x)/\pi(x)$ is the ratio of the two probabilities of a sample x from π.",
    ),
    "beta": Introduction(
        "How much freedom does a good answer need?",
        "RLHF rewards a language model for good answers; the KL penalty keeps it close to the model it began as.",
        "Lower β and read what the model says.",
        r"\max_{\pi}\;\mathbb{E}_{\pi}[\text{reward}]-\beta\cdot\mathrm{KL}(\pi\,\|\,\pi_{\text{ref}})",
        r"π is the trained policy, $\pi_\text{ref}$ the reference it began as, β the price of one nat of KL in units of reward. "
        r"A policy’s reward is given as its gain over $\pi_\text{ref}$.",
    ),
    "distillation": Introduction(
        "What does a teacher know beyond its answer?",
        "A small model learns more from a large model’s probabilities (soft targets) than from the label alone.",
        "Raise the temperature T.",
        r"p_i=\dfrac{e^{z_i/T}}{\sum_j e^{z_j/T}}\qquad \text{loss}=T^2\,\mathrm{KL}(p\,\|\,q)",
        "z are the teacher’s logits, p its softened probabilities, q the student’s at the same T.",
    ),
    "vae": Introduction(
        "What does the KL term do to a latent space?",
        "A VAE can generate only if samples from its prior land where its decoder was trained. The KL term arranges that.",
        "Drag the point, then change β.",
        r"\text{loss}=\mathbb{E}_{q}[-\log p(x\,|\,z)]+\beta\cdot\mathrm{KL}(q(z\,|\,x)\,\|\,p(z))",
        "x is an image, z its latent code, q(z|x) the encoder’s posterior, p(z) = N(0, 1) the prior.",
    ),
    "practice": Introduction(
        "Can you predict it?",
        "A guess shows you what you understand, and what you only believe you understand.",
        "Guess first, then look.",
        rf"{KL_PQ} = \sum_x {P}(x)\,\log\frac{{{P}(x)}}{{{Q}(x)}}",
        "P is solid and blue, Q dashed and orange. The sum runs over all outcomes x.",
    ),
    "your_numbers": Introduction(
        "How far apart are your own numbers?",
        "KL code can go wrong at zeros and at large logits. Compare yours here.",
        "Paste P and Q, or a file.",
        rf"{KL_PQ} = \sum_x {P}(x)\,\log\frac{{{P}(x)}}{{{Q}(x)}}",
        "P is the first set of numbers, Q the second; x runs over the outcomes.",
    ),
    "lessons": Introduction(
        "How do you teach this?",
        "A lesson is a walk through pictures that your class can move, one question per step.",
        "Start one, or write your own.",
        rf"{KL_PQ} = \sum_x {P}(x)\,\log\frac{{{P}(x)}}{{{Q}(x)}}",
        "P is what happens, Q what is believed. Every lesson is about this number.",
    ),
    "checked": Introduction(
        "Can you trust these numbers?",
        "Papers and programs contain errors, so every number that we claim to reproduce is computed again, now, on this server.",
        "Open a subject and compare.",
        r"|\text{ours}-\text{theirs}|\le\tfrac12\cdot10^{-d}",
        "d is how many decimals the source prints; where it prints a formula, the row says how near is near enough.",
    ),
}
