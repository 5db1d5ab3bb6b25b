"""VAE: what the KL term does to a latent space, on handwritten digits."""

import streamlit as st
import torch

from kl_core.vaes.shipped import VAE_BETAS
from pages.shared import controls, state
from pages.shared.downloads import downloads
from pages.shared.header import page_header
from pages.shared.live import live
from pages.shared.style import UNITS, Unit
from pages.views.vae import elbo_state
from pages.views.vae.diffusion_state import CHOICES as DIFFUSION_CHOICES
from pages.views.vae.diffusion_state import PLACES as DIFFUSION
from pages.views.vae.diffusion_state import levels_problem
from pages.views.vae.diffusion_view import diffusion_view
from pages.views.vae.drawing_state import drawing_problem
from pages.views.vae.drawing_view import drawing_view
from pages.views.vae.elbo_view import elbo_view
from pages.views.vae.four_runs import FOUR_RUNS
from pages.views.vae.introductions import OF_VIEWS
from pages.views.vae.linear import LEAST, MOST, MOST_BETA, START, linear_csv, linear_scene, trained, trained_on
from pages.views.vae.posterior import NORMAL, posterior_scene
from pages.views.vae.reductions import BATCHES, BOTH_RUNS, LOSSES, NAMES, reductions_view
from pages.views.vae.runs import watch
from pages.views.vae.scene import SPAN, csv_of_betas, vae_scene
from pages.views.vae.training import OWN_RUN, RUNS, TRAINING, vae_training_view

# Of what is set in a picture. (A string here would be shown: Streamlit writes out what stands alone in a page.)
PLACES = {"beta_vae": (0.0, VAE_BETAS[-1]), "z1": (-SPAN, SPAN), "z2": (-SPAN, SPAN), "lam": (LEAST, MOST), "beta_linear": (0.0, MOST_BETA)}
CODE = """from kl_core.data.digits import load_digits
from kl_core.vaes.shipped import VAE_BETAS, load_vaes
from kl_core.vaes.vae_latent import measure

for beta in VAE_BETAS:
    measured = measure(load_vaes()[beta], load_digits()[1], draws=4)
    print(f"β = {beta:g}: rate {measured.rate:.3f}, distortion {measured.distortion:.3f} nats, KL by dimension {measured.kl.tolist()}")
"""
POSTERIOR_CODE = """import torch
from kl_core.vaes.vae import kl_terms_of_posterior, vae_kl_loss

mu, logvar = torch.tensor({mu}), torch.tensor({logvar})
print(vae_kl_loss(mu, logvar))  # -0.5 * sum(1 + logvar - mu**2 - exp(logvar))
print(kl_terms_of_posterior(mu, logvar))
"""
LINEAR_CODE = """from kl_core.vaes.linear_vae import collapse_beta, linear_vae_optimum

optimum = linear_vae_optimum({lam}, {beta})
print(f"weight² {{optimum.weight_squared:.5f}}, KL {{optimum.rate:.5f}} nats; collapse from β = {{collapse_beta({lam}):g}}")
"""


def _left(message: dict) -> None:
    """Where the probe, or β, was left."""
    if state.leave_at("beta_vae", message):
        return
    for name, value in zip(("z1", "z2"), message.get("z", ()), strict=False):
        state.leave_at(name, {"scrub": value})


def _latent_view(unit: Unit) -> None:
    """The networks that ship, β under the scrubber."""
    z = controls.left_within("z1", -SPAN, SPAN, 0.5), controls.left_within("z2", -SPAN, SPAN, 0.5)
    live(vae_scene(unit, controls.left_within("beta_vae", 0.0, VAE_BETAS[-1], 1.0), z), key="latent", on_settle=_left)
    downloads(lambda: CODE, csv_of_betas, "Rate, distortion and KL by dimension", "vae.csv")


def _posterior_view(unit: Unit) -> None:
    """One posterior with handles, and what its KL is made of."""
    told, posterior = posterior_scene(unit)
    live(told, key="posterior", on_settle=_moved)
    mu, scale = posterior.values["loc"], posterior.values["scale"]
    downloads(
        lambda: POSTERIOR_CODE.format(mu=mu, logvar=2 * torch.tensor(scale).log().item()),
        lambda: "mu,sigma\n" + f"{mu},{scale}\n",
        "The posterior",
        "posterior.csv",
    )


def _moved(message: dict) -> None:
    """Where a handle of the posterior was left."""
    state.put_from_picture(message, lambda _: NORMAL)
    state.link_moved(("q",), NORMAL)


def _train_networks(lam: float) -> None:
    trained_on(lam)


def _linear_view(unit: Unit) -> None:
    """The VAE with an exact solution, under λ and β."""
    lam, beta = _dials()
    job = trained(lam)
    watch([job] if job else [], lambda: _linear_picture(unit, lam))
    if job is None:  # a link alone starts no training
        st.button("Train networks at this λ", key="train_linear", on_click=_train_networks, args=(lam,))
    downloads(
        lambda: LINEAR_CODE.format(lam=lam, beta=beta),
        lambda: linear_csv(lam, list(job.results) if job else []),
        "The optimum at every β, and the trained networks",
        "linear_vae.csv",
    )


def _dials() -> tuple[float, float]:
    """λ and β, where they were left."""
    return controls.left_within("lam", LEAST, MOST, START[0]), controls.left_within("beta_linear", 0.0, MOST_BETA, START[1])


def _linear_picture(unit: Unit, watched: float) -> None:
    """watched: the λ whose training is being looked at; another one makes the page anew."""
    lam, beta = _dials()
    job = trained(lam)
    live(linear_scene(lam, beta, unit, list(job.results) if job else []), key="linear", on_settle=_dialled)
    if lam != watched:
        st.rerun()


def _dialled(message: dict) -> None:
    """Where the sliders were left. Another λ asks for its networks, and no longer for those of the λ before."""
    before, _ = _dials()
    for key, name in (("lam", "lam"), ("beta_linear", "beta")):
        state.leave_at(key, {"scrub": message.get("dials", {}).get(name)})
    lam, _ = _dials()
    if lam != before:
        if job := trained(before):
            job.leave()
        trained_on(lam)


VIEWS = {
    "Latent space": _latent_view,
    "KL of one posterior": _posterior_view,
    "Draw your own": drawing_view,
    "What the ELBO leaves out": elbo_view,
    "Linear VAE": _linear_view,
    "Train your own": vae_training_view,
    "Sum or mean": reductions_view,
    "Diffusion": diffusion_view,
}
CHOICES = {
    "unit": UNITS,
    "view": VIEWS,
    "reduction": NAMES,
    "batch": [str(one) for one in BATCHES],
    "runs": RUNS,
    **DIFFUSION_CHOICES,
    **elbo_state.CHOICES,
}


def _begin_anew(arrived: bool, view: str) -> None:
    """A view that one comes to shows what its controls, or the link, ask for, and not the run before."""
    if arrived or st.session_state.get("vae_view") != view:
        for asked in (OWN_RUN, FOUR_RUNS, BOTH_RUNS):
            st.session_state.pop(asked.remembered, None)
    st.session_state["vae_view"] = view


def _link_problem() -> str | None:
    return (
        state.link_problem(CHOICES, distributions={"q": NORMAL}, places=PLACES | TRAINING | LOSSES | DIFFUSION | elbo_state.RANGES)
        or levels_problem()
        or drawing_problem()
    )


def main() -> None:
    arrived = state.link_is_new()
    view, unit = page_header("vae", list(VIEWS), of_views=OF_VIEWS, problem=_link_problem)
    _begin_anew(arrived, view)
    VIEWS[view](unit)


main()
