"""Leads, imports, saved views."""

import factory

from leads.models import Lead, LeadImport, SavedView
from tests.factories.accounts import AgencyFactory


class LeadFactory(factory.django.DjangoModelFactory[Lead]):
    class Meta:
        model = Lead

    agency = factory.SubFactory(AgencyFactory)
    email = factory.Sequence(lambda n: f"person{n}@site{n}.example")
    first_name = factory.Sequence(lambda n: f"Ann{n}")
    last_name = "Smith"
    company = factory.Sequence(lambda n: f"Company {n}")
    website = factory.Sequence(lambda n: f"https://site{n}.example/")
    domain = factory.Sequence(lambda n: f"site{n}.example")
    search = factory.LazyAttribute(
        lambda lead: (
            f"{lead.email or ''} {lead.first_name} {lead.last_name} {lead.company}"
            f" {lead.domain}".lower()
        )
    )


class LeadImportFactory(factory.django.DjangoModelFactory[LeadImport]):
    class Meta:
        model = LeadImport

    agency = factory.SubFactory(AgencyFactory)
    filename = "prospects.csv"


class SavedViewFactory(factory.django.DjangoModelFactory[SavedView]):
    class Meta:
        model = SavedView

    agency = factory.SubFactory(AgencyFactory)
    name = factory.Sequence(lambda n: f"View {n}")
