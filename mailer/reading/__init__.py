"""Reading one incoming e-mail: what kind it is, what is new in it, what it wants.

Pure: bytes in, a `Reading` out; no database, no clock, no network. Input is bounded
(`mime.MAX_BYTES`, `mime.MAX_TEXT`) and every pass over it is linear.
"""

from mailer.reading.mail import BouncedRecipient, Price, Reading, read_mail

__all__ = ["BouncedRecipient", "Price", "Reading", "read_mail"]
