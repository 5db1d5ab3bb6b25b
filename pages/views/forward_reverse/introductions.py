"""What the later views of the playground open with."""

from pages.shared.introductions import KL_PQ, KL_QP, Introduction, Q

OF_VIEWS = {
    "When does it pick a mode?": Introduction(
        "When does reverse KL pick a mode?",
        "Only when the hills are far enough apart. Closer together, the best Q lies between them.",
        "Press Play, or drag m.",
        rf"\min_{{{Q}}}\,{KL_QP}",
        "P has two hills, at −m and at m, each with standard deviation 1. Q is one Gaussian.",
    ),
    "Two dimensions": Introduction(
        "Where does the best Q land in the plane?",
        "In the plane Q also has a tilt, but the direction of KL still decides what Q gives up.",
        "Press Run.",
        rf"\min_{{{Q}}}\,{KL_PQ}\quad\text{{or}}\quad\min_{{{Q}}}\,{KL_QP}",
        "P is the target, Q the model. Forward KL averages over P, reverse KL averages over Q.",
    ),
}
