"""The KL penalty of RLHF in a small language world that is computed whole."""
