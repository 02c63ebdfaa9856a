"""Files of leads for tests, uploaded as a member would."""

from typing import Any

from django.core.files.base import ContentFile

from accounts.models import Agency
from leads.models import LeadImport
from leads.services.imports import create_import

HEADER = "Email,First name,Last name,Company,Website,Country,Topic\n"


def upload(
    text: str | bytes,
    agency: Agency,
    *,
    header: str = HEADER,
    name: str = "p.csv",
    client: Any = None,
    **options: Any,
) -> LeadImport:
    data = text if isinstance(text, bytes) else (header + text).encode()
    return create_import(
        agency=agency,
        file=ContentFile(data),
        filename=name,
        actor=None,
        client=client,
        options=options,
    )


def counts(done: LeadImport) -> tuple[int, int, int, int]:
    return done.created_count, done.updated_count, done.skipped_count, done.rejected_count
