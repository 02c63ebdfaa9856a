"""Pages of the leads app, one topic a module."""
