"""The KL penalty of a policy."""
