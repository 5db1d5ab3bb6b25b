"""A pair of distributions: its picture, its numbers and what one takes along."""
