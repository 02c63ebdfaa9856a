"""The leads a file is about, whether it brought them or they were known before."""

from leads.importing.runs import read_batches
from leads.models import Lead, LeadImport
from leads.services.imports import layout_of, local_path, wishes_of


def leads_in_file(lead_import: LeadImport) -> list[int]:
    """Return the keys of the agency's leads named in an imported file, two queries a batch."""
    ours = Lead.objects.for_agency(lead_import.agency_id)
    found = set(ours.filter(batch=lead_import).values_list("pk", flat=True))
    with local_path(lead_import) as path:
        for batch in read_batches(
            path, layout_of(lead_import), lead_import.mapping, wishes_of(lead_import)
        ):
            addresses = {values["email"] for _, values in batch.clean if values.get("email")}
            known = ours.filter(email__in=addresses).values_list("pk", flat=True)
            found.update(known)
    return sorted(found)
