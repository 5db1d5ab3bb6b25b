"""The digits, the corpus and the arrays of trained networks, and how they are read."""
