"""Template tags of the leads app."""
