"""Selectors of the directory app."""
