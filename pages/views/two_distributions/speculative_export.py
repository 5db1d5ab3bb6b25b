"""Speculative decoding to take along: a short PyTorch program that decodes and counts, and the bars as CSV."""

import csv
import io

import torch

from kl_core.vectors.speculative import acceptance, expected_tokens, residual

from .speculative_state import MOST_GAMMA, SpeculativeState

_PROGRAM = """import torch

torch.manual_seed({seed})
T, gamma = {temperature:g}, {gamma}
P = torch.tensor({p}, dtype=torch.float64)
Q = torch.tensor({q}, dtype=torch.float64)
P, Q = (P.log() / T).softmax(-1), (Q.log() / T).softmax(-1)

a = torch.minimum(P, Q).sum()  # the acceptance, 1 − TV(P, Q)
residual = (P - Q).clamp_min(0)
print(f"acceptance {{a:.6g}}, words per call {{sum(a**k for k in range(gamma + 1)):.6g}}")

text, calls = [], 0
while len(text) < 20_000:
    calls += 1
    for x in torch.multinomial(Q, gamma, replacement=True).tolist():
        if torch.rand(()) * Q[x] >= P[x]:  # rejected: P speaks, and the rest of the draft is thrown away
            text.append(int(torch.multinomial(residual, 1)))
            break
        text.append(x)
    else:
        text.append(int(torch.multinomial(P, 1)))
shares = torch.bincount(torch.tensor(text), minlength=len(P)) / len(text)
print(f"in a run {{len(text) / calls:.3f}}; shares", " ".join(f"{{share:.3f}}" for share in shares.tolist()))
"""


def speculative_code(shown: SpeculativeState) -> str:
    """The acceptance, the words per call, and a run whose words have P's shares; torch alone."""
    p, q = ([round(value, 6) for value in row] for row in (shown.p, shown.q))
    return _PROGRAM.format(seed=shown.seed, temperature=shown.temperature, gamma=shown.gamma, p=p, q=q)


def speculative_csv(shown: SpeculativeState) -> str:
    """A row per word: p, q, their minimum and the residual; then a row per draft length: words per call of P."""
    p, q = (torch.tensor(shown.shown(role), dtype=torch.float64) for role in ("p", "q"))
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(["word", "p", "q", "min(p, q)", "residual"])
    writer.writerows(zip(shown.names, p.tolist(), q.tolist(), torch.minimum(p, q).tolist(), residual(p, q).tolist(), strict=True))
    writer.writerow(["draft length", "words per call of P"])
    accepted = acceptance(p, q)
    writer.writerows([gamma, float(expected_tokens(accepted, gamma))] for gamma in range(1, MOST_GAMMA + 1))
    return table.getvalue()
