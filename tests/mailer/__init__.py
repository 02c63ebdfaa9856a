"""Tests of the mailer app."""
