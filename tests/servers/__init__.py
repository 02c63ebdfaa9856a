"""Real local servers that stand in for other companies."""
