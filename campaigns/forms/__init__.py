"""Input of the campaigns app to clean values; never saves."""
