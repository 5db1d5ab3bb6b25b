"""The page one would write without the live picture: two sliders a distribution, a Plotly chart, two numbers."""

import plotly.graph_objects as go
import streamlit as st
import torch
from torch.distributions import Normal, kl_divergence

st.set_page_config(page_title="Stock page", layout="wide")
st.title("Two distributions")

left, right = st.columns(2)
with left:
    p = Normal(
        torch.tensor(st.slider("P mean", -6.0, 6.0, -1.0, 0.1, key="p_loc"), dtype=torch.float64),
        torch.tensor(st.slider("P scale", 0.1, 5.0, 0.8, 0.05, key="p_scale"), dtype=torch.float64),
    )
with right:
    q = Normal(
        torch.tensor(st.slider("Q mean", -6.0, 6.0, 1.0, 0.1, key="q_loc"), dtype=torch.float64),
        torch.tensor(st.slider("Q scale", 0.1, 5.0, 1.5, 0.05, key="q_scale"), dtype=torch.float64),
    )

x = torch.linspace(-8, 8, 241, dtype=torch.float64)
figure = go.Figure([go.Scatter(x=x.numpy(), y=d.log_prob(x).exp().numpy(), name=name, mode="lines") for name, d in (("P", p), ("Q", q))])
st.plotly_chart(figure, key="curves")

pq, qp = st.columns(2)
pq.metric("KL(P‖Q)", f"{kl_divergence(p, q):.6f} nats")
qp.metric("KL(Q‖P)", f"{kl_divergence(q, p):.6f} nats")
