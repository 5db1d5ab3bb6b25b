"""Small programs for make."""
