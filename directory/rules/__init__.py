"""What suits whom, worked out from values alone."""
