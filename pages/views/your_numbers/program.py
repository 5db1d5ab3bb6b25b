"""The program that prints the numbers on screen: with the numbers in it, or reading them from a file where they are many."""

from torch import Tensor

MOST_WRITTEN = 200
_READ = {"probabilities": "kl_from_probs", "logits": "kl_from_logits", "top": "kl_from_top_k"}
_HOME = {"kl_from_top_k": "kl_core.vectors.top_k"}


def _tensor(name: str, values: Tensor) -> str:
    if values.numel() > MOST_WRITTEN:
        return (
            f'{name} = torch.from_numpy(np.loadtxt("{name.lower()}.txt", delimiter=",", ndmin={values.dim()}))'
            f"  # the {values.numel():,} numbers given"
        )
    return f"{name} = torch.tensor({str(values.tolist()).replace('inf', 'float(' + chr(39) + 'inf' + chr(39) + ')')}, dtype=torch.float64)"


def _head(*blocks: Tensor) -> str:
    return ("import numpy as np\n" if any(one.numel() > MOST_WRITTEN for one in blocks) else "") + "import torch\n"


def vector_program(p: Tensor, q: Tensor, kind: str, smoothing: float = 0.0) -> str:
    """Both directions of the KL of two vectors; smoothing: added to every count."""
    if kind == "counts":
        body = (
            'for name, a, b in (("P‖Q", P, Q), ("Q‖P", Q, P)):\n    found = kl_from_counts(a, b'
            + (f", smoothing={smoothing}" if smoothing else "")
            + ")\n"
            '    print(f"KL({name}) = {found.value:.6g} ± {found.error:.2g} nats, biased by about {found.bias:.2g}")\n'
        )
        call = "from kl_core.estimates.empirical import kl_from_counts"
    else:
        body = f'print(f"KL(P‖Q) = {{{_READ[kind]}(P, Q):.6g}} nats")\nprint(f"KL(Q‖P) = {{{_READ[kind]}(Q, P):.6g}} nats")\n'
        call = f"from {_HOME.get(_READ[kind], 'kl_core')} import {_READ[kind]}"
    return f"{_head(p, q)}{call}\n\n{_tensor('P', p)}\n{_tensor('Q', q)}\n{body}"


def sample_program(x: Tensor, y: Tensor, call: str, most: int | None = None) -> str:
    """Both directions of the KL of two samples; call: with {a} and {b} for the samples. most: points used of each, chosen at random."""
    some = "".join(
        f"{name} = {name}[torch.randperm({len(points)}, generator=torch.Generator().manual_seed(0))[:{most}]]\n"
        for name, points in (("P", x), ("Q", y))
        if most is not None and len(points) > most
    )
    imported = f"from kl_core.estimates.empirical import {call.split('(')[0]}"
    return f"{_head(x, y)}{imported}\n\n{_tensor('P', x)}\n{_tensor('Q', y)}\n{some}" + "".join(
        f'found = {call.format(a=a, b=b)}\nprint(f"KL({a}‖{b}) = {{found.value:.4g}} ± {{found.error:.2g}} nats")\n'
        for a, b in ("PQ", "QP")
    )


def gaussian_program(p: tuple[Tensor, Tensor], q: tuple[Tensor, Tensor]) -> str:
    """Both directions of the KL of two multivariate normals."""
    made = "".join(
        f"{name} = MultivariateNormal(torch.tensor({loc.tolist()}, dtype=torch.float64),\n"
        f"                       torch.tensor({covariance.tolist()}, dtype=torch.float64))\n"
        for name, (loc, covariance) in (("P", p), ("Q", q))
    )
    return (
        "import torch\nfrom torch.distributions import MultivariateNormal\nfrom kl_core import kl\n\n"
        + made
        + 'print(f"KL(P‖Q) = {kl(P, Q):.6g} nats")\nprint(f"KL(Q‖P) = {kl(Q, P):.6g} nats")\n'
    )


def rows_program(p: Tensor, q: Tensor, tail: bool = False) -> str:
    """The KL of each row of logits, their mean, and the figures of a quantised copy. tail: all classes not listed are one more."""
    with_tail = "P, Q = with_tail(P, Q)  # all classes that are not listed are one more\n" if tail else ""
    imported = "from kl_core.vectors.top_k import with_tail\n" if tail else ""
    return (
        f"{_head(p, q)}from kl_core.vectors.quantisation import quantisation_report\n{imported}\n"
        f"{_tensor('P', p)}\n{_tensor('Q', q)}\n{with_tail}"
        "report = quantisation_report(P, Q)\n"
        'print(f"mean over {len(report.kl)} rows: KL(P‖Q) = {report.mean[0]:.6g} nats, sum {report.kl.sum():.6g}")\n'
        'print(f"percentiles {report.quantiles}, worst row and KL {report.worst}")\n'
        'print(f"same top {report.top_agreement[0]:.4f}, perplexity ratio {report.perplexity_ratio[0]:.6f}")\n'
    )
