"""The map of the app: four groups of pages. A new page is one file in pages/ and one line here."""

from pathlib import Path
from typing import NamedTuple

TITLE = "KL explorer"
DESCRIPTION = "See KL divergence by moving it: ten scenes from the weather to language models, then pages where every picture moves."


class Group(NamedTuple):
    """Pages that belong together, and the question that all of them answer."""

    title: str
    question: str


class Entry(NamedTuple):
    """A page: its file's name (also its address), its title, its icon, its group, its question in a few words, and what it answers."""

    name: str
    title: str
    icon: str
    group: str
    question: str
    answers: str

    @property
    def path(self) -> Path:
        return Path(__file__).parents[1] / f"{self.name}.py"


GROUPS = (
    Group("Learn", "What is it?"),
    Group("Uses", "What is it for?"),
    Group("Practise", "Do I get it?"),
    Group("Tools", "What about mine?"),
)

# The first is served at "/".
MAP = (
    Entry("start", "The story", ":material/auto_stories:", "Learn", "Ten scenes, from the start.", "What KL divergence is, in ten scenes."),
    Entry(
        "two_distributions",
        "Two distributions",
        ":material/ssid_chart:",
        "Learn",
        "Where do P and Q differ?",
        "Choose any two families, drag every parameter, and see where KL(P‖Q) and KL(Q‖P) come from.",
    ),
    Entry(
        "forward_reverse",
        "Forward and reverse",
        ":material/compare_arrows:",
        "Learn",
        "Where does the best Q land?",
        "Fit one Gaussian to several modes: what does each direction choose, and when does reverse KL pick a mode?",
    ),
    Entry(
        "beta",
        "β in RLHF",
        ":material/balance:",
        "Uses",
        "What keeps a model honest?",
        "The KL penalty of RLHF in a small world, computed exactly: what each β earns, what it costs, and when reward hacking begins.",
    ),
    Entry(
        "distillation",
        "Distillation",
        ":material/school:",
        "Uses",
        "What does a soft target teach?",
        "What does a temperature show of a teacher’s answer, and why is there a T² in the loss?",
    ),
    Entry(
        "vae",
        "VAE",
        ":material/blur_on:",
        "Uses",
        "Why can it generate?",
        "What does the KL term do to a latent space, and when does β make it collapse?",
    ),
    Entry(
        "lessons",
        "Lessons",
        ":material/cast_for_education:",
        "Practise",
        "Four guided tours.",
        "How do I teach this? Ready lessons, and your own, as a link.",
    ),
    Entry(
        "practice", "Questions", ":material/quiz:", "Practise", "Can you predict the picture?", "Do I understand it? Predict, then look."
    ),
    Entry(
        "sample_estimates",
        "Estimates",
        ":material/query_stats:",
        "Tools",
        "How far off is your sample?",
        "Can a KL come out negative? How far to trust k1, k2 and k3, and what does each do as a loss?",
    ),
    Entry(
        "your_numbers",
        "Your numbers",
        ":material/edit_note:",
        "Tools",
        "What is the KL of my data?",
        "What is the KL between my own numbers, and do common library calls get it right?",
    ),
    Entry(
        "checked",
        "Checked claims",
        ":material/fact_check:",
        "Tools",
        "Which printed numbers hold?",
        "Which published numbers does this explorer reproduce, and where does common code go wrong?",
    ),
)


def page_title(name: str) -> str:
    """What the browser's tab says: the page's title and the app's; the app's alone on the first page."""
    title = next((one.title for one in MAP[1:] if one.name == name), None)
    return f"{title} · {TITLE}" if title else TITLE
