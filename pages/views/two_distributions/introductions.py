"""What the later view of Two distributions opens with."""

from pages.shared.introductions import Introduction, P, Q

OF_VIEWS = {
    "Speculative decoding": Introduction(
        "How often does a small model’s draft pass?",
        "A small model Q drafts words fast; the large model P keeps or replaces them, so the text still follows P exactly.",
        "Drag a bar.",
        rf"a=\sum_x\min({P}(x),\,{Q}(x))=1-\mathrm{{TV}}({P},{Q})",
        "a is the acceptance: the probability that P keeps a draft of Q. TV is the total variation distance.",
    ),
}
