"""Where in the explorer a claim can be seen: addresses with the state that shows it."""

from urllib.parse import urlencode

_COINS = {"kind": "discrete", "p": "Bernoulli", "q": "Bernoulli"}


def _pair(family: str, p: dict[str, float], q: dict[str, float], **more: str) -> tuple[str, dict]:
    parameters = {f"{role}_{name}": f"{value:g}" for role, values in (("p", p), ("q", q)) for name, value in values.items()}
    return "two_distributions", {"p": family, "q": family, **parameters, **more}


def _bars(p: str, q: str) -> tuple[str, dict]:
    return "two_distributions", {"kind": "discrete", "p_probs": p, "q_probs": q}


_EXAMPLE = ("two_distributions", {"kind": "discrete"})
_NEGATIVE: tuple[str, dict[str, str]] = ("sample_estimates", {})
_NEAR = ("sample_estimates", {"view": "The value", "distance": "0.1"})
_GRADIENT = ("sample_estimates", {"view": "The gradient"})
_ANATOMY = ("distillation", {"view": "Anatomy of the loss"})
_SOFT = {"asked": "logits of my own", "own_logits": "3, 2, 1"}
_DIRECTION = ("beta", {"view": "Which direction?"})
_THREE = ("beta", {"view": "One frontier", "frontier_of": "Three answers", "land_steps": "3000"})
_PRACTICE = ("beta", {"view": "In practice"})
_WHEN = {"view": "When does it pick a mode?"}
_PLANE = {"view": "Two dimensions", "plane_step": "150"}
_NARROW = _pair("Normal", {"loc": 0, "scale": 1.3}, {"loc": 0.9, "scale": 0.7})

