"""What people type, and what is made of it."""

import pytest
from django.core.exceptions import ValidationError

from accounts.enums import Role
from accounts.forms import (
    AgencyForm,
    AnchorFormSet,
    CompetitorsForm,
    InviteForm,
    PreferencesForm,
    TargetPageForm,
    wanted_anchors,
)
from accounts.forms.fields import LinesField, OneLineField, clean_domain
from accounts.models import Membership
from tests.factories.accounts import AgencyFactory, ClientFactory, MembershipFactory

AGENCY = {
    "name": "Acme",
    "time_zone": "Europe/London",
    "sender_name": "",
    "postal_address": "",
    "user_daily_cap": 100,
    "recipient_domain_daily_cap": 20,
    "cooldown_days": 30,
    "approval_mode": "sequence",
}


@pytest.mark.parametrize(
    ("typed", "host"),
    [
        ("acme.com", "acme.com"),
        (" https://www.Acme.com/path?x=1 ", "acme.com"),
        ("blog.acme.co.uk", "blog.acme.co.uk"),
        ("//acme.com:8080", "acme.com"),
        ("bücher.example", "bücher.example"),
    ],
)
def test_domain_is_cut_out_of_what_was_typed(typed: str, host: str) -> None:
    assert clean_domain(typed) == host


@pytest.mark.parametrize("typed", ["acme", "acme .com", "127.0.0.1", "javascript:alert(1)", "a@b"])
def test_what_is_no_domain_is_named(typed: str) -> None:
    with pytest.raises(ValidationError):
        clean_domain(typed)


@pytest.mark.parametrize("typed", ["a\nb", "a\tb", "a\x00b"])
def test_one_line_field_takes_one_line(typed: str) -> None:
    with pytest.raises(ValidationError):
        OneLineField().clean(typed)


def test_one_line_field_makes_runs_of_space_one() -> None:
    assert OneLineField().clean("  Fieldstone   Agency ") == "Fieldstone Agency"


def test_lines_field_parts_items() -> None:
    assert LinesField().clean("UK\nUS, UK;DE\n\n") == ["UK", "US", "DE"]


def test_lines_field_has_a_limit() -> None:
    with pytest.raises(ValidationError):
        LinesField(limit=1).clean("a\nb")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("user_daily_cap", 0),
        ("user_daily_cap", 100_001),
        ("recipient_domain_daily_cap", 0),
        ("cooldown_days", 731),
        ("cooldown_days", -1),
        ("time_zone", "Mars/Base"),
        ("postal_address", "x" * 401),
        ("approval_mode", "none"),
        ("name", ""),
    ],
)
def test_agency_setting_out_of_bounds_is_refused(field: str, value: object) -> None:
    form = AgencyForm(AGENCY | {field: value})

    assert list(form.errors) == [field]


def test_agency_settings_in_bounds_pass() -> None:
    assert AgencyForm(AGENCY).is_valid()


def test_postal_address_loses_empty_lines() -> None:
    form = AgencyForm(AGENCY | {"postal_address": " 1 Test  Street \r\n\r\n Testville "})
    form.is_valid()

    assert form.cleaned_data["postal_address"] == "1 Test Street\nTestville"


def test_unusual_time_zone_stays_choosable() -> None:
    assert AgencyForm(AGENCY | {"time_zone": "Etc/GMT+3"}).is_valid()


def test_preferences_may_leave_the_zone_to_the_agency() -> None:
    assert PreferencesForm({"name": "Ann", "time_zone": ""}).is_valid()


@pytest.mark.django_db
def test_invitation_to_a_client_asks_which(owner: Membership) -> None:
    form = InviteForm({"email": "a@b.example", "role": Role.CLIENT}, actor=owner)

    assert list(form.errors) == ["client"]


@pytest.mark.django_db
def test_invitation_offers_no_client_of_another_agency(owner: Membership) -> None:
    client = ClientFactory.create()
    form = InviteForm(
        {"email": "a@b.example", "role": Role.CLIENT, "client": client.pk}, actor=owner
    )

    assert "client" in form.errors


@pytest.mark.django_db
def test_client_is_dropped_with_any_other_role(owner: Membership) -> None:
    client = ClientFactory.create(agency=owner.agency)
    form = InviteForm(
        {"email": "a@b.example", "role": Role.MEMBER, "client": client.pk}, actor=owner
    )

    assert form.is_valid()
    assert form.cleaned_data["client"] is None


@pytest.mark.django_db
def test_manager_is_offered_no_owner() -> None:
    manager = MembershipFactory.create(role=Role.MANAGER, agency=AgencyFactory.create())
    form = InviteForm(actor=manager)

    assert [value for value, _ in form.fields["role"].choices] == ["manager", "member", "client"]


def test_competitors_are_cleaned_and_named() -> None:
    form = CompetitorsForm({"domains": "https://www.a.example/x\na.example\nB.example"})

    assert form.is_valid()
    assert form.cleaned_data["domains"] == ["a.example", "b.example"]


@pytest.mark.parametrize("url", ["ftp://a.example/", "javascript:alert(1)", "not a url"])
def test_target_page_is_a_web_address(url: str) -> None:
    assert "url" in TargetPageForm({"url": url, "priority": 3}).errors


def test_anchors_come_heaviest_first_without_empty_rows() -> None:
    rows = AnchorFormSet(
        {
            "anchors-TOTAL_FORMS": "4",
            "anchors-INITIAL_FORMS": "1",
            "anchors-0-text": "gone",
            "anchors-0-weight": "9",
            "anchors-0-DELETE": "on",
            "anchors-1-text": "light",
            "anchors-1-weight": "1",
            "anchors-2-text": "heavy",
            "anchors-2-weight": "5",
            "anchors-3-text": "",
            "anchors-3-weight": "1",
        },
        prefix="anchors",
    )

    assert rows.is_valid()
    assert wanted_anchors(rows) == [
        {"text": "heavy", "weight": 5},
        {"text": "light", "weight": 1},
    ]


@pytest.mark.parametrize("weight", ["0", "101", "x"])
def test_anchor_weight_has_bounds(weight: str) -> None:
    rows = AnchorFormSet(
        {
            "anchors-TOTAL_FORMS": "1",
            "anchors-INITIAL_FORMS": "0",
            "anchors-0-text": "a",
            "anchors-0-weight": weight,
        },
        prefix="anchors",
    )

    assert not rows.is_valid()
