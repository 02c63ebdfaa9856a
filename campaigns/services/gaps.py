"""Domains of a competitor gap become leads, and join a campaign when one is named."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from django.core.files.base import ContentFile
from django.db import transaction

from directory.models import GapDomain
from directory.services.gap_taking import MOST_AT_ONCE, mark_enrolled
from leads.services.imports import create_import, set_mapping, start_import

if TYPE_CHECKING:
    from accounts.models import User
    from campaigns.models import Campaign
    from directory.models import GapRun
    from directory.models.gap import GapDomainQuerySet
    from leads.models import LeadImport

_COLUMNS = {
    "Website": "website",
    "Domain rating": "domain_rating",
    "Links to": "custom:links_to",
    "Example page": "custom:example_page",
    "Anchor": "custom:anchor",
}


@transaction.atomic
def enrol_gap(
    run: GapRun, rows: GapDomainQuerySet, *, campaign: Campaign | None, actor: User | None
) -> LeadImport | None:
    """Import open domains of a gap as leads of its client; None when none is open.

    They go the way of every import, so known sites are not doubled and suppressed ones
    stay out; with a campaign its leads are enrolled when the import has finished.
    """
    chosen = list(rows.open().filter(run=run).order_by("-score", "-id")[:MOST_AT_ONCE])
    if not chosen:
        return None
    lead_import = create_import(
        agency=run.agency,
        file=ContentFile(_table(chosen).encode()),
        filename=f"Gap of {run.client.name}.csv",
        actor=actor,
        client=run.client,
        options={"campaign_id": campaign.pk} if campaign else {},
    )
    set_mapping(lead_import, _COLUMNS)
    start_import(lead_import)
    mark_enrolled(GapDomain.objects.filter(pk__in=[row.pk for row in chosen]))
    return lead_import


def _table(rows: list[GapDomain]) -> str:
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    out.writerow(_COLUMNS)
    for row in rows:
        best = row.evidence[0] if row.evidence else {}
        out.writerow(
            [
                f"https://{row.domain}/",
                row.rating or "",
                ", ".join(one["competitor"] for one in row.evidence),
                best.get("url", ""),
                best.get("anchor", ""),
            ]
        )
    return text.getvalue()
