"""What follows from a lead's own values: places, zones, quality, score. Pure."""
