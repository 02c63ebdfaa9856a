"""The deliverability page of a mailbox: what the DNS says of its domain, and signing by us."""

from collections.abc import Callable
from typing import Any, Literal

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.enums import Role
from accounts.tenancy import AgencyRequest, member_view
from foundation.names import Names
from foundation.pages import say
from foundation.throttle import limited
from mailer.deliverability.findings import from_json
from mailer.deliverability.judging import FREE_MAIL
from mailer.dkim import txt_strings
from mailer.enums import DkimKeyStatus
from mailer.models import DkimKey, Mailbox, MailboxCheck
from mailer.selectors_signing import is_local, keys_of, sending_domain
from mailer.services import signing
from mailer.services.deliverability import SECONDS, check_mailbox
from mailer.views.mailboxes import mailbox_or_404

PAGE = "mailer:mailbox_deliverability"


@member_view(Role.MEMBER)
@require_safe
def mailbox_deliverability(request: AgencyRequest, pk: int) -> HttpResponse:
    """Show what was last found in the DNS, finding by finding, and the signing keys."""
    mailbox = mailbox_or_404(request, pk)
    check = MailboxCheck.objects.for_agency(request.agency).filter(mailbox=mailbox).first()
    domain = sending_domain(mailbox)
    rows = [(row, txt_strings(row.record_value)) for row in keys_of(mailbox)]
    context = {
        "mailbox": mailbox,
        "tab": "deliverability",
        "check": check,
        "findings": from_json(check.findings) if check else [],
        "local": is_local(mailbox),
        "domain": domain,
        "may_sign": bool(domain) and domain not in FREE_MAIL,
        "waiting": [pair for pair in rows if pair[0].status == DkimKeyStatus.WAITING],
        "active": [row for row, _ in rows if row.status == DkimKeyStatus.ACTIVE],
        "retiring": [row for row, _ in rows if row.status == DkimKeyStatus.RETIRING],
        "ready": any(row.verified_at for row, _ in rows if row.status == DkimKeyStatus.WAITING),
        "retire_days": signing.RETIRE_AFTER.days,
    }
    return render(request, "mailer/mailbox_deliverability.html", context)


@member_view(Role.MEMBER)
@require_POST
@limited("mailbox_check")
def mailbox_check(request: AgencyRequest, pk: int) -> HttpResponse:
    """Look the domain up again, now."""
    mailbox = mailbox_or_404(request, pk)
    check_mailbox(mailbox)
    say(request, f"Looked up {sending_domain(mailbox) or mailbox.address} again.")
    return redirect(PAGE, request.agency.slug, pk)


@member_view(Role.MANAGER)
@require_POST
@limited("mailbox_signing")
def mailbox_signing(request: AgencyRequest, pk: int, act: str) -> HttpResponse:
    """Change signing: make keys, check their records, switch on or off, throw keys away."""
    mailbox = mailbox_or_404(request, pk)
    work = _ACTS.get(act)
    if work is None:
        raise Http404
    try:
        said, tone = work(mailbox, request)
    except signing.SigningError as error:
        say(request, str(error), tone="bad")
    else:
        say(request, said, tone=tone)
    return redirect(PAGE, request.agency.slug, pk)


Said = tuple[str, Literal["ok", "warn", "bad"]]


def _make(mailbox: Mailbox, request: AgencyRequest) -> Said:
    if sending_domain(mailbox) in FREE_MAIL:
        raise signing.SigningError("Only the owner of a domain can publish keys for it.")
    signing.make_keys(mailbox, actor=request.user)
    return "Keys are made. Publish their records next.", "ok"


def _verify(mailbox: Mailbox, _: AgencyRequest) -> Said:
    found: dict[DkimKey, str] = signing.verify_keys(mailbox, Names(SECONDS))
    problems = [f"{row.selector}: {words}" for row, words in found.items() if words]
    if problems:
        return " ".join(problems), "warn"
    return "The records are there. You can switch signing on.", "ok"


def _on(mailbox: Mailbox, request: AgencyRequest) -> Said:
    rows = signing.switch_on(mailbox, actor=request.user)
    check_mailbox(mailbox)
    return f"E-mails of {rows[0].domain} are signed from now on.", "ok"


def _off(mailbox: Mailbox, request: AgencyRequest) -> Said:
    signing.switch_off(mailbox, actor=request.user)
    check_mailbox(mailbox)
    return "Nothing more is signed. Leave the records published for a week.", "ok"


def _discard(mailbox: Mailbox, request: AgencyRequest) -> Said:
    signing.discard_waiting(mailbox, actor=request.user)
    return "The keys are thrown away. Their records are of no use any more.", "ok"


_ACTS: dict[str, Callable[[Any, AgencyRequest], Said]] = {
    "make": _make,
    "verify": _verify,
    "on": _on,
    "off": _off,
    "discard": _discard,
}
