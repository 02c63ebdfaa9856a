"""The mailer's tables in the admin: outgoing, then incoming."""

from mailer.admin import incoming, outgoing

__all__ = ["incoming", "outgoing"]
