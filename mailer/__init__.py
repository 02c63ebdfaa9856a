"""Mailboxes, the outbox, tracking and the inbox; knows addresses, never leads."""
