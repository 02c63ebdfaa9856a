"""Other companies' APIs, one file each, behind one Protocol a kind."""
