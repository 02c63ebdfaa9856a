"""A spreadsheet in, the same spreadsheet with researched opening lines out."""
