"""What the students learned, as pictures and in words: a digit left out beside the published numbers, and what a T costs."""

from math import log10

import torch
from torch import Tensor

from kl_core.distilling.student_experiments import HINTON_MNIST, AtTemperature, LeftOut, Spread

from ...shared.live import scene
from ...shared.live.tables import packed
from ...shared.style import Unit

TEMPERATURES = (1.0, 2.0, 3.0, 5.0, 10.0, 20.0)
THREES, TESTED = 1010, 10_000
"""Of MNIST's test images (Hinton, Vinyals, Dean 2015, section 3)."""
_TAUGHT = "Temperature T of the training"


def share(spread: Spread) -> str:
    return f"{spread.mean:.1%} ± {spread.error:.1%}"


# ---- a digit left out -----------------------------------------------------------------------------------------------


def left_out_chart(digit: int, results: dict[str, LeftOut]) -> tuple[dict, dict]:
    """A panel and its chart: the share of the digit never seen that is read right, ours beside the published one."""
    three = _published()
    groups = [
        ("as trained", results["plain"], three[0]),
        ("best bias: test", results["test"], three[1]),
        ("best bias: training", results["training"], float("nan")),
    ]
    panel = {
        "kind": "chart",
        "name": "left_out",
        "title": f"Share of {digit}s read right by students that never saw one",
        "label": f"Share of the {digit}s read right by students that never saw one, ours and the published one",
        "series": [{"style": "p solid bar", "label": ""}, {"style": "faint bar", "label": ""}],
        "note": f"solid: ours, a mean ± standard error over {len(results['plain'].accuracy.values)} students, 8×8 digits · "
        "dashed: published for 3s, one network, MNIST (Hinton et al. 2015)",
    }
    at = torch.arange(3, dtype=torch.float64)
    column = lambda values: packed(torch.tensor(values, dtype=torch.float64))
    chart = {
        "x_range": [-0.5, 2.5],
        "y_range": [0.0, 1.12],
        "bars": True,
        "x_ticks": [[i, name] for i, (name, *_) in enumerate(groups)],
        "y_ticks": [[part / 4, f"{part * 25} %"] for part in range(5)],
        "series": [
            {
                "x": packed(at),
                "y": column([ours.on_left_out.mean for _, ours, _ in groups]),
                "error": column([ours.on_left_out.error for _, ours, _ in groups]),
            },
            {"x": packed(at), "y": column([theirs for *_, theirs in groups])},
        ],
    }
    return panel, chart


def _published() -> tuple[float, float]:
    """The share of MNIST's 3s read right, as trained and with a better bias."""
    told = HINTON_MNIST["no 3s"]
    return 1 - told["errors_on_digit"] / THREES, 1 - told["errors_on_digit_with_offset"] / THREES


def left_out_words(digit: int, results: dict[str, LeftOut]) -> str:
    told, (plain, moved) = HINTON_MNIST["no 3s"], _published()
    rows = [f"| | {digit}s read right | all digits read right | bias of the {digit} moved by |", "|---|---|---|---|"]
    biases = {"plain": "as trained", "test": "best bias on the test set, as in the paper", "training": "best bias on the training set"}
    for name, what in biases.items():
        result = results[name]
        offset = "" if name == "plain" else f"{result.offset.mean:+.2f} ± {result.offset.error:.2f} nats"
        rows.append(f"| **ours**, {what} | **{share(result.on_left_out)}** | {share(result.accuracy)} | {offset} |")
    rows.append(
        f"| *MNIST without 3s*, as trained | **{plain:.1%}** ({told['errors_on_digit']} errors on {THREES:,} 3s) | "
        f"{1 - told['errors'] / TESTED:.2%} ({told['errors']} errors) | |"
    )
    rows.append(
        f"| *MNIST without 3s*, best bias on the test set | **{moved:.1%}** ({told['errors_on_digit_with_offset']} errors on 3s) | "
        f"{1 - told['errors_with_offset'] / TESTED:.2%} ({told['errors_with_offset']} errors) | {told['offset']:+g} nats |"
    )
    return "\n".join(rows) + (
        f"\n\nThe teacher’s probabilities for other digits taught the students what a {digit} looks like, but not how common it is, so "
        "its bias must be corrected. "
        "Ours: means over random seeds. Published: Hinton, Vinyals and Dean 2015, section 3."
    )


# ---- what a temperature costs ---------------------------------------------------------------------------------------


