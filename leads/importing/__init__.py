"""Reading other people's spreadsheets: bytes in, clean rows and named problems out."""
