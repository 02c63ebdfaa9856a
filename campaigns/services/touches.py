"""Openings and clicks by people: counted, moved and taken back as the mailer learns more."""

from collections.abc import Iterable, Mapping, Sequence

from django.db import transaction
from django.db.models import F, Min

from campaigns.models import Enrolment, StepEmail
from campaigns.services.history import record
from campaigns.services.rows import update_each, update_returning
from campaigns.services.stats import FIGURES, Cell, cell_of, count_figures, uncount_figures
from leads.enums import EventKind
from mailer.services.fetches import FirstChange

_KIND = {"opened": EventKind.OPENED, "clicked": EventKind.CLICKED}
_WORDS = {
    "opened": "Opened an e-mail of {campaign}",
    "clicked": "Clicked in an e-mail of {campaign}",
}
_BACK = {
    "opened": "Not opened after all: a program fetched the e-mail of {campaign}",
    "clicked": "Not clicked after all: a program followed the links of {campaign}",
}


@transaction.atomic
def record_touches(changes: Sequence[FirstChange]) -> None:
    """Bring figures, enrolments and timelines in line with changed firsts of e-mails.

    A few queries for each of the two figures, however many changes.
    """
    emails = {
        email.message_id: email
        for email in StepEmail.objects.filter(message__in={one.message_id for one in changes})
        .select_related("enrolment__lead", "campaign__agency", "step", "message")
        .order_by("pk")
    }
    for email in emails.values():
        email.enrolment.campaign = email.campaign
    for figure in _KIND:
        ours = [one for one in changes if one.figure == figure and one.message_id in emails]
        if ours:
            _count(figure, ours, emails)
            _settle_enrolments(figure, ours, emails)


def _count(
    figure: str, changes: Sequence[FirstChange], emails: Mapping[int | None, StepEmail]
) -> None:
    new = [one for one in changes if one.old is None]
    gone = [one for one in changes if one.new is None]
    moved = [one for one in changes if one.old and one.new]
    fresh = _mark(figure, new, emails, counted=True)
    lost = _mark(figure, gone, emails, counted=False)
    count_figures(figure, [*_cells(fresh, emails, "new"), *_cells(moved, emails, "new")])
    uncount_figures(figure, [*_cells(lost, emails, "old"), *_cells(moved, emails, "old")])
    _tell(fresh, emails, _KIND[figure], _WORDS[figure])
    _tell(lost, emails, _KIND[figure], _BACK[figure])


def _mark(
    figure: str,
    changes: Sequence[FirstChange],
    emails: Mapping[int | None, StepEmail],
    *,
    counted: bool,
) -> list[FirstChange]:
    """Set or clear the figure's bit; return the changes that it was not so before."""
    bit = 1 << FIGURES.index(figure)
    rows = (
        StepEmail.objects.annotate(seen=F("counted").bitand(bit))
        .filter(pk__in=[emails[one.message_id].pk for one in changes])
        .filter(seen=0 if counted else bit)
    )
    value = F("counted").bitor(bit) if counted else F("counted") - bit
    done = set(update_returning(rows, counted=value)) if changes else set()
    return [one for one in changes if emails[one.message_id].pk in done]


def _cells(
    changes: Iterable[FirstChange], emails: Mapping[int | None, StepEmail], which: str
) -> list[Cell]:
    found = []
    for one in changes:
        email, at = emails[one.message_id], one.new if which == "new" else one.old
        if at is not None:
            found.append(cell_of(email, at, email.campaign.agency.zone))
    return found


def _tell(
    changes: Sequence[FirstChange],
    emails: Mapping[int | None, StepEmail],
    kind: EventKind,
    words: str,
) -> None:
    if changes:
        record([emails[one.message_id].enrolment for one in changes], kind=kind, summary=words)


def _settle_enrolments(
    figure: str, changes: Sequence[FirstChange], emails: Mapping[int | None, StepEmail]
) -> None:
    """Put each enrolment's first where the earliest of its e-mails says."""
    column = f"{figure}_at"
    keys = sorted({emails[one.message_id].enrolment_id for one in changes})
    firsts = (
        Enrolment.objects.filter(pk__in=keys)
        .order_by("pk")
        .values_list("pk", Min(f"emails__message__{column}"))
    )
    update_each(Enrolment, [column], list(firsts))
