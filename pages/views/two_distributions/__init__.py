"""Two distributions: its choices, its downloads, and KL as extra bits per symbol."""
