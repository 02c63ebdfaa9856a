"""Mail providers whose servers are known, so that nobody has to look them up."""

from dataclasses import dataclass

from django.conf import settings

from mailer.enums import ConnectionSecurity
from mailer.sandbox import PASSWORD as SANDBOX_PASSWORD

_TLS, _STARTTLS = ConnectionSecurity.TLS, ConnectionSecurity.STARTTLS


@dataclass(frozen=True)
class Provider:
    """The servers of a provider, and what to know before typing a password."""

    key: str
    name: str
    smtp_host: str = ""
    smtp_port: int = 587
    smtp_security: str = _STARTTLS
    imap_host: str = ""
    imap_port: int = 993
    imap_security: str = _TLS
    imap_sent_folder: str = ""
    smtp_username: str = ""
    daily_cap: int = 50
    hint: str = ""
    # What a domain's SPF record must include, and the selectors its keys usually have.
    spf_includes: tuple[str, ...] = ()
    dkim_selectors: tuple[str, ...] = ()
    # It puts an address of its own into the envelope unless told otherwise.
    own_envelope: bool = False


_NO_INBOX = "It only sends: replies are read from the mailbox behind your Reply-To address."

PROVIDERS: dict[str, Provider] = {
    provider.key: provider
    for provider in (
        Provider(
            "gmail",
            "Gmail",
            smtp_host="smtp.gmail.com",
            imap_host="imap.gmail.com",
            imap_sent_folder="[Gmail]/Sent Mail",
            hint="Gmail wants an app password: Google account, Security, 2-Step Verification,"
            " App passwords. The password you sign in with is refused.",
            spf_includes=("_spf.google.com",),
            dkim_selectors=("google",),
        ),
        Provider(
            "outlook",
            "Outlook",
            smtp_host="smtp.office365.com",
            imap_host="outlook.office365.com",
            imap_sent_folder="Sent Items",
            hint="An administrator must allow Authenticated SMTP for this mailbox; many"
            " organisations switch it off.",
            spf_includes=("spf.protection.outlook.com",),
            dkim_selectors=("selector1", "selector2"),
        ),
        Provider(
            "zoho",
            "Zoho",
            smtp_host="smtp.zoho.com",
            smtp_port=465,
            smtp_security=_TLS,
            imap_host="imap.zoho.com",
            imap_sent_folder="Sent",
            hint="Switch IMAP on in Zoho’s settings, and use an app password when two-factor"
            " login is on. Accounts in Europe use smtp.zoho.eu and imap.zoho.eu.",
            spf_includes=("zohomail.com", "zohomail.eu", "zoho.com", "zoho.eu", "one.zoho.com"),
            dkim_selectors=("zmail", "zoho", "zohomail"),
        ),
        Provider(
            "fastmail",
            "Fastmail",
            smtp_host="smtp.fastmail.com",
            smtp_port=465,
            smtp_security=_TLS,
            imap_host="imap.fastmail.com",
            imap_sent_folder="Sent",
            hint="Fastmail wants an app password with access to mail.",
            spf_includes=("spf.messagingengine.com",),
            dkim_selectors=("fm1", "fm2", "fm3", "mesmtp"),
        ),
        Provider(
            "sendgrid",
            "SendGrid",
            smtp_host="smtp.sendgrid.net",
            smtp_username="apikey",
            hint=f"The user name is the word apikey, the password your API key. {_NO_INBOX}",
            spf_includes=("sendgrid.net",),
            dkim_selectors=("s1", "s2", "smtpapi"),
            own_envelope=True,
        ),
        Provider(
            "mailgun",
            "Mailgun",
            smtp_host="smtp.mailgun.org",
            hint=f"Domains in Europe use smtp.eu.mailgun.org. {_NO_INBOX}",
            spf_includes=("mailgun.org",),
            dkim_selectors=("smtp", "mailo", "k1", "mx", "mg", "pic", "krs"),
        ),
        Provider(
            "ses",
            "Amazon SES",
            smtp_host="email-smtp.us-east-1.amazonaws.com",
            hint="Put your region into the server name, and use SMTP credentials made in SES,"
            f" not an access key. {_NO_INBOX}",
            spf_includes=("amazonses.com",),
            own_envelope=True,
        ),
        Provider("custom", "Another server"),
    )
}


def known_providers() -> dict[str, Provider]:
    """Return every provider by its key; the sandbox comes first where it is open."""
    if not settings.SANDBOX:
        return PROVIDERS
    sandbox = Provider(
        "sandbox",
        "Sandbox",
        smtp_host="127.0.0.1",
        smtp_port=settings.SANDBOX_SMTP_PORT,
        smtp_security=ConnectionSecurity.NONE,
        imap_host="127.0.0.1",
        imap_port=settings.SANDBOX_IMAP_PORT,
        imap_security=ConnectionSecurity.NONE,
        imap_sent_folder="Sent",
        hint=f"Any address will do; the password is {SANDBOX_PASSWORD}. Nothing leaves this"
        " computer.",
    )
    return {sandbox.key: sandbox, **PROVIDERS}
