"""The start page: what KL divergence is, as a story of ten scenes, and where to go from there."""

from pages.views.start import story

story()
