"""Every write of the accounts app, one topic a module."""
