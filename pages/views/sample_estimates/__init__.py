"""A KL estimated from samples."""
