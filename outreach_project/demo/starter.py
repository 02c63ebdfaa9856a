"""The demo agency a newcomer signs in to: people, prospects, and a campaign to finish."""

import datetime as dt

import structlog
from django.db import transaction

from accounts.enums import Role
from accounts.models import Agency, Client, Membership
from campaigns.services import campaigns
from campaigns.services.enrolment import enrol_leads
from campaigns.services.templates import add_starters
from directory.services.directories import seed_directories
from directory.services.searches import run_search, start_search
from leads.models import Lead
from mailer.models import Mailbox
from outreach_project.demo.building import (
    build_agency,
    import_prospects,
    make_user,
    write_sequence,
)
from outreach_project.demo.prospects import prospect_file

log = structlog.get_logger(__name__)

PROSPECTS = 120


@transaction.atomic
def ensure_starter() -> Agency:
    """Make the demo agency and its logins unless they are there; return the agency."""
    seed_directories()
    found = Agency.objects.filter(slug="fieldstone").first()
    if found is not None:
        return found
    user = make_user("admin@outreach.example", "Desk Admin", superadmin=True)
    agency = build_agency(slug="fieldstone", name="Fieldstone Agency")
    _begin_work(agency)
    run_search(start_search(agency=agency).pk)
    log.info("demo_agency_made", agency=agency.slug, superadmin=user.email)
    return agency


def _begin_work(agency: Agency) -> None:
    """Leave a draft that a newcomer can submit, approve and launch."""
    owner = Membership.objects.select_related("user").get(agency=agency, role=Role.OWNER).user
    add_starters(agency, actor=owner)
    import_prospects(agency, prospect_file(PROSPECTS), owner)
    campaign = campaigns.create_campaign(
        agency=agency,
        actor=owner,
        fields={
            "name": "Northbeam guest posts",
            "client": Client.objects.for_agency(agency).get(),
            "prospect_type": "guest_post",
            "send_days": [1, 2, 3, 4, 5, 6, 7],
            # Open at any hour, so that whoever launches it sees it send.
            "send_from": dt.time(0, 0),
            "send_until": dt.time(23, 59),
            "in_recipient_time_zone": False,
        },
        mailboxes=list(Mailbox.objects.for_agency(agency)),
    )
    write_sequence(campaign, owner)
    enrol_leads(campaign=campaign, leads=Lead.objects.for_agency(agency), actor=owner)
