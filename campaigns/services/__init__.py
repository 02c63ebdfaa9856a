"""Every write of the campaigns app."""
