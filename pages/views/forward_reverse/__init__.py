"""One Gaussian fitted to a mixture in both directions."""
