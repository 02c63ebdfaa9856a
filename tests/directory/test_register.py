"""The register of backlinks as staff see and keep it."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from directory.enums import BacklinkStatus, SourceType, Verdict
from directory.models import Backlink, BacklinkEvent
from directory.rules.currencies import CURRENCIES
from tests.factories.accounts import ClientFactory
from tests.factories.directory import (
    BacklinkCheckFactory,
    BacklinkFactory,
    OpportunityFactory,
)

S = BacklinkStatus
PAGE = "https://magazine.example/article"


def url(name: str, agency, *args: object) -> str:
    return reverse(f"directory:{name}", args=[agency.slug, *args])


@pytest.fixture
def member(join):
    return join(Role.MEMBER)


@pytest.fixture
def staff(member, browser_of):
    return browser_of(member)


@pytest.fixture
def manager(join, browser_of):
    return browser_of(join(Role.MANAGER))


def shown(response) -> list[Backlink]:
    return response.context["register"].page.rows


def typed(**values: object) -> dict[str, object]:
    """What a browser sends from the form."""
    return {
        "source_url": PAGE,
        "target_url": "https://acme.example/guide",
        "link_type": "dofollow",
    } | values


def told(link: Backlink) -> list[str]:
    return list(link.events.order_by("pk").values_list("summary", flat=True))


# The table --------------------------------------------------------------------------------------


def test_list_shows_the_newest_first_and_no_other_agency(staff, agency) -> None:
    now = timezone.now()
    old = BacklinkFactory.create(agency=agency, created_at=now - timedelta(days=1))
    new = BacklinkFactory.create(agency=agency, created_at=now)
    BacklinkFactory.create()

    assert shown(staff.get(url("backlinks", agency))) == [new, old]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {"broken.example", "fine.example", "listing.example"}),
        ("tab=attention", {"broken.example"}),
        ("tab=placed", {"broken.example", "fine.example"}),
        ("tab=open", set()),
        ("status=opportunity", {"listing.example"}),
        ("source=directory_opportunity", {"listing.example"}),
        ("verdict=live", {"fine.example"}),
        ("rel=nofollow", {"fine.example"}),
        ("assignee=none", {"broken.example", "listing.example"}),
        ("q=BRO", {"broken.example"}),
        ("q=roken", set()),
        ("q=f_ne", set()),
        (
            "tab=x&status=x&sort=x&cursor=x&verdict=x",
            {"broken.example", "fine.example", "listing.example"},
        ),
    ],
)
def test_list_is_filtered(staff, agency, member, query: str, expected: set[str]) -> None:
    BacklinkFactory.create(
        agency=agency, source_domain="broken.example", status=S.PUBLISHED, verdict=Verdict.MISSING
    )
    BacklinkFactory.create(
        agency=agency,
        source_domain="fine.example",
        status=S.PUBLISHED,
        verdict=Verdict.LIVE,
        link_type="nofollow",
        assignee=member.user,
    )
    OpportunityFactory.create(
        agency=agency, source_domain="listing.example", verdict=Verdict.UNVERIFIABLE
    )

    rows = shown(staff.get(f"{url('backlinks', agency)}?{query}"))

    assert {row.source_domain for row in rows} == expected


def test_list_of_one_client_leaves_the_others_out(staff, agency) -> None:
    mine = BacklinkFactory.create(agency=agency)
    BacklinkFactory.create(agency=agency)

    rows = shown(staff.get(f"{url('backlinks', agency)}?client={mine.client_id}"))

    assert rows == [mine]


def test_list_refuses_another_agencys_client(staff, agency) -> None:
    response = staff.get(f"{url('backlinks', agency)}?client={ClientFactory.create().pk}")

    assert response.status_code == 404


def test_list_is_sorted_by_site(staff, agency) -> None:
    later = BacklinkFactory.create(agency=agency, source_domain="b.example")
    first = BacklinkFactory.create(agency=agency, source_domain="a.example")

    assert shown(staff.get(f"{url('backlinks', agency)}?sort=site")) == [first, later]


def test_list_takes_the_same_queries_for_any_number(
    staff, agency, member, django_assert_num_queries
) -> None:
    BacklinkFactory.create(agency=agency, assignee=member.user)
    staff.get(url("backlinks", agency))
    for _ in range(2):
        with django_assert_num_queries(11):
            staff.get(url("backlinks", agency))
        BacklinkFactory.create_batch(2, agency=agency, assignee=member.user)


def test_export_runs_nothing_in_a_spreadsheet(staff, agency) -> None:
    BacklinkFactory.create(
        agency=agency,
        anchor_text="=HYPERLINK(1)",
        expected_price=Decimal("120.50"),
        expected_currency="EUR",
        source_domain="kept.example",
    )
    BacklinkFactory.create(agency=agency, source_domain="left.example")
    BacklinkFactory.create(source_domain="foreign.example")

    response = staff.get(f"{url('backlink_export', agency)}?q=kept")

    text = b"".join(response.streaming_content).decode()
    assert "'=HYPERLINK(1)" in text
    assert "120.50,EUR" in text
    assert "left.example" not in text
    assert "foreign.example" not in text


# One link ---------------------------------------------------------------------------------------


def test_detail_marks_what_changed(staff, agency) -> None:
    link = BacklinkFactory.create(
        agency=agency, status=S.PUBLISHED, expected_rel="dofollow", expected_anchor="a guide"
    )
    BacklinkCheckFactory.create(
        backlink=link,
        verdict=Verdict.CHANGED,
        reason="The rel changed.",
        found_rel="nofollow",
        found_anchor="a guide",
        http_status=200,
        final_url="https://magazine.example/final",
        changes=[
            {"what": "rel", "expected": "dofollow", "found": "nofollow"},
            {"what": "canonical", "expected": "itself", "found": "https://else.example/"},
        ],
    )

    response = staff.get(url("backlink", agency, link.pk))

    changed = {one.label: one.is_changed for one in response.context["terms"]}
    assert changed == {"Rel": True, "Anchor": False, "Target page": False, "Canonical": True}
    assert "https://magazine.example/final" in response.content.decode()


def test_detail_takes_the_same_queries_for_any_history(
    staff, agency, django_assert_num_queries
) -> None:
    link = BacklinkFactory.create(agency=agency)
    staff.get(url("backlink", agency, link.pk))
    for _ in range(2):
        BacklinkCheckFactory.create_batch(2, backlink=link)
        with django_assert_num_queries(7):
            staff.get(url("backlink", agency, link.pk))


def test_person_moves_a_link(staff, agency) -> None:
    link = BacklinkFactory.create(agency=agency, status=S.RESPONDED)

    staff.post(url("backlink_move", agency, link.pk), {"to": "rejected", "reason": "Too dear"})

    link.refresh_from_db()
    assert (link.status, link.closed_reason) == (S.REJECTED, "Too dear")


@pytest.mark.parametrize("to", ["published", "", "nonsense", "completed", "not_applicable"])
def test_move_that_does_not_follow_is_refused(staff, agency, to: str) -> None:
    link = BacklinkFactory.create(agency=agency, status=S.PROSPECTING)

    response = staff.post(url("backlink_move", agency, link.pk), {"to": to})

    link.refresh_from_db()
    assert (response.status_code, link.status) == (302, S.PROSPECTING)


def test_check_now_makes_it_due(staff, agency) -> None:
    link = BacklinkFactory.create(agency=agency)

    staff.post(url("backlink_check", agency, link.pk))

    link.refresh_from_db()
    assert link.next_check_at is not None


def test_link_published_already_is_added_and_checked_soon(staff, agency, member) -> None:
    client = ClientFactory.create(agency=agency)
    data = typed(
        client=client.pk,
        status="published",
        expected_price="120.50",
        expected_currency="eur",
        source_url="www.magazine.example/article",
    )

    staff.post(url("backlink_new", agency), data)

    link = Backlink.objects.get(agency=agency)
    assert (link.client, link.source_type) == (client, SourceType.OUTREACH)
    assert (link.source_domain, link.placed_by) == ("magazine.example", member.user)
    assert (link.expected_price, link.expected_currency) == (Decimal("120.50"), "EUR")
    assert link.published_at is not None
    assert link.next_check_at is not None
    assert told(link) == ["Added by hand"]


def test_same_link_is_not_added_twice(staff, agency) -> None:
    link = BacklinkFactory.create(agency=agency)
    data = typed(
        client=link.client_id,
        status="prospecting",
        source_url=link.source_url,
        target_url=link.target_url,
    )

    response = staff.post(url("backlink_new", agency), data)

    assert response.status_code == 422
    assert Backlink.objects.filter(agency=agency).count() == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("client", "999999"),
        ("status", "opportunity"),
        ("source_url", ""),
        ("source_url", "javascript:alert(1)"),
        ("source_url", "https://localhost/x"),
        ("target_url", "ftp://acme.example/x"),
        ("domain_rating", "101"),
        ("expected_price", "-1"),
        ("expected_price", "1.234"),
        ("expected_price", "NaN"),
        ("expected_price", "10000000000000"),
        ("expected_currency", "XXX"),
        ("expected_until", "soon"),
        ("link_type", "x"),
        ("assignee", "999999"),
    ],
)
def test_nonsense_is_not_added(staff, agency, field: str, value: str) -> None:
    client = ClientFactory.create(agency=agency)
    data = typed(client=client.pk, status="prospecting") | {field: value}

    response = staff.post(url("backlink_new", agency), data)

    assert (response.status_code, field in response.context["form"].errors) == (422, True)
    assert not Backlink.objects.exists()


def test_amount_needs_a_currency(staff, agency) -> None:
    link = BacklinkFactory.create(agency=agency)

    response = staff.post(url("backlink_edit", agency, link.pk), typed(cost="10"))

    assert "cost_currency" in response.context["form"].errors


def test_edit_stores_terms_tells_and_checks_a_placed_link_again(staff, agency) -> None:
    link = BacklinkFactory.create(agency=agency, status=S.PUBLISHED)
    data = typed(
        target_url=link.target_url,
        anchor_text=link.anchor_text,
        expected_rel="sponsored",
        expected_until="2027-05-01",
    )

    staff.post(url("backlink_edit", agency, link.pk), data)

    link.refresh_from_db()
    assert (link.expected_rel, link.source_domain) == ("sponsored", "magazine.example")
    assert link.next_check_at is not None
    assert told(link) == ["Terms changed: rel, until", "Changed: page that links"]


def test_edit_that_changes_nothing_tells_nothing(staff, agency) -> None:
    link = BacklinkFactory.create(agency=agency)
    data = typed(
        source_url=link.source_url, target_url=link.target_url, anchor_text=link.anchor_text
    )

    staff.post(url("backlink_edit", agency, link.pk), data)

    assert not BacklinkEvent.objects.filter(backlink=link).exists()


def test_manager_deletes_a_link_after_being_asked(manager, agency) -> None:
    link = BacklinkFactory.create(agency=agency)

    asked = manager.get(url("backlink_delete", agency, link.pk))
    manager.post(url("backlink_delete", agency, link.pk))

    assert "forgets" in asked.content.decode()
    assert not Backlink.objects.filter(pk=link.pk).exists()


def test_listing_of_a_directory_is_not_deleted(manager, agency) -> None:
    link = OpportunityFactory.create(agency=agency)

    response = manager.post(url("backlink_delete", agency, link.pk), follow=True)

    assert "not applicable instead" in response.content.decode()
    assert Backlink.objects.filter(pk=link.pk).exists()


@pytest.mark.parametrize("name", ["backlink", "backlink_edit", "backlink_delete"])
def test_other_agencys_link_is_not_found(manager, agency, name: str) -> None:
    link = BacklinkFactory.create()

    assert manager.get(url(name, agency, link.pk)).status_code == 404


def test_client_sees_no_register(join, browser_of, agency) -> None:
    browser = browser_of(join(Role.CLIENT))

    assert browser.get(url("backlinks", agency)).status_code == 403


def test_currencies_are_three_letters() -> None:
    assert {"EUR", "USD", "GBP", "JPY"} <= CURRENCIES
    assert all(len(code) == 3 and code.isupper() for code in CURRENCIES)
