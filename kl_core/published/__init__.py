"""Every published or closed-form number that this library claims to reproduce, in one table.

    >>> from kl_core.published import CLAIMS, check
    >>> all(check(claim).agrees for claim in CLAIMS)
    True

SUBJECTS holds the claims by subject, one module each; the page "Checked" and the tests read the same table. A claim of
a closed form is worked out by plain `math`, apart from the code that it checks.
"""

from . import (
    diffusion,
    distillation,
    divergences,
    elbo,
    estimators,
    fine_tuning,
    gaussian_fits,
    generation,
    plane_fits,
    policy,
    textbooks,
    vae,
    worked_examples,
)
from .claim import Check, Claim, Source, check

__all__ = ["CLAIMS", "SUBJECTS", "Check", "Claim", "Source", "check"]

SUBJECTS: dict[str, tuple[Claim, ...]] = {
    module.SUBJECT: module.CLAIMS
    for module in (
        worked_examples,
        textbooks,
        divergences,
        gaussian_fits,
        plane_fits,
        estimators,
        policy,
        fine_tuning,
        distillation,
        generation,
        vae,
        elbo,
        diffusion,
    )
}
CLAIMS = tuple(claim for claims in SUBJECTS.values() for claim in claims)
