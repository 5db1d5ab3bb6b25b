"""KL from samples: k1, k2, k3, their errors and gradients, token logs and empirical samples."""
