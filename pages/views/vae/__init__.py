"""The KL term of a variational autoencoder."""
