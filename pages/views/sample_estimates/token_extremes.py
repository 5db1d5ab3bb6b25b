"""What a table of estimates cannot hold: an infinite KL with its reason, and a mean of k3 beyond the largest float."""

from math import floor, inf, isinf, log

from kl_core.estimates.estimators import k3, log_mean_k3

from ...shared.plain import plain
from ...shared.style import Unit
from .token_file import Tokens

_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def infinite_because(tokens: Tokens) -> str | None:
    """Why KL(π‖π_ref) is infinite, or None: the reference rules out what the policy has drawn."""
    at = (tokens.log_q == -inf).nonzero().flatten().tolist()
    if not at:
        return None
    word = f" (“{plain(tokens.text[at[0]].strip())}”)" if tokens.text else ""
    more = f" and {len(at) - 1:,} more" if len(at) > 1 else ""
    return (
        f"KL(π‖π_ref) = ∞: the reference gives token {at[0] + 1}{word}{more} no probability (log π_ref = −∞), and the policy has drawn it. "
        "If that is a mask or a top-k cut of the server, leave these tokens out with a mask column."
    )


def beyond_floats(tokens: Tokens, unit: Unit) -> str | None:
    """The mean of k3 in words where it is larger than a float can be, or None."""
    if not isinf(float(k3(tokens.log_p, tokens.log_q).mean())):
        return None
    size = scientific(float(log_mean_k3(tokens.log_p, tokens.log_q)) + log(unit.per_nat))
    return (
        f"The mean of k3 is finite but beyond the largest float: about {size} {unit.name}. One token makes it: e to the power "
        "of its log-ratio. Do not use k3 here."
    )


def scientific(log_value: float) -> str:
    """e to the power of log_value with three digits, however large: "8.22 × 10³⁴⁶"."""
    power = log_value / log(10)
    return f"{10 ** (power - floor(power)):.2f} × 10{str(floor(power)).translate(_SUPERSCRIPT)}"
