"""What the later view of Checked opens with."""

from pages.shared.introductions import KL_PQ, Introduction, P, Q

OF_VIEWS = {
    "Common errors": Introduction(
        "Which line of code is wrong?",
        "A wrong line still prints a number. Here wrong and right code run side by side.",
        "Choose an error and change its numbers.",
        rf"{KL_PQ} = \sum_x {P}(x)\,\log\frac{{{P}(x)}}{{{Q}(x)}}",
        "P is the true distribution, Q the model. Some errors have another task, which they name.",
    ),
}
