"""Pages of the integrations app."""
