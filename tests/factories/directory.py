"""Directories, backlinks, checks."""

import factory

from directory.enums import BacklinkStatus, Category, SourceType, Verdict
from directory.models import (
    Backlink,
    BacklinkCheck,
    Directory,
    DirectoryStep,
    GapDomain,
    GapFile,
    GapRun,
)
from tests.factories.accounts import AgencyFactory, ClientFactory


class DirectoryFactory(factory.django.DjangoModelFactory[Directory]):
    class Meta:
        model = Directory

    key = factory.Sequence(lambda n: f"directory-{n}")
    name = factory.Sequence(lambda n: f"Directory {n}")
    url = factory.Sequence(lambda n: f"https://directory{n}.example/add")
    domain = factory.Sequence(lambda n: f"directory{n}.example")
    category = Category.BUSINESS_DIRECTORY


class DirectoryStepFactory(factory.django.DjangoModelFactory[DirectoryStep]):
    class Meta:
        model = DirectoryStep

    directory = factory.SubFactory(DirectoryFactory)
    order = factory.Sequence(lambda n: n)
    title = factory.Sequence(lambda n: f"Step {n}")


class BacklinkFactory(factory.django.DjangoModelFactory[Backlink]):
    """A backlink asked for by mail."""

    class Meta:
        model = Backlink

    agency = factory.SubFactory(AgencyFactory)
    client = factory.SubFactory(ClientFactory, agency=factory.SelfAttribute("..agency"))
    source_domain = factory.Sequence(lambda n: f"publisher{n}.example")
    source_url = factory.LazyAttribute(lambda link: f"https://{link.source_domain}/article")
    target_url = factory.LazyAttribute(lambda link: f"https://{link.client.domain}/page")
    anchor_text = "a guide"


class OpportunityFactory(BacklinkFactory):
    """A backlink to be won in a directory."""

    source_type = SourceType.DIRECTORY
    directory = factory.SubFactory(DirectoryFactory)
    status = BacklinkStatus.OPPORTUNITY
    source_domain = factory.LazyAttribute(lambda link: link.directory.domain)  # type: ignore[assignment]  # the base counts
    source_url = factory.LazyAttribute(lambda link: link.directory.url)
    relevance = 7
    relevance_reasons = ["It takes listings from anywhere."]
    steps = factory.LazyFunction(
        lambda: [
            {"title": "Make an account", "description": "With a work address.", "url": ""},
            {"title": "Fill in the form", "description": "", "url": "https://d.example/new"},
        ]
    )


class BacklinkCheckFactory(factory.django.DjangoModelFactory[BacklinkCheck]):
    class Meta:
        model = BacklinkCheck

    agency = factory.SelfAttribute("backlink.agency")
    backlink = factory.SubFactory(BacklinkFactory)
    verdict = Verdict.LIVE


class GapRunFactory(factory.django.DjangoModelFactory[GapRun]):
    """A search for a competitor gap that waits for its files."""

    class Meta:
        model = GapRun

    agency = factory.SubFactory(AgencyFactory)
    client = factory.SubFactory(ClientFactory, agency=factory.SelfAttribute("..agency"))
    competitors = factory.LazyFunction(lambda: ["rival.example"])


class GapFileFactory(factory.django.DjangoModelFactory[GapFile]):
    class Meta:
        model = GapFile

    run = factory.SubFactory(GapRunFactory)
    agency = factory.SelfAttribute("run.agency")
    filename = "rival.csv"
    owner_domain = "rival.example"


class GapDomainFactory(factory.django.DjangoModelFactory[GapDomain]):
    class Meta:
        model = GapDomain

    run = factory.SubFactory(GapRunFactory)
    agency = factory.SelfAttribute("run.agency")
    domain = factory.Sequence(lambda n: f"gap{n}.example")
    score = 50
    competitors_count = 1
    competitor_mask = 1
    links = 3
    dofollow = 2
    evidence = factory.LazyAttribute(
        lambda one: [
            {
                "competitor": "rival.example",
                "links": 3,
                "dofollow": 2,
                "url": f"https://{one.domain}/page",
                "target": "https://rival.example/",
                "anchor": "an anchor",
                "first_seen": "2026-01-02",
                "last_seen": "2026-03-01",
            }
        ]
    )
