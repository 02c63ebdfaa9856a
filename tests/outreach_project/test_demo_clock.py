import datetime as dt

import pytest
from django.utils import timezone

from accounts.models import Agency
from compliance.enums import CounterScope
from compliance.models import SendCounter
from leads.models import Lead
from outreach_project.demo.clock import pass_time
from tests.factories.accounts import AgencyFactory


@pytest.fixture
def lead(agency: Agency) -> Lead:
    return Lead.objects.create(agency=agency, email="a@b.example", domain="b.example")


def test_what_happened_was_that_much_longer_ago(agency, lead):
    pass_time(agency, 3)
    assert Lead.objects.get().created_at == lead.created_at - dt.timedelta(days=3)


def test_another_agency_keeps_its_time(agency, lead):
    pass_time(AgencyFactory.create(), 3)
    assert Lead.objects.get().created_at == lead.created_at


def test_caps_used_on_following_days_stay_apart(agency):
    today = timezone.now()
    for days in range(3):
        SendCounter.objects.create(
            scope=CounterScope.USER,
            key=f"{agency.pk}:7",
            period=today - dt.timedelta(days=days),
            used=days,
            cap=10,
        )
    pass_time(agency, 1)
    found = SendCounter.objects.order_by("-period").values_list("period", "used")
    assert list(found) == [(today - dt.timedelta(days=d + 1), d) for d in range(3)]
