"""Lessons: the ready ones, and one's own as a filmstrip."""
