"""Rules over plain text: who is never written to, and what no e-mail may contain. Pure."""

import re

# Local parts that are machines or offices of last resort, never a person to pitch to.
_NEVER = re.compile(
    r"^(?:(?:.*[._-])?(?:no[._-]?reply|do[._-]?not[._-]?reply|dont[._-]?reply|not?[._-]?respond"
    r"|ne[._-]?pas[._-]?repondre|nao[._-]?responda|keine[._-]?antwort)(?:[._+-].*|\d*)"
    r"|mailer[._-]?daemon|postmaster|hostmaster|abuse|spam|phishing|bounces?(?:[+._-].*)?"
    r"|listserv|majordomo|root|nobody|devnull|unsubscribe)$"
)
_LEFTOVER = re.compile(r"\{\{.{0,60}|\{%.{0,60}|\}\}|%\}", re.DOTALL)
_LINE_BREAKS = re.compile(r"[\r\n\x00]")

# Whole domains of mailbox providers: suppressing one would silence everyone who uses it.
MAILBOX_PROVIDERS = frozenset({
    "gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "msn.com",
    "yahoo.com", "yahoo.co.uk", "ymail.com", "icloud.com", "me.com", "mac.com", "aol.com",
    "gmx.de", "gmx.net", "gmx.com", "gmx.at", "gmx.ch", "web.de", "t-online.de", "freenet.de",
    "mail.com", "mail.ru", "yandex.ru", "yandex.com", "proton.me", "protonmail.com", "zoho.com",
    "fastmail.com", "orange.fr", "wanadoo.fr", "free.fr", "laposte.net", "libero.it",
    "virgilio.it", "seznam.cz", "wp.pl", "o2.pl", "onet.pl", "interia.pl", "qq.com", "163.com",
    "126.com", "naver.com", "hey.com", "comcast.net", "verizon.net", "att.net", "btinternet.com",
    "sky.com", "bluewin.ch", "hotmail.co.uk",
})  # fmt: skip


def is_never_written_to(address: str) -> bool:
    """Return whether an address belongs to a no-reply robot, abuse desk or postmaster."""
    return bool(_NEVER.match(address.rpartition("@")[0].lower()))


def leftover_syntax(*texts: str) -> str:
    """Return the first piece of template syntax still in the texts; "" when there is none."""
    for text in texts:
        found = _LEFTOVER.search(text)
        if found:
            return " ".join(found.group().split())[:60]
    return ""


def breaks_header(*values: str) -> bool:
    """Return whether a value holds CR, LF or NUL, which could add a header (RFC 5322 2.2)."""
    return any(_LINE_BREAKS.search(value) for value in values)
