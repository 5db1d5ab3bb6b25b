"""Mutants that change nothing that anybody could see, each with the reason: by file and by the line as it would read."""

EQUAL: dict[tuple[str, str], str] = {}
