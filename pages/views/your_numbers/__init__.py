"""One's own numbers: read, compared in every way, and what usual code would have said of them."""