# By the claim's name, or what it begins with: the longest that fits.
_SHOWN = {
    "example_kl": _EXAMPLE,
    "example_zero": _bars("0.3, 0.5, 0.2", "0.3, 0.5, 0.2"),
    "example_extra": _EXAMPLE,
    "example_estimate": _NEGATIVE,
    "example_loss": _NEGATIVE,
    "example_distillation": _ANATOMY,
    "example_vae": ("vae", {"view": "KL of one posterior", "q_loc": "1", "q_scale": "1"}),
    "example_practice": ("two_distributions", {**_COINS, "p_probs": "0.0429749", "q_probs": "0.590587"}),
    "example_beta": _PRACTICE,
    "cover_thomas": ("two_distributions", {**_COINS, "p_probs": "0.5", "q_probs": "0.25"}),
    "cover_entropy": _bars("4, 2, 1, 1", "1, 1, 1, 1"),
    "kullback": _bars("9, 12, 4", "1, 1, 1"),
    "scipy": _bars("0.5, 0.5", "0.9, 0.1"),
    "dlang": _bars("1, 1, 1, 1", "1, 1, 1, 2"),
    "dlang_infinite": _bars("1, 1, 1, 1", "0, 0, 0, 1"),
    "book_normal": _pair("Normal", {"loc": 0.3, "scale": 1.7}, {"loc": -1, "scale": 0.6}),
    "book_exponential": _pair("Exponential", {"rate": 1.4}, {"rate": 0.5}),
    "book_laplace": _pair("Laplace", {"loc": 0.3, "scale": 1.7}, {"loc": -1, "scale": 0.6}),
    "book_gamma": _pair("Gamma", {"concentration": 2.3, "rate": 0.7}, {"concentration": 1.1, "rate": 1.9}),
    "book_beta": _pair("Beta", {"concentration1": 2.3, "concentration0": 0.7}, {"concentration1": 1.1, "concentration0": 1.9}),
    "book_cauchy": _pair("Cauchy", {"loc": 0, "scale": 1}, {"loc": 2, "scale": 3}),
    "book_poisson": _pair("Poisson", {"rate": 4.2}, {"rate": 2.5}, kind="discrete"),
    "book_bernoulli": _pair("Bernoulli", {"probs": 0.3}, {"probs": 0.8}, kind="discrete"),
    "book_geometric": _pair("Geometric", {"probs": 0.3}, {"probs": 0.8}, kind="discrete"),
    "book_uniform": _pair("Uniform", {"low": 0, "high": 1}, {"low": -1, "high": 4}),
    "infinite_tail": ("two_distributions", {"p": "Cauchy", "p_loc": "0", "p_scale": "1", "q": "Normal", "q_loc": "0", "q_scale": "1"}),
    "near_normals": _pair("Normal", {"loc": 0, "scale": 1}, {"loc": 1e-8, "scale": 1}),
    "js_most": _pair("Uniform", {"low": 0, "high": 1}, {"low": 2, "high": 3}),
    "js_coins": _bars("1, 0", "0.5, 0.5"),
    "tv_normals": _pair("Normal", {"loc": 0, "scale": 1}, {"loc": 1.5, "scale": 1}),
    "hellinger": _NARROW,
    "renyi": _NARROW,
    "entropy": _NARROW,
    "alpha_bridge": ("forward_reverse", {"minimise": "alpha", "alpha": "0.5", "step": "180"}),
    "world_optimum": ("beta", {"beta": "0.7"}),
    "plane_drawn": ("forward_reverse", _PLANE),
    "plane_minimum": ("forward_reverse", _PLANE),
    "plane_moments": ("forward_reverse", _PLANE),
    "plane_apart": ("forward_reverse", {**_PLANE, "plane": "murphy-apart"}),
    "plane_factorised": ("forward_reverse", {**_PLANE, "plane": "bishop-factorised"}),
    "fit_2": ("forward_reverse", {"step": "180", "p_locs": "-2, 2"}),
    "fit_3": ("forward_reverse", {"step": "180"}),
    "fit_4": ("forward_reverse", {"step": "180", "p_locs": "-4, 4", "p_scales": "0.5, 0.5"}),
    "fit_minima": ("forward_reverse", {**_WHEN, "m": "2"}),
    "fit_fold": ("forward_reverse", {**_WHEN, "m": "2.41223"}),
    "fit_exchange": ("forward_reverse", {**_WHEN, "m": "2.80008"}),
    "fit_moments": ("forward_reverse", {"step": "180", "p_weights": "0.7, 0.3", "p_locs": "-1, 1", "p_scales": "0.5, 0.5"}),
    "fit_far_mode": ("forward_reverse", {"step": "180", "p_weights": "0.7, 0.3", "p_locs": "-20, 20"}),
    "schulman": ("sample_estimates", {"view": "The value", "distance": "1"}),
    "schulman_0.1": _NEAR,
    "schulman_exact_0.1": _NEAR,
    "estimators": ("sample_estimates", {"view": "The value", "distance": "1.121"}),
    "estimators_infinite": ("sample_estimates", {"view": "The value", "ratio": "1.5"}),
    "estimators_unbiased": _GRADIENT,
    "estimators_nonnegative": _NEGATIVE,
    "gradient": _GRADIENT,
    "gradient_k1_reward": ("sample_estimates", {"view": "The gradient", "use": "a number in the reward"}),
    "tokens": _NEGATIVE,
    "optimum": _DIRECTION,
    "optimum_inference": ("beta", {"beta": "0.7"}),
    "best_of_n": _PRACTICE,
    "gao": ("beta", {}),
    "ziegler": ("beta", {"view": "Train it yourself", "hold": "true"}),
    "ppo": ("beta", {"view": "Train it yourself", "method": "PPO"}),
    "grpo": ("beta", {"view": "Train it yourself", "method": "GRPO"}),
    "dapo": ("beta", {"view": "One frontier", "frontier_methods": "DAPO"}),
    "directions": _DIRECTION,
    "dpo": _THREE,
    "razor": ("beta", {"view": "Forgetting"}),
    "best_of_n_wins": ("beta", {"view": "One frontier"}),
    "mismatch": ("sample_estimates", {"view": "Sampler ≠ trainer"}),
    "off_policy": ("sample_estimates", {"view": "Gradient noise", "mu": "0.5"}),
    "rlhf": _NEGATIVE,
    "soft_1": ("distillation", {**_SOFT, "T": "1"}),
    "soft_10": ("distillation", {**_SOFT, "T": "10"}),
    "soft_5": ("distillation", {**_SOFT, "T": "5"}),
    "soft": _ANATOMY,
    "soft_limits": ("distillation", {**_SOFT, "T": "0.1"}),
    "js_ends": ("distillation", {"view": "Between the KLs", "js_beta": "0.01"}),
    "speculative": ("two_distributions", {"view": "Speculative decoding"}),
    "vae_kl": ("vae", {"view": "KL of one posterior", "q_loc": "1.5", "q_scale": "0.5"}),
    "vae_terms": ("vae", {"view": "KL of one posterior", "q_loc": "1.5", "q_scale": "0.5"}),
    "diffusion": ("vae", {"view": "Diffusion", "diffusion_data": "One Gaussian"}),
    "linear": ("vae", {"view": "Linear VAE", "lam": "4.0", "beta_linear": "1"}),
    "linear_collapsed": ("vae", {"view": "Linear VAE", "beta_linear": "4.1"}),
    "elbo": ("vae", {"view": "What the ELBO leaves out"}),
    "elbo_linear": ("vae", {"view": "What the ELBO leaves out", "elbo_image": "linear"}),
    "iwae": ("vae", {"view": "What the ELBO leaves out"}),
    "rate": ("vae", {"beta_vae": "1"}),
    "vae_shipped": ("vae", {"beta_vae": "4"}),
}


def state_of(name: str) -> tuple[str, dict[str, str]] | None:
    """The page and its query that show a claim; None where no page does."""
    fitting = [start for start in _SHOWN if name.startswith(start)]
    return _SHOWN[max(fitting, key=len)] if fitting else None


def address_of(name: str) -> str:
    """A link from any page to another: "./vae?view=…", or "" where no page shows the claim."""
    state = state_of(name)
    return "" if state is None else f"./{state[0]}?{urlencode(state[1])}".rstrip("?")
