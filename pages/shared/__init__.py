"""What every page shares: the frame, controls, figures, style and the live picture."""
