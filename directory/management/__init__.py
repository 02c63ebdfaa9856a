"""Management of the directory app."""
