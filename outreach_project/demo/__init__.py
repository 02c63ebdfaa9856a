"""A demo agency to look at, and the whole journey played through real mail servers."""
