"""kl_core: KL divergence between distributions, exact where usual code loses its digits. Pure torch, in nats."""
