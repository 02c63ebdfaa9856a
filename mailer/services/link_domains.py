"""An agency's own host name for its links: seen to lead to us before anything uses it."""

import http.client
import ssl

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from mailer.doors import HostError, open_socket
from mailer.models import Mailbox, TrackingDomain
from mailer.selectors_links import forget_hosts

TIMEOUT = 8.0  # seconds; a person waits
_MOST = 200  # bytes of an answer that are looked at


def proof_of(host: str) -> str:
    """Return what we, and nobody else, answer at a host name that leads to us."""
    return salted_hmac("mailer.link_domain", host.lower(), algorithm="sha256").hexdigest()


def check_link_domain(mailbox: Mailbox) -> bool:
    """See whether the mailbox's link domain leads to us; links use it from then on.

    The problem, in words, stays on the mailbox. A domain that stops leading to us is no
    longer used for new e-mails.
    """
    problem = _problem(mailbox)
    mailbox.tracking_problem = problem[:300]
    mailbox.tracking_verified_at = None if problem else timezone.now()
    mailbox.save(update_fields=["tracking_problem", "tracking_verified_at"])
    return not problem


def _problem(mailbox: Mailbox) -> str:
    host = mailbox.tracking_domain
    try:
        answer = _ask(host)
    except (OSError, HostError, http.client.HTTPException, ValueError) as error:
        return _in_words(host, error)
    if not constant_time_compare(answer, proof_of(host)):
        return f"{host} answers, but it does not lead here. Check its CNAME record."
    return _take(mailbox, host)


def _in_words(host: str, error: Exception) -> str:
    if isinstance(error, HostError):
        return str(error)
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"{host} has no valid certificate: {error.verify_message}."
    return f"{host} could not be reached over https: {error}."


def _take(mailbox: Mailbox, host: str) -> str:
    try:
        with transaction.atomic():
            row, _ = TrackingDomain.objects.get_or_create(
                host=host, defaults={"agency": mailbox.agency}
            )
    except (IntegrityError, ValidationError):
        row = TrackingDomain.objects.get(host=host)
    forget_hosts()
    if row.agency_id != mailbox.agency_id:
        return f"{host} already carries another agency's links."
    return ""


def _ask(host: str) -> str:
    """Fetch the proof over https from the host's checked address."""
    # Only where a stand-in answers is it another port and authority.
    port = getattr(settings, "LINK_DOMAIN_PORT", 443)
    raw = open_socket(host, port, timeout=TIMEOUT)
    context = ssl.create_default_context(cafile=getattr(settings, "LINK_DOMAIN_CA", "") or None)
    try:
        secured = context.wrap_socket(raw, server_hostname=host)
    except OSError:
        raw.close()
        raise
    connection = http.client.HTTPConnection(host, port, timeout=TIMEOUT)
    connection.sock = secured
    try:
        connection.request("GET", reverse("mailer_public:proof"), headers={"Host": host})
        return connection.getresponse().read(_MOST).decode("ascii", "replace").strip()
    finally:
        connection.close()
