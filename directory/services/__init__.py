"""Services of the directory app."""
