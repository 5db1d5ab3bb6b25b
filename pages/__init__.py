"""One file an exploration."""
