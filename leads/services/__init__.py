"""Every write of the leads app."""
