"""Questions on the VAE's KL: what it penalises, and what sums and means do to β."""

from kl_core.vaes.shipped import VAE_BETAS
from kl_core.vaes.vae import effective_beta

from ..checked.errors_list import ERRORS
from ..vae.scene import column
from .pictures import Code, latent_space
from .prediction import Choice, Option, Slide
from .question import Question

SUBJECT = "The VAE"
PROBE = (0.5, 0.5)
BATCH = 64


def _rates() -> dict[str, float]:
    rate, distortion = column("rate"), column("distortion")
    return {
        f"{name}_{word}": float(values[VAE_BETAS.index(beta)])
        for name, values in (("rate", rate), ("distortion", distortion))
        for word, beta in (("free", 0.0), ("one", 1.0), ("heavy", VAE_BETAS[-1]))
    } | {"most": f"{VAE_BETAS[-1]:g}"}


def _reductions() -> dict[str, float | str]:
    error = ERRORS["vae_sum"]
    found = error.run(error.starts)
    # Only a loss with pixels or latent dimensions averaged would ask for their numbers.
    real = effective_beta(1.0, "mean_and_sum", batch=BATCH, pixels=1, latent=1)
    return {
        "effective": real,
        "beta": f"{real:g}",
        "batch": str(BATCH),
        "sum": found.wrong,
        "mean": found.right,
        "factor": f"{found.factor:.3g}",
    }


QUESTIONS = (
    Question(
        "what_kl_penalises",
        SUBJECT,
        "What a VAE’s KL penalises",
        "A VAE’s loss has β·KL(q(z|x)‖p(z)), with p(z) = N(0, I). What does the KL penalise?",
        Choice(
            (
                Option(
                    "Digits that are decoded badly",
                    "with the KL switched off, β = 0, the decoding is at its best: a distortion of "
                    "{distortion_free} nats (sampled), {distortion_one} at β = 1.",
                ),
                Option(
                    "Each input’s place q(z|x) for being unlike the prior",
                    "without it, β = 0, the digits lie far out, {rate_free} nats from the prior; slide to β = 1 and they move in "
                    "under it, {rate_one} nats.",
                ),
                Option(
                    "Latent spaces with too many dimensions",
                    "both pictures have two dimensions; what changes with β is how far each "
                    "digit’s place is from the prior: {rate_free} nats at β = 0, "
                    "{rate_one} at β = 1.",
                ),
            ),
            1,
        ),
        _rates,
        latent_space(0.0, PROBE),
        "At β = 0 every digit keeps a place of its own, {rate_free} nats from the prior on average, and draws from the prior meet only the "
        "few "
        "that happen to lie there; at β = 1 the places overlap under it, {rate_one} nats, and draws look like digits. At β = {most} "
        "nothing is "
        "told any more, {rate_heavy} nats: posterior collapse.",
    ),
    Question(
        "sum_and_mean",
        SUBJECT,
        "Sum and mean only change units",
        "The KL is summed over a batch of {batch} images, the reconstruction is a mean over it, and β = 1. **Which β** has the loss of one "
        "image really?",
        Slide(
            "β of the loss per image",
            (1 / 64, 1 / 8, 0.5, 1.0, 2.0, 8.0, 64.0, 512.0, 4096.0),
            "",
            "effective",
            0,
            "β is {beta}: the KL counts {batch} times, the reconstruction once.",
            "run it: the sum is {sum} nats, the KL of an image {mean}, {factor} times less, so β is {beta}.",
        ),
        _reductions,
        Code("vae_sum"),
        "The summed KL, {sum} nats, stands beside the reconstruction of a single image, whose own KL is {mean} nats: β is multiplied by "
        "the batch size, {batch}. "
        "That is no matter of units: it changes what is learned, and with the next batch size it changes again.",
    ),
)
