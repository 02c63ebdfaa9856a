"""Factories, minimal, one module an app."""
