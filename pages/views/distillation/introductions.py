"""What the later views of Distillation open with."""

from pages.shared.introductions import KL_PQ, Introduction, P, Q

OF_VIEWS = {
    "Anatomy of the loss": Introduction(
        "What is a student’s loss made of?",
        "Two parts: match the teacher’s soft targets, and name the right label. α weighs them.",
        "Move T, then α.",
        rf"\text{{loss}}=\alpha\,T^2\,{KL_PQ}+(1-\alpha)\,(-\log {Q}_{{\text{{label}}}})",
        "P is the teacher and Q the student, both softened at temperature T; the label’s part is taken at T = 1.",
    ),
    "Train students": Introduction(
        "Do soft targets make a better student?",
        "Two kinds of students begin alike: one sees the teacher’s probabilities, the other only labels.",
        "Choose an experiment and press Train.",
        r"p_i=\dfrac{e^{z_i/T}}{\sum_j e^{z_j/T}}\qquad \text{loss}=T^2\,\mathrm{KL}(p\,\|\,q)",
        "z are the teacher’s logits, p its softened probabilities, q the student’s at the same T.",
    ),
    "Between the KLs": Introduction(
        "What lies between the two KLs?",
        "Generalised Jensen–Shannon divergence joins them by a weight β, yet at both ends it vanishes.",
        "Move β towards 0 and watch the loss vanish.",
        rf"\mathrm{{JSD}}_\beta=\beta\,\mathrm{{KL}}({P}\,\|\,M)+(1-\beta)\,\mathrm{{KL}}({Q}\,\|\,M)",
        "P is the teacher, Q the student, M = β·P + (1 − β)·Q their mixture.",
    ),
    "On-policy": Introduction(
        "Should a student learn from its own words?",
        "A student that only read the teacher’s text meets other text when it writes itself (exposure bias).",
        "Choose a method, guess, and press Train.",
        r"\mathrm{KL}(S\,\|\,T)=\mathbb{E}_{x\sim S}\sum_t \mathrm{KL}(S(\cdot\,|\,x_{<t})\,\|\,T(\cdot\,|\,x_{<t}))",
        "S is the student, T the teacher, x a sentence, and t counts its words. In KL(T‖S) the teacher writes x.",
    ),
    "Top-k teacher": Introduction(
        "What if the teacher sends only its top k?",
        "Whole vocabularies are expensive to send, so many teachers send the k most probable classes.",
        "Lower k and watch what the student is not told.",
        rf"{KL_PQ}\ge\sum_{{i\le k}}p_i\log\frac{{p_i}}{{q_i}}+p_{{\tau}}\log\frac{{p_{{\tau}}}}{{q_{{\tau}}}}",
        "P is the teacher, Q the student; τ, the tail, is all classes outside the top k, as one.",
    ),
}
