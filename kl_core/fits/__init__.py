"""Gaussians fitted to mixtures: forward, reverse and between, their landscapes, minima, descents and thresholds."""
