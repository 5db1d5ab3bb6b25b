"""Two distributions: what to take along, and extra bits."""
