"""A mailbox as a person types it in; secrets are written, never shown."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError

from foundation.secrets import Secret
from mailer.doors import HostError, PrivateHostError, is_loopback, lookup
from mailer.enums import ConnectionSecurity, MailboxAuth
from mailer.headers import HeaderError, check_header, wire_address
from mailer.models import Mailbox
from mailer.providers import Provider, known_providers

_SECRET = {"autocomplete": "new-password", "spellcheck": "false"}
_SECTIONS = (
    ("Who it is", ("address", "display_name", "reply_to", "signature")),
    (
        "Sending (SMTP)",
        ("smtp_host", "smtp_port", "smtp_security", "smtp_username", "smtp_password"),
    ),
    (
        "Reading (IMAP)",
        (
            "imap_host",
            "imap_port",
            "imap_security",
            "imap_username",
            "imap_password",
            "imap_folder",
            "imap_sent_folder",
        ),
    ),
    (
        "How much, how fast",
        (
            "daily_cap",
            "hourly_cap",
            "gap_seconds",
            "gap_jitter_seconds",
            "ramp_start",
            "ramp_step",
            "bounce_pause_percent",
        ),
    ),
    ("Links in e-mails", ("tracking_domain",)),
)
# What a sign-in at the provider decides: its token goes to the provider's servers only.
_DECIDED = tuple(
    f"{kind}_{name}"
    for kind in ("smtp", "imap")
    for name in ("host", "port", "security", "username", "password")
)


class SecretInput(forms.PasswordInput):
    """A password field that never shows what is stored."""

    def __init__(self) -> None:
        super().__init__(attrs=_SECRET, render_value=False)


class MailboxForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """A mailbox; an empty password keeps the stored one."""

    smtp_password = forms.CharField(
        label="SMTP password", required=False, max_length=1000, strip=False, widget=SecretInput
    )
    imap_password = forms.CharField(
        label="IMAP password", required=False, max_length=1000, strip=False, widget=SecretInput
    )

    class Meta:
        model = Mailbox
        fields = (
            *tuple(name for _, names in _SECTIONS for name in names if "password" not in name),
            "provider",
        )
        widgets = {"signature": forms.Textarea(attrs={"rows": 4}), "provider": forms.HiddenInput}
        labels = {
            "display_name": "Name recipients see",
            "reply_to": "Replies go to",
            "smtp_host": "SMTP server",
            "smtp_port": "SMTP port",
            "smtp_security": "SMTP encryption",
            "smtp_username": "SMTP user name",
            "imap_host": "IMAP server",
            "imap_port": "IMAP port",
            "imap_security": "IMAP encryption",
            "imap_username": "IMAP user name",
            "imap_folder": "Folder to read",
            "imap_sent_folder": "Folder of sent mail",
            "daily_cap": "E-mails a day",
            "hourly_cap": "E-mails an hour",
            "gap_seconds": "Seconds between two e-mails",
            "gap_jitter_seconds": "Random extra seconds",
            "ramp_start": "E-mails on the first day",
            "ramp_step": "More each day",
            "bounce_pause_percent": "Pause when this share bounces (%)",
        }
        help_texts = {
            "reply_to": "Empty: to this address.",
            "signature": "Put under every e-mail, as text.",
            "smtp_username": "Usually the address itself.",
            "imap_host": "Empty: replies to this mailbox are not read.",
            "imap_username": "Empty: the SMTP user name.",
            "imap_sent_folder": "Empty: found by itself. Uncertain e-mails are looked for there.",
            "ramp_start": "Warms a new mailbox up slowly. Empty: no ramp-up.",
            "gap_seconds": "At least this long, however much waits.",
            "tracking_domain": "A name of your own that points at us, for example"
            " go.youragency.com. Empty: ours.",
            "bounce_pause_percent": "Of the last 100 e-mails; a person resumes the mailbox.",
        }

    def __init__(self, *args: Any, provider: Provider | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stored = self.instance.pk is not None
        self.initial_secrets = {
            "smtp": stored and bool(self.instance.smtp_password),
            "imap": stored and bool(self.instance.imap_password),
        }
        keep = "Stored. Leave empty to keep it." if stored else ""
        self.fields["smtp_password"].help_text = keep if self.instance.smtp_password else ""
        self.fields["imap_password"].help_text = (
            keep if self.instance.imap_password else "Empty: the SMTP password."
        )
        for name in ("provider", "smtp_security", "imap_security"):
            self.fields[name].required = name != "provider"
        if provider is not None and not stored:
            self._preset(provider)
        if self.instance.auth == MailboxAuth.OAUTH2:
            for name in ("address", *_DECIDED):
                del self.fields[name]

    def _preset(self, provider: Provider) -> None:
        for name in ("smtp_host", "smtp_port", "smtp_security", "smtp_username", "daily_cap"):
            self.initial[name] = getattr(provider, name)
        for name in ("imap_host", "imap_port", "imap_security", "imap_sent_folder"):
            self.initial[name] = getattr(provider, name)
        self.initial["provider"] = provider.key

    @property
    def sections(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields under their headings."""
        there = ((title, [n for n in names if n in self.fields]) for title, names in _SECTIONS)
        return [(title, [self[name] for name in names]) for title, names in there if names]

    def clean_address(self) -> str:
        """Lower-case, and fit for an envelope."""
        value: str = self.cleaned_data["address"].strip().lower()
        return _header("address", value) and _envelope(value)

    def clean_reply_to(self) -> str:
        """Fit for a header."""
        value: str = self.cleaned_data["reply_to"].strip().lower()
        return _envelope(value) if value else ""

    def clean_display_name(self) -> str:
        """Without anything that could start another header."""
        return _header("name", self.cleaned_data["display_name"].strip())

    def clean_smtp_password(self) -> str:
        """Kept out of tracebacks."""
        return Secret(self.cleaned_data["smtp_password"])

    def clean_imap_password(self) -> str:
        """Kept out of tracebacks."""
        return Secret(self.cleaned_data["imap_password"])

    def clean_smtp_host(self) -> str:
        """Not on a private network."""
        return _host(self.cleaned_data["smtp_host"])

    def clean_imap_host(self) -> str:
        """Not on a private network."""
        return _host(self.cleaned_data["imap_host"])

    def clean_tracking_domain(self) -> str:
        """A bare host name."""
        value: str = self.cleaned_data["tracking_domain"].strip().lower().rstrip(".")
        if value and (not value.isascii() or set(value) - _HOST_LETTERS or "." not in value):
            raise ValidationError("Type a host name only, for example go.youragency.com.")
        return value

    def clean_provider(self) -> str:
        """One we know, or none."""
        value: str = self.cleaned_data["provider"]
        return value if value in known_providers() else ""

    def clean(self) -> dict[str, Any]:
        """Check what depends on two fields."""
        data = super().clean() or self.cleaned_data
        for kind in ("smtp", "imap"):
            host, security = data.get(f"{kind}_host"), data.get(f"{kind}_security")
            if host and security == ConnectionSecurity.NONE and not _may_be_plain(host):
                words = "Passwords and mail would travel readable. Choose STARTTLS or TLS."
                self.add_error(f"{kind}_security", words)
        if (data.get("hourly_cap") or 0) > (data.get("daily_cap") or 0) > 0:
            self.add_error("hourly_cap", "More than the e-mails a day; lower it.")
        for name in ("smtp_password", "imap_password"):
            if not data.get(name):
                data.pop(name, None)  # keeps the stored one
        self._check_new_servers(data)
        return data

    def _check_new_servers(self, data: dict[str, Any]) -> None:
        """Send a stored password to no other server than the one it was typed for."""
        typed = bool(data.get("smtp_password"))
        stored = self.initial_secrets
        if "smtp_host" in self.changed_data and stored["smtp"] and not typed:
            self.add_error("smtp_password", _TYPE_AGAIN)
        typed = typed or bool(data.get("imap_password"))
        if "imap_host" in self.changed_data and any(stored.values()) and not typed:
            self.add_error("imap_password", _TYPE_AGAIN)


_TYPE_AGAIN = "Type the password again: it would go to another server than before."
_HOST_LETTERS = set("abcdefghijklmnopqrstuvwxyz0123456789.-")


def _host(value: str) -> str:
    host = value.strip().lower().rstrip(".")
    if not host:
        return ""
    if set(host) - _HOST_LETTERS - {":"}:
        raise ValidationError("Type a server name only, without https:// or a path.")
    try:
        lookup(host, 1)
    except PrivateHostError as error:
        words = "This is an address of a private network; use a public server."
        raise ValidationError(words) from error
    except HostError:
        pass  # a name that does not answer yet: the connection test says so
    return host


def _may_be_plain(host: str) -> bool:
    return bool(settings.ALLOW_PRIVATE_MAIL_HOSTS) and is_loopback(host)


def _header(field: str, value: str) -> str:
    try:
        return check_header(field, value)
    except HeaderError as error:
        raise ValidationError(str(error)) from error


def _envelope(value: str) -> str:
    try:
        wire_address(value)
    except HeaderError as error:
        raise ValidationError(str(error)) from error
    return value
