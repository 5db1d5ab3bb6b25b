"""What the later views of Estimates open with."""

from pages.shared.introductions import INTRODUCTIONS, Introduction

_K, _R = INTRODUCTIONS["sample_estimates"].formula, INTRODUCTIONS["sample_estimates"].symbols

OF_VIEWS = {
    "The value": Introduction(
        "Which estimator comes closest?",
        "k1, k2 and k3 estimate the same KL from the same samples. They differ in bias and in noise.",
        "Slide the distance.",
        _K,
        _R,
    ),
    "The gradient": Introduction(
        "Which estimator trains the right thing?",
        "A good estimate of the KL can be a bad loss: its gradient may point elsewhere.",
        "Drag a bar of π.",
        r"\nabla_\theta\,\mathrm{KL}(\pi_\theta\,\|\,\pi_\text{ref})\overset{?}{=}\mathbb{E}_{\pi_\theta}[\nabla_\theta\,k]",
        r"θ are the logits of the policy π. An estimator k is right as a loss if both sides are equal.",
    ),
    "Gradient noise": Introduction(
        "How far off is one training step?",
        "A step averages the gradient over a few samples, often drawn from an older policy μ.",
        "Drag μ from π to $\\pi_\\text{ref}$.",
        r"\mathbb{E}_{\mu}\!\left[\nabla_\theta\left(\tfrac{\pi_\theta}{\mu}\,k_3\right)\right]=\nabla_\theta\,\mathrm{KL}(\pi_\theta\,\|\,\pi_\text{ref})",
        "μ is the policy that drew the samples; the weight π/μ corrects for that.",
    ),
    "Sampler ≠ trainer": Introduction(
        "What if the sampler is not quite the policy?",
        "Fast inference rounds differently from training, so the samples come from μ and not from π.",
        "Raise the error of the sampler’s logits.",
        _K,
        _R.replace("a sample x from π", "a sample x, which should come from π"),
    ),
    "Your run": Introduction(
        "How far has your run moved from its reference?",
        "A token log tells the KL of the policy from its reference, and what the β of the run holds.",
        "Open your log, or look at one of ours.",
        _K,
        _R,
    ),
}
