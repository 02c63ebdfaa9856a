"""Rules the whole project keeps, read from the code and the resolver themselves."""
