"""Commands of the mailer app."""
