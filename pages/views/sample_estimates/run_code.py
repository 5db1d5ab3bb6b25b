"""The program behind a run's report."""


def report_code(beta: float | None = None) -> str:
    """Prints every number of the report, in nats, from the CSV that the page gives. beta: the run's, if it is known."""
    return _PROGRAM.replace("beta = None", f"beta = {beta!r}")


_PROGRAM = """# pip install . in a checkout of this repository; run.csv is the table of tokens that stands beside it
import pandas, torch
from kl_core.estimates.estimators import ESTIMATORS
from kl_core.estimates.run_report import even_groups, kl_by_group, preferred_estimator, ratio_diagnostics, sampler_mismatch
from kl_core.estimates.token_kl import token_kl, worst_tokens

beta = None  # the run's; None if it is not known
table = pandas.read_csv("run.csv", keep_default_na=False)
column = lambda name: torch.tensor(table[name].to_numpy(dtype=float)) if name in table else None
log_p, log_q, step, reward = map(column, ("policy", "reference", "step", "reward"))
sequence = torch.tensor(table["sequence"].to_numpy())

def show(title, estimate, unit=" nats"):
    print(f"{title}: {estimate.mean:.6g} ± {1.96 * estimate.error:.2g}{unit}")

def show_all(title, by):
    for name in ESTIMATORS:
        show(f"{name} per token, {title}", by.per_token[name])
        show(f"{name} per answer, {title}", by.per_sequence[name])

by, ratios = token_kl(log_p, log_q, sequence), ratio_diagnostics(log_p, log_q)
best = preferred_estimator(by, ratios)
show_all("whole log", by)
print(f"believe {best}: effective share {ratios.effective:.3f}, largest hundredth of k3 {ratios.top_share:.3f}")

value = ESTIMATORS[best](log_p, log_q)
position = torch.tensor(table.groupby("sequence").cumcount().to_numpy())
length = torch.bincount(sequence)[sequence]
for title, number in (("position", position + 1), ("length", length)):
    group, names = even_groups(number)
    means = kl_by_group(value, group, sequence)
    for name, mean, error in zip(names, means.mean.tolist(), means.error.tolist()):
        print(f"{best} per token, {title} {name}: {mean:.6g} ± {1.96 * error:.2g} nats")
print("worst tokens, rows", worst_tokens(log_p, log_q).tolist())

now = by
if step is not None and len(step.unique()) > 1:
    for at in step.unique():
        here = step == at
        now = token_kl(log_p[here], log_q[here], sequence[here])
        show(f"step {at:g}, {best} per answer", now.per_sequence[best])
        if reward is not None:
            print(f"step {at:g}, mean reward: {pandas.Series(reward[here]).groupby(sequence[here].numpy()).first().mean():.6g}")
    show_all("last step", now)

if "sampler" in table:
    mismatch = sampler_mismatch(column("sampler"), log_p, sequence)
    show("sampler against trainer, k3 per token", mismatch.kl["k3"])
    print(f"answers that count: {mismatch.effective:.0%}, largest gap of a token {mismatch.largest:.6g}")

kl = now.per_sequence[best]
show("decision: KL per answer", kl)
wing = 1.96 * kl.error if kl.error == kl.error else 0.0
if beta and kl.mean > wing:
    print(f"a converged run at beta {beta / 2:g} holds at least {kl.mean - wing:.6g} nats")
    print(f"a converged run at beta {2 * beta:g} holds at most {kl.mean + wing:.6g} nats")
    for other, nats in ((beta / 2, 4 * kl.mean), (2 * beta, kl.mean / 4)):
        if max(nats, kl.mean) < 1:
            print(f"small-KL approximation at beta {other:g}: {nats:.6g} nats")
"""
