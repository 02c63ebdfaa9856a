"""Mails that could not be read: listed with the reason, tried again or dismissed."""

from django.db.models import Case, When
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.enums import Role
from accounts.tenancy import AgencyRequest, member_view
from foundation.choices import MoveError
from foundation.pages import say
from mailer.enums import SetAsideStatus
from mailer.models import Mailbox, SetAsideMail
from mailer.services import set_aside as services

# What waits first, the newest before; older ones follow once these are settled.
SHOWN = 100
_SETTLED = (SetAsideStatus.TAKEN, SetAsideStatus.DISMISSED)


@member_view(Role.MEMBER)
@require_safe
def set_aside_list(request: AgencyRequest, pk: int) -> HttpResponse:
    """List what could not be read of a mailbox, with the reasons."""
    mailbox = get_object_or_404(Mailbox.objects.for_agency(request.agency), pk=pk)
    rows = SetAsideMail.objects.for_agency(request.agency).filter(mailbox=mailbox)
    settled = Case(When(status__in=_SETTLED, then=1), default=0)
    context = {"mailbox": mailbox, "mails": rows.order_by(settled, "-at", "-pk")[:SHOWN]}
    return render(request, "mailer/set_aside_list.html", context)


@member_view(Role.MEMBER)
@require_POST
def set_aside_again(request: AgencyRequest, pk: int) -> HttpResponse:
    """Have a mail read again."""
    return _decide(request, pk, "again")


@member_view(Role.MEMBER)
@require_POST
def set_aside_dismiss(request: AgencyRequest, pk: int) -> HttpResponse:
    """Take a mail out of view; it stays in its folder."""
    return _decide(request, pk, "dismiss")


def _decide(request: AgencyRequest, pk: int, what: str) -> HttpResponse:
    mail = get_object_or_404(SetAsideMail.objects.for_agency(request.agency), pk=pk)
    act, words = {
        "again": (services.try_again, "It is read again within a few minutes."),
        "dismiss": (services.dismiss, "Dismissed. The mail stays in its folder."),
    }[what]
    try:
        done = act(mail)
    except MoveError:
        done = False
    say(request, words if done else "It was settled already.", tone="ok" if done else "bad")
    return redirect("mailer:set_aside", request.agency.slug, mail.mailbox_id)
