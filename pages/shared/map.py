"""The map of the app, in learning order. A new page is one file in pages/ and one line here."""

from pathlib import Path
from typing import NamedTuple

TITLE = "KL explorer"
DESCRIPTION = "See KL divergence by moving it: drag two distributions and watch what each direction pays, and where."


class Entry(NamedTuple):
    """A page: its file's name (also its address), its title, its icon, and what it answers."""

    name: str
    title: str
    icon: str
    answers: str

    @property
    def path(self) -> Path:
        return Path(__file__).parents[1] / f"{self.name}.py"


# The first is served at "/".
MAP = (
    Entry("start", "Start", ":material/home:", "What KL divergence is"),
    Entry(
        "two_distributions",
        "Two distributions",
        ":material/ssid_chart:",
        "Any two families, every parameter, both directions: who pays, and where?",
    ),
    Entry(
        "forward_reverse",
        "Forward and reverse",
        ":material/compare_arrows:",
        "Fit one Gaussian to several modes: what does each direction choose, and when does reverse KL pick a mode?",
    ),
    Entry(
        "sample_estimates",
        "Estimates",
        ":material/query_stats:",
        "How can a KL come out negative? How far to trust k1, k2 and k3, and what does each do as a loss?",
    ),
    Entry(
        "beta",
        "β",
        ":material/balance:",
        "The KL penalty of RLHF in a small world computed whole: what does each β earn, what does it cost, and when does the hack begin?",
    ),
    Entry(
        "distillation",
        "Distillation",
        ":material/school:",
        "What does a temperature show of a teacher’s answer, and why is there a T² in the loss?",
    ),
    Entry("vae", "VAE", ":material/blur_on:", "What does the KL term do to a latent space, and when does β make it collapse?"),
    Entry("practice", "Practice", ":material/quiz:", "Do I understand it? Predict, then look."),
    Entry(
        "your_numbers",
        "Your numbers",
        ":material/edit_note:",
        "What is the KL between my own numbers, and would the usual code have got it right?",
    ),
    Entry("lessons", "Lessons", ":material/cast_for_education:", "How do I teach this? Ready lessons, and your own, as a link."),
    Entry(
        "checked",
        "Checked",
        ":material/fact_check:",
        "Which published numbers does this explorer reproduce, and where does common code go wrong?",
    ),
)


def page_title(name: str) -> str:
    """What the browser's tab says: the page's title and the app's; the app's alone on the first page."""
    title = next((one.title for one in MAP[1:] if one.name == name), None)
    return f"{title} · {TITLE}" if title else TITLE
