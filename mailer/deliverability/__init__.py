"""What decides whether mail arrives: the sending domain's DNS, and what an e-mail looks like.

Records are read (`spf`, `dkim_records`, `dmarc`), judged in plain words (`findings`), and
the text of an e-mail is looked at the way filters do (`content`). Nothing here writes.
"""
