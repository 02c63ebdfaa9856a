"""Directories as rows of a spreadsheet: read, checked, compared with what is there."""
