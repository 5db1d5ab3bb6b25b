"""States worth seeing: by name, as pills and as short links."""
