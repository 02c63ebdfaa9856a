"""Pages of the mailer app."""
