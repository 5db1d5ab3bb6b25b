"""The view "What the ELBO leaves out": log p(x) as one bar, and the true posterior with a q to drag onto it."""

import streamlit as st

from ...shared.downloads import downloads
from ...shared.hands import answered, take_message
from ...shared.scripts import Script
from ...shared.style import Unit
from .elbo_export import elbo_code, elbo_csv
from .elbo_scene import elbo_scene
from .elbo_state import elbo_state, leave_elbo, moved

_KEY = "elbo"
_MORE = """
*Amortisation gap*: one encoder network answers for every image, so its q is not the best q for this one.
*Approximation gap*: the true posterior is not a Gaussian with a diagonal covariance, so even the best q misses some of it.
Cremer, Li & Duvenaud 2018, [arXiv 1801.03558](https://arxiv.org/abs/1801.03558).

*IWAE* averages k samples inside the logarithm: L_k = E[log (1/k) Σ p(x, zᵢ)/q(zᵢ)]. L₁ is the ELBO, L_k never falls as k grows, and it
tends to log p(x). The best q for the ELBO need not be the best for k = 64: a wide q wastes samples, but some of them find every hill.
Burda et al. 2015, [arXiv 1509.00519](https://arxiv.org/abs/1509.00519).

With two latent dimensions, log p(x) and every ELBO are sums over a grid. The error on screen is what a grid of every second node differs
by. Grey values count as probabilities of ink, as in training. In the *linear VAE* the posterior is Gaussian and every term has a closed
form: Lucas et al. 2019, [arXiv 1911.02469](https://arxiv.org/abs/1911.02469).
"""
_component = st.components.v2.component("kl_elbo", js=Script("views/vae/elbo/main.js").loader)


def _hand() -> None:
    if (message := take_message(_KEY)) is not None:
        leave_elbo(moved(elbo_state(), message))


@st.fragment  # a dragged q reruns this alone
def elbo_view(unit: Unit) -> None:
    """The bar, the plane with q, and the bounds of several samples."""
    shown = elbo_state()
    _component(key=_KEY, data=elbo_scene(shown, unit, answered(_KEY)), on_settle_change=_hand)
    with st.expander("More: the two gaps, IWAE, and how exact this is"):
        st.markdown(_MORE)
    downloads(lambda: elbo_code(shown), lambda: elbo_csv(shown), "Every bound", "elbo.csv")
