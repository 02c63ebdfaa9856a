"""Tests of the campaigns app."""
