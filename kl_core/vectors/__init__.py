"""Vectors of probabilities, logits and code lengths: KL without a distribution object."""
