"""Campaigns, steps, variants, enrolments, templates; leads to enrol."""

import factory

from campaigns.enums import ThreadMode
from campaigns.models import Campaign, EmailTemplate, Enrolment, SequenceStep, StepVariant
from leads.models import Lead
from tests.factories.accounts import AgencyFactory


class CampaignFactory(factory.django.DjangoModelFactory[Campaign]):
    """An empty draft."""

    class Meta:
        model = Campaign

    agency = factory.SubFactory(AgencyFactory)
    name = factory.Sequence(lambda n: f"Campaign {n}")
    slug = factory.Sequence(lambda n: f"campaign-{n}")


class StepFactory(factory.django.DjangoModelFactory[SequenceStep]):
    """The first step of a campaign; others name their order."""

    class Meta:
        model = SequenceStep

    campaign = factory.SubFactory(CampaignFactory)
    agency = factory.SelfAttribute("campaign.agency")
    order = 1
    wait = factory.LazyAttribute(lambda step: 0 if step.order == 1 else 3)
    thread_mode = factory.LazyAttribute(
        lambda step: ThreadMode.NEW if step.order == 1 else ThreadMode.SAME
    )


class VariantFactory(factory.django.DjangoModelFactory[StepVariant]):
    """Variant A with a subject and a body that need no values."""

    class Meta:
        model = StepVariant

    step = factory.SubFactory(StepFactory)
    agency = factory.SelfAttribute("step.agency")
    label = "A"
    subject = "A question"
    body = "Hello there."


class EnrolledLeadFactory(factory.django.DjangoModelFactory[Lead]):
    """A lead outside the regions that ask for consent."""

    class Meta:
        model = Lead

    agency = factory.SubFactory(AgencyFactory)
    email = factory.Sequence(lambda n: f"editor{n}@site{n}.example")
    first_name = "Elena"
    domain = factory.Sequence(lambda n: f"site{n}.example")
    country = "US"


class EnrolmentFactory(factory.django.DjangoModelFactory[Enrolment]):
    class Meta:
        model = Enrolment

    campaign = factory.SubFactory(CampaignFactory)
    agency = factory.SelfAttribute("campaign.agency")
    lead = factory.SubFactory(EnrolledLeadFactory, agency=factory.SelfAttribute("..agency"))


class TemplateFactory(factory.django.DjangoModelFactory[EmailTemplate]):
    class Meta:
        model = EmailTemplate

    agency = factory.SubFactory(AgencyFactory)
    name = factory.Sequence(lambda n: f"Template {n}")
    category = "Follow-up"
    subject = "Following up"
    body = "Did my note reach you?"
