"""Numbers that stand for “no log-probability known” in logs and in answers of servers."""

PLACEHOLDERS = (-999.0, 9999.0)
NO_LOG_PROBABILITY = -9000.0
"""What servers write where no log-probability is known: OpenAI −9999.0, attention masks −10000, others the least float."""


def as_written(value: float) -> str:
    """As it stands in a file, mostly."""
    return f"{value:.1f}" if abs(value) < 1e6 else f"{value:g}"
