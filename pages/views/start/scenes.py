"""The words of the ten scenes, in order: at most six in a heading, at most 25 in what is said first."""

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Scene:
    """name: for the list of scenes. task: the one gesture asked for. note: a quiet line; after: what replaces the sentence once the
    gesture was made."""

    name: str
    heading: str
    sentence: str
    task: str
    note: str = ""
    after: str = ""


SCENES = (
    Scene(
        "Surprise",
        "Rare things surprise more.",
        "Forecaster Q gives each weather a probability. If x happens, your surprise is −log Q(x): the smaller Q(x), the larger.",
        "Drag a bar of Q.",
    ),
    Scene(
        "The bill",
        "Each day sends a bill.",
        "P draws the weather. Each day costs log(P/Q), your extra surprise for trusting Q. Where does the average go?",
        "Press Play.",
        "A sunny day gives money back: Q expects more sun than P sends. Rain, storm and snow then cost you.",
    ),
    Scene(
        "The formula",
        "The average has a limit.",
        "Put the days side by side. A bar’s width is how often its weather comes; its height is the bill. KL is the average height.",
        "Point at a bar, or at a part of the formula.",
    ),
    Scene(
        "Never negative",
        "KL is never below 0.",
        "Some terms are negative. Add Q − P to each, and no term is. The sum does not change: all Q − P cancel out.",
        "Bring KL to 0: drag the bars of Q.",
    ),
    Scene(
        "Two directions",
        "Exchange P and Q.",
        "Now Q draws the days, and each costs log(Q/P). The average is KL(Q‖P). Which direction is larger?",
        "Guess first.",
    ),
    Scene(
        "Impossible",
        "Never say never.",
        "P draws every weather now and then. If Q gives one the probability 0, its surprise is infinite, and so is the average, KL(P‖Q).",
        "Drag any bar of Q to 0.",
    ),
    Scene(
        "Curves",
        "Where does the best Q land?",
        "Thinner and thinner bars become a density. P has two hills, Q only one. Put Q where you think it fits best.",
        "Make your guess: drag Q.",
        "A hill is a mode of P.",
        "That depends on the direction. Forward KL spreads Q over both hills. Reverse KL puts Q on one.",
    ),
    Scene(
        "The twist",
        "It does not always choose.",
        "Reverse KL puts Q on one hill, but only if the hills are far apart. Push them together and watch Q.",
        "Drag the hills to ±2.",
    ),
    Scene(
        "What it is for",
        "One number, three trainings.",
        "Language models, small “student” networks and image generators train with KL. It keeps one distribution close to another.",
        "Move a slider.",
    ),
    Scene("Now play", "Now play.", "Pick a question. Every picture moves under your hand. Or follow one of two routes, stop by stop.", ""),
)


def words() -> list[dict[str, str]]:
    return [asdict(scene) for scene in SCENES]
