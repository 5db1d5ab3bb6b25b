"""Variational autoencoders: the KL term, small models, their latent spaces and the linear VAE."""
