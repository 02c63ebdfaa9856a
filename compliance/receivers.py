"""Hears Django's own signals."""

from typing import Any

from django.contrib.auth.signals import user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.signals import invitation_forged
from compliance import security
from compliance.enums import SecurityKind


@receiver(user_login_failed)
def keep_failed_login(
    credentials: dict[str, Any], request: HttpRequest | None = None, **_: object
) -> None:
    """Record a failed login: for which address, never with what password."""
    typed = str(credentials.get("email") or credentials.get("username") or "")
    # People type their password into the wrong box: only what is an address is kept.
    shown = typed[:254] if "@" in typed else ""
    security.record(SecurityKind.LOGIN_FAILED, request=request, detail={"email": shown})


@receiver(invitation_forged)
def keep_forged_invitation(request: HttpRequest, **_: object) -> None:
    """Record that someone followed an invitation link nobody issued."""
    security.record(SecurityKind.FORGED_TOKEN, request=request, detail={"path": "/invitations/"})
