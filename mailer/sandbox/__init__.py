"""The sandbox: real SMTP and IMAP servers on loopback, and the prospects who answer.

Every mail handed to its SMTP server is kept in a file of its own, apart from our
tables: what prospects really received. `store` reads that file and answers as a
prospect. It exists only where `settings.SANDBOX` is on.

Any address is a mailbox; its password is `PASSWORD`. A word of the recipient's local
part (split at `.`, `-`, `_`, `+`) decides how the recipient's server behaves:

reject  550 5.1.1 at RCPT: no such person
busy    452 4.2.2 at RCPT, every time
later   451 4.7.1 at RCPT the first time, accepted from then on (greylisting)
bounce  accepted; a delivery report (5.1.1, RFC 3464) arrives in the sender's inbox
full    accepted; a delivery report (4.2.2, mailbox full) arrives in the sender's inbox
slow    accepted, but the answer to DATA takes five seconds
"""

# A fixed password is the point of a sandbox: it guards nothing and runs in DEBUG only.
PASSWORD = "sandbox"  # noqa: S105

# The largest mail either server takes.
MAX_BYTES = 25 * 1024 * 1024
