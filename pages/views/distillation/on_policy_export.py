"""On-policy distillation to take along: a program that trains the same student, and the table of how it learned."""

import csv
import io
from dataclasses import asdict

from kl_core.distilling.chain_students import ChainRun, ChainStep


def on_policy_code(run: ChainRun) -> str:
    arguments = ", ".join(f"{name}={value!r}" for name, value in asdict(run).items())
    return f"""from kl_core.distilling.chain_students import ChainRun, best_student, train_chain
from kl_core.distilling.chains import compare_chains, teacher_chain

teacher = teacher_chain()
run = ChainRun({arguments})
*_, last = train_chain(teacher, run)


def told(name, compared):
    print(f"{{name}}: KL(T‖S) {{compared.forward:.6g}}, KL(S‖T) {{compared.reverse:.6g}} nats")


told("trained", last.compared)
for name, student in zip(("best for KL(T‖S)", "best for KL(S‖T)"), best_student(teacher, run.rank)):
    told(name, compare_chains(teacher, student))
"""


def on_policy_csv(steps: list[ChainStep]) -> str:
    """A row per report: the step, then every number of the comparison, in nats per sentence; only the head where nothing is trained."""
    out = io.StringIO()
    writer = csv.writer(out)
    names = ["forward", "reverse", "on_teacher", "quality", "entropy", "unlikely", "kept"]
    writer.writerow(["step", "KL(T‖S)", "KL(S‖T)", "KL(S‖T) on the teacher's text", *names[3:]])
    writer.writerows([step.step, *(getattr(step.compared, name) for name in names)] for step in steps)
    return out.getvalue()
