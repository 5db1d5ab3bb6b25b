"""Programs that train the same students as the page does, and the table of how they learned."""

import csv
import io

from kl_core.distilling.students import StudentStep

_SHOWN = """
def told(spread):
    return f"{spread.mean:.1%} ± {spread.error:.1%}"

"""


def few_labels_code(labels: int, T: float, alpha: float, seeds: int) -> str:
    return f"""from kl_core.distilling.student_experiments import few_labels_training, finish, read_few_labels
{_SHOWN}
found = read_few_labels(finish(few_labels_training(labels={labels}, T={T:g}, alpha={alpha:g}, seeds={seeds})))
print("hard labels", told(found.hard), "distilled", told(found.distilled), "gain", told(found.gain))
"""


def left_out_code(digit: int, T: float, seeds: int) -> str:
    return f"""from kl_core.distilling.student_experiments import finish, left_out_training, read_left_out
{_SHOWN}
found = read_left_out(finish(left_out_training(({digit},), T={T:g}, seeds={seeds})), ({digit},))
for bias, one in found.items():
    print(f"bias: {{bias}}. {digit}s read right:", told(one.on_left_out), "all digits:", told(one.accuracy))
"""


def temperatures_code(seeds: int) -> str:
    return f"""from kl_core.distilling.student_experiments import finish, read_temperatures, temperature_training
{_SHOWN}
for one in read_temperatures(finish(temperature_training((1, 2, 3, 5, 10, 20), seeds={seeds}))):
    print(f"T = {{one.T:g}}: accuracy", told(one.accuracy))
    print("  calibration error", told(one.calibration_error), "agreement with the teacher", told(one.agreement))
"""


def steps_csv(groups: tuple[str, ...], steps: list[StudentStep]) -> str:
    """One row per student and report: its group, its number in it, the step, its test accuracy and its loss in nats."""
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(["group", "student", "step", "test accuracy", "loss (nats)"])
    for step in steps:
        each = len(step.accuracy) // len(groups)
        for i, (accuracy, loss) in enumerate(zip(step.accuracy.tolist(), step.loss.tolist(), strict=True)):
            writer.writerow([groups[i // each], i % each + 1, step.step, accuracy, loss])
    return table.getvalue()
