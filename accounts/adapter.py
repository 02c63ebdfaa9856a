"""How sign-up, login and account mail work here."""

import smtplib
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import structlog
from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as allauth_context
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

log = structlog.get_logger(__name__)

PRODUCT = "Outreach Desk"


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Account mail in the product's name, links on its own address, redirects that stay here."""

    def format_email_subject(self, subject: str) -> str:
        """Return the subject as it is; the sender already names the product."""
        return subject

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send an account mail; when the mail server is away say so instead of failing."""
        request = allauth_context.request
        everything = {
            "request": request,
            "email": email,
            "product": PRODUCT,
            "site_url": settings.SITE_URL,
            "current_site": SimpleNamespace(
                name=PRODUCT, domain=urlsplit(settings.SITE_URL).netloc
            ),
            **context,
        }
        if "signup_url" in context:
            everything["signup_url"] = settings.SITE_URL + reverse("account_signup")
        try:
            self.render_mail(template_prefix, email, everything).send()
        except (OSError, smtplib.SMTPException) as error:
            log.warning("account_mail_not_sent", template=template_prefix, error=str(error))
            messages.error(
                request, "The e-mail could not be sent just now. Ask for it again in a few minutes."
            )
            request.account_mail_failed = True

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        """Say what happened, but never that a mail was sent when it was not."""
        sent = (message_template or "").endswith("email_confirmation_sent.txt")
        if not (sent and getattr(request, "account_mail_failed", False)):
            super().add_message(request, level, message_template, *args, **kwargs)

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:
        """Return the confirmation link on the product's own address, whatever Host was sent."""
        path = reverse("account_confirm_email", args=[emailconfirmation.key])
        return f"{settings.SITE_URL}{path}"

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Return the reset link on the product's own address, whatever Host was sent."""
        uid, _, token = key.partition("-")
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": uid, "key": token})
        return f"{settings.SITE_URL}{path}"

    def send_account_already_exists_mail(self, email: str) -> None:
        """Tell someone who signs up twice that they have an account; the page never does."""
        reset = settings.SITE_URL + reverse("account_reset_password")
        login = settings.SITE_URL + reverse("account_login")
        context = {"password_reset_url": reset, "login_url": login}
        self.send_mail("account/email/account_already_exists", email, context)

    def is_safe_url(self, url: str) -> bool:
        """Return whether a redirect stays on the host that was asked."""
        request = allauth_context.request
        return url_has_allowed_host_and_scheme(
            url, allowed_hosts={request.get_host()}, require_https=request.is_secure()
        )
