"""VAE: what the KL term does to a latent space, on handwritten digits."""

import csv
import io

import streamlit as st
import torch

from pages.shared import controls
from pages.shared.live import live
from pages.shared.posterior_scene import linear_scene, posterior_scene
from pages.shared.style import UNITS
from pages.shared.take_along import take_along
from pages.shared.vae_scene import BETAS, SPAN, column, kl_by_dimension, vae_scene

VIEWS = ["Latent space", "KL of one posterior", "Linear VAE"]
KEPT = ("view", "unit", "beta_vae", "z1", "z2", "q_loc", "q_scale", "lam", "beta_linear")
CODE = """from kl_core.digits import load_digits
from kl_core.trained import VAE_BETAS, load_vaes
from kl_core.vae_latent import measure

for beta in VAE_BETAS:
    found = measure(load_vaes()[beta], load_digits()[1], draws=4)
    print(f"β = {beta:g}: rate {found.rate:.3f}, distortion {found.distortion:.3f} nats, KL by dimension {found.kl.tolist()}")
"""
POSTERIOR_CODE = """import torch
from kl_core.vae import kl_terms_of_posterior, vae_kl_loss

mu, logvar = torch.tensor({mu}), torch.tensor({logvar})
print(vae_kl_loss(mu, logvar))  # -0.5 * sum(1 + logvar - mu**2 - exp(logvar))
print(kl_terms_of_posterior(mu, logvar))
"""
LINEAR_CODE = """from kl_core.linear_vae import collapse_beta, linear_vae_law

law = linear_vae_law({lam}, {beta})
print(f"weight² {{law.weight_squared:.5f}}, KL {{law.rate:.5f}} nats; collapse from β = {{collapse_beta({lam}):g}}")
"""


def _left(message: dict) -> None:
    """Where the probe, or β, was left."""
    if controls.leave_at("beta_vae", message):
        return
    for name, value in zip(("z1", "z2"), message.get("z", ()), strict=False):
        controls.leave_at(name, {"scrub": value})


def _latent_view(unit) -> None:
    z = tuple(min(max(controls.left_at(name, start), -SPAN), SPAN) for name, start in (("z1", 0.5), ("z2", 0.5)))
    live(vae_scene(unit, controls.left_at("beta_vae", 1.0), z), key="latent", on_settle=_left)
    take_along(lambda: CODE, _csv, "Rate, distortion and KL by dimension", "vae.csv")


def _csv() -> str:
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(["beta", "rate", "distortion", "kl_1", "kl_2"])
    writer.writerows(torch.cat([torch.stack([BETAS, column("rate"), column("distortion")], -1), kl_by_dimension()], -1).tolist())
    return table.getvalue()


def _posterior_view(unit) -> None:
    told, law = posterior_scene(unit)
    live(told, key="posterior", on_settle=lambda message: controls.put_from_picture(message, lambda _: law.family) or controls.link_moved(("q",), law.family))
    mu, scale = law.values["loc"], law.values["scale"]
    take_along(lambda: POSTERIOR_CODE.format(mu=mu, logvar=2 * torch.tensor(scale).log().item()),
               lambda: "mu,sigma\n" + f"{mu},{scale}\n", "The posterior", "posterior.csv")


def _linear_view(unit) -> None:
    lam = st.slider("λ, the variance of the data", 0.5, 8.0, 4.0, 0.5, key="lam", bind="query-params")
    told, rows = linear_scene(lam, controls.left_at("beta_linear", 1.0), unit)
    live(told, key="linear", on_settle=lambda message: controls.leave_at("beta_linear", message))
    take_along(lambda: LINEAR_CODE.format(lam=lam, beta=1.0), lambda: rows, "The law at every β", "linear_vae.csv")


def main() -> None:
    controls.restore("vae")
    problem = controls.link_problem({"unit": UNITS, "view": VIEWS}) if "seen_vae" not in st.session_state else None
    st.session_state["seen_vae"] = True
    with st.container(horizontal=True, vertical_alignment="center"):
        st.title("VAE", anchor=False, width="content")
        view = st.segmented_control("View", VIEWS, default=VIEWS[0], required=True, key="view", bind="query-params", label_visibility="collapsed")
        unit = UNITS[st.segmented_control("Unit", list(UNITS), default="nats", required=True, key="unit", bind="query-params",
                                          label_visibility="collapsed") or "nats"]
    if problem:
        st.caption(f":material/info: {problem}")
    {VIEWS[1]: _posterior_view, VIEWS[2]: _linear_view}.get(view, _latent_view)(unit)
    controls.keep("vae", KEPT)


main()
