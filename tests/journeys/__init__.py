"""Whole ways through the product, against real servers."""
