"""Scene 9: the same number in three trainings, each along the one knob that its users turn."""

import math

import torch

from kl_core.data.digits import load_digits
from kl_core.distilling.distillation import soft_kl, soften
from kl_core.distilling.shipped import load_students
from kl_core.distilling.teacher import load_teacher, teacher_logits
from kl_core.rlhf.language import as_text
from kl_core.rlhf.policy import sample
from kl_core.rlhf.world import QUESTION, build_world
from kl_core.vaes.shipped import VAE_BETAS, load_vaes, rate_distortion
from kl_core.vaes.vae_latent import prior_samples

from ...shared.cache import shared_cache
from .hills import rounded

REWARD_SCALE = 0.1
"""The reward counts a tenth, so that the usual β lie where practitioners know them."""
ANSWER = 3
"""Which of five sampled answers is shown; the same random numbers at every β."""
_DIGIT = 34
"""A 7 of the test set that looks a little like a 9."""
_SAMPLES = 16


@shared_cache(1)
@torch.inference_mode()
def uses_data() -> dict:
    return {"policy": _policy(), "student": _student(), "generator": _generator()}


def _policy() -> dict:
    """The best policy at each β from ∞ down to 0.005: its answer, and what it gains over β = ∞."""
    world = build_world()
    betas = torch.cat([torch.tensor([math.inf]).double(), torch.logspace(math.log10(0.5), math.log10(0.005), 41, dtype=torch.float64)])
    best = world.optimum(betas / REWARD_SCALE)
    measures = world.measure(best)
    said = sample(world.chain, best, 5, 0).tokens[:, ANSWER]
    return {
        "question": QUESTION,
        "beta": [None, *(float(f"{beta:.2g}") for beta in betas[1:].tolist())],
        "answer": [as_text(world.chain.words, tokens) for tokens in said.tolist()],
        "proxy": rounded(measures.proxy - measures.proxy[0], 4),
        "gold": rounded(measures.gold - measures.gold[0], 4),
        "kl": rounded(measures.kl, 4),
    }


def _student() -> dict:
    """One digit at T from 1 to 8: the teacher's soft targets, the answer of a student that learned
    from labels alone, and KL(teacher‖student) of this student and of one that learned from soft targets."""
    test = load_digits()[1]
    digit = test[_DIGIT : _DIGIT + 1]
    teacher = teacher_logits(load_teacher(), digit)[0].double()
    hard, distilled = (load_students()[name](digit.images)[0, 0].double() for name in ("hard", "distilled"))
    temperatures = torch.linspace(1, 8, 36, dtype=torch.float64)
    return {
        "image": _ink(digit.images[0]),
        "T": rounded(temperatures, 2),
        "teacher": rounded(soften(teacher, temperatures), 4),
        "student": rounded(soften(hard, temperatures), 4),
        "kl": rounded(soft_kl(hard, teacher, temperatures), 4),
        "distilled_kl": rounded(soft_kl(distilled, teacher, temperatures), 4),
    }


def _generator() -> dict:
    """VAEs trained at each β: pictures decoded from the same samples of the prior, and the KL per image that the training left."""
    models, measures = load_vaes(), rate_distortion()
    return {
        "beta": list(VAE_BETAS),
        "images": [[_ink(image) for image in prior_samples(models[beta], _SAMPLES, 3)[1]] for beta in VAE_BETAS],
        "kl": [round(measures[beta].rate, 4) for beta in VAE_BETAS],
    }


def _ink(image: torch.Tensor) -> str:
    """64 pixels as hexadecimal digits, 0 for paper and f for full ink."""
    return "".join(f"{round(value * 15):x}" for value in image.tolist())
