"""Screens of the compliance app."""
