"""A teacher's softened answers, and students trained on them."""