_COST_PANELS = [
    {
        "kind": "chart",
        "name": "reliability",
        "half": True,
        "label": "Reliability diagram of the students at this T",
        "title": "Are the students well calibrated?",
        "note": "by bin of confidence; solid: mean confidence, dashed: share that is right",
        "series": [{"style": "p solid bar", "label": ""}, {"style": "faint bar", "label": ""}],
    },
    {
        "kind": "chart",
        "name": "errors",
        "half": True,
        "label": "Calibration error against T",
        "title": "Calibration error against T",
        "note": "15 bins; 0 is a perfectly calibrated student; whiskers: ± standard error",
        "series": [{"style": "k3 solid", "label": ""}],
    },
    {
        "kind": "chart",
        "name": "agreements",
        "label": "Agreement with the teacher and test accuracy against T",
        "title": "Agreement with the teacher, and test accuracy, against T",
        "note": "share of 500 test digits; whiskers: ± standard error",
        "series": [{"style": "p solid", "label": "agrees with the teacher"}, {"style": "k2", "label": "accuracy"}],
    },
]


def costs_scene(runs: list[AtTemperature], unit: Unit, start: float) -> dict:
    """T under the scrubber: how sure the students are against how often they are right, and what that T cost."""
    taught = torch.tensor([one.T for one in runs], dtype=torch.float64)
    means = {name: torch.tensor([getattr(one, name).mean for one in runs], dtype=torch.float64) for name in _MEASURED}
    seeds = len(runs[0].accuracy.values)
    where = int((taught - start).abs().argmin())
    return {
        "unit": {"name": unit.name, "per_nat": unit.per_nat},
        "size": "ruled",
        "numbers": {
            name: scene.number(name, (), float(one[where]), status=f"sampled: mean of {seeds} students") for name, one in means.items()
        },
        "readouts": [{"quantity": name, "title": title, "plain": name != "kl"} for name, title in _MEASURED.items()],
        "panels": _COST_PANELS,
        "charts": {
            "reliability": _reliability_chart(runs),
            "errors": _against(runs, taught, "calibration_error", floor=0.0),
            "agreements": _against(runs, taught, "agreement", "accuracy"),
        },
        "scrub": {
            "label": _TAUGHT,
            "unit": "trained at T =",
            "values": packed(taught),
            "seconds": 5,
            "start": where,
            "numbers": {name: packed(one) for name, one in means.items()},
        },
        "export": "what_a_temperature_costs",
        "hint": "All are tested at T = 1. A higher T is not always better: it makes the student match the logits of hopeless classes too.",
    }


_MEASURED = {
    "calibration_error": "Calibration error",
    "agreement": "Agrees with the teacher",
    "accuracy": "Test accuracy",
    "kl": "KL(teacher‖student)",
}


def _against(runs: list[AtTemperature], taught: Tensor, *names: str, floor: float | None = None) -> dict:
    """Means against T with their errors, a mark at the T that is looked at."""
    spreads = [[getattr(one, name) for one in runs] for name in names]
    ends = [value for row in spreads for one in row for value in (one.mean - one.error, one.mean + one.error)]
    low, high = (min(ends) if floor is None else floor), max(ends)
    room = 0.15 * (high - low)
    column = lambda values: packed(torch.tensor(values, dtype=torch.float64))
    return {
        "x_range": [-0.08, log10(max(TEMPERATURES)) + 0.12],
        "y_range": [low - (room if floor is None else 0), high + 1.5 * room],
        "x_ticks": [[log10(T), f"T = {T:g}"] for T in TEMPERATURES],
        "places": packed(taught.log10()),
        "dots": list(range(len(names))),
        "series": [
            {"x": packed(taught.log10()), "y": column([one.mean for one in row]), "error": column([one.error for one in row])}
            for row in spreads
        ],
    }


def _reliability_chart(runs: list[AtTemperature]) -> dict:
    bins = runs[0].reliability.count.shape[-1]
    stack = lambda name: packed(torch.stack([getattr(one.reliability, name) for one in runs]), torch.float32)
    places = packed(torch.arange(bins, dtype=torch.float64))
    return {
        "x_range": [-0.6, bins - 0.4],
        "y_range": [0.0, 1.05],
        "bars": True,
        "frames": True,
        "x_ticks": [[bins * part / 5 - 0.5, f"{part / 5:g}"] for part in range(6)],
        "series": [{"x": places, "y": stack("confidence")}, {"x": places, "y": stack("accuracy")}],
    }


def costs_words(runs: list[AtTemperature], unit: Unit) -> str:
    rows = [
        f"| trained at T | test accuracy | agrees with the teacher | calibration error | KL(teacher‖student), {unit.name} |",
        "|---|---|---|---|---|",
    ]
    rows += [
        f"| {run.T:g} | {share(run.accuracy)} | {share(run.agreement)} | {share(run.calibration_error)} | "
        f"{run.kl.mean * unit.per_nat:.3f} ± {run.kl.error * unit.per_nat:.3f} |"
        for run in runs
    ]
    return "\n".join(rows)
