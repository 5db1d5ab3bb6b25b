"""Two distributions: its choices, its downloads, KL as extra bits per symbol, and speculative decoding."""
