"""Figures, side by side with a peer or a limit in one run, as ratios; never a timed test."""
