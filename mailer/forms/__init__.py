"""Input of the mailer's pages to clean values."""
