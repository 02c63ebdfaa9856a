"""Campaigns that run, with people enrolled, ready to be composed and sent."""

import datetime as dt
from typing import Any

import factory

from accounts.models import Agency
from campaigns.enums import CampaignStatus, ThreadMode
from campaigns.models import Campaign, Enrolment, SequenceStep, StepVariant
from campaigns.services.enrolment import enrol_leads
from mailer.models import Mailbox
from tests.factories.accounts import AgencyFactory
from tests.factories.leads import LeadFactory


class PersonFactory(LeadFactory):
    """A lead in the United States, whom an assessment lets us write to."""

    first_name = factory.Sequence(lambda n: f"Erin{n}")
    last_name = "Editor"
    company: Any = "The Magazine"
    country = "US"


class CampaignFactory(factory.django.DjangoModelFactory[Campaign]):
    """A running, approved campaign that may send at any hour of any day.

    `boxes` are its mailboxes, `texts` the bodies of its steps.
    """

    class Meta:
        model = Campaign

    agency = factory.SubFactory(AgencyFactory)
    name = factory.Sequence(lambda n: f"Campaign {n}")
    slug = factory.Sequence(lambda n: f"campaign-{n}")
    status = CampaignStatus.RUNNING
    approved_version = 1
    send_days = [1, 2, 3, 4, 5, 6, 7]
    send_from = dt.time(0, 0)
    send_until = dt.time(23, 59, 59)
    in_recipient_time_zone = False

    @classmethod
    def _create(cls, model_class: type[Campaign], *args: Any, **kwargs: Any) -> Campaign:
        boxes = kwargs.pop("boxes", ())
        texts = kwargs.pop("texts", ["Hello {{ first_name }}."])
        campaign: Campaign = super()._create(model_class, *args, **kwargs)
        campaign.mailboxes.set(boxes)
        for order, body in enumerate(texts, start=1):
            add_step(campaign, order, body)
        return campaign


def add_step(campaign: Campaign, order: int, *bodies: str, **changes: Any) -> SequenceStep:
    """Add a step, three days after the one before, with one variant a body."""
    values: dict[str, Any] = {
        "wait": 0 if order == 1 else 3,
        "wait_unit": "days",
        "thread_mode": ThreadMode.NEW if order == 1 else ThreadMode.SAME,
    }
    step = SequenceStep.objects.create(
        agency=campaign.agency, campaign=campaign, order=order, **(values | changes)
    )
    for label, body in zip("ABCDE", bodies, strict=False):
        subject = "A question for {{ company }}" if order == 1 else ""
        StepVariant.objects.create(
            agency=campaign.agency, step=step, label=label, subject=subject, body=body
        )
    return step


def running(agency: Agency, mailbox: Mailbox, people: int = 1, **changes: Any) -> Campaign:
    """Return a running campaign of three steps with people enrolled, due now."""
    texts = changes.pop("texts", ["Hello {{ first_name }}.", "Any news?", "A last word."])
    campaign = CampaignFactory.create(agency=agency, boxes=[mailbox], texts=texts, **changes)
    leads = [PersonFactory.create(agency=agency).pk for _ in range(people)]
    enrol_leads(campaign=campaign, leads=leads, actor=None)
    return campaign


def enrolment_of(campaign: Campaign) -> Any:
    """Return the campaign's only enrolment, fresh."""
    return Enrolment.objects.select_related("lead", "mailbox").get(campaign=campaign)
