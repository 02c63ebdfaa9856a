"""Every write of the mailer app, one topic a module."""
