"""The template library: what people keep in it, and what a new agency finds there."""

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction

from accounts.models import Agency, User
from campaigns.models import EmailTemplate
from campaigns.starters import STARTERS


class TemplateError(Exception):
    """A template that cannot be kept as asked; the message says why."""


def save_template(template: EmailTemplate, *, fields: Mapping[str, Any]) -> EmailTemplate:
    """Store a new or changed template. Raises `TemplateError` when its name is taken."""
    for name, value in fields.items():
        setattr(template, name, value)
    try:
        with transaction.atomic():
            template.save()
    except IntegrityError as error:
        raise TemplateError(
            f"There is already a template called “{template.name}”. Choose another name."
        ) from error
    return template


def duplicate_template(template: EmailTemplate, *, actor: User) -> EmailTemplate:
    """Return a copy under the next free name."""
    taken = set(EmailTemplate.objects.for_agency(template.agency_id).values_list("name", flat=True))
    number, name = 1, f"{template.name[:105]} (copy)"
    while name in taken:
        number += 1
        name = f"{template.name[:105]} (copy {number})"
    fields = {"category": template.category, "subject": template.subject, "body": template.body}
    copy = EmailTemplate(agency_id=template.agency_id, owner=actor)
    return save_template(copy, fields={"name": name, **fields})


def add_starters(agency: Agency, *, actor: User | None = None) -> int:
    """Add the templates written for a start that are not there yet; return how many."""
    there = set(EmailTemplate.objects.for_agency(agency).values_list("name", flat=True))
    missing = [starter for starter in STARTERS if starter.name not in there]
    EmailTemplate.objects.bulk_create(
        [
            EmailTemplate(
                agency=agency,
                owner=actor,
                name=starter.name,
                category=starter.category,
                subject=starter.subject,
                body=starter.body,
            )
            for starter in missing
        ],
        ignore_conflicts=True,
    )
    return len(missing)
