"""Other companies' services behind one Protocol per kind."""
