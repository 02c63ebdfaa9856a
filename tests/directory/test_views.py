"""The worklist and an opportunity as staff and clients see them."""

import io

import pytest
from django.urls import reverse
from python_calamine import CalamineWorkbook

from accounts.enums import Role
from directory.enums import BacklinkStatus
from directory.models import Backlink, MatchingPreference, MatchRun
from tests.factories.accounts import ClientFactory, MembershipFactory
from tests.factories.directory import DirectoryFactory, OpportunityFactory

S = BacklinkStatus


def url(name: str, agency, *args: object) -> str:
    return reverse(f"directory:{name}", args=[agency.slug, *args])


@pytest.fixture
def member(join):
    return join(Role.MEMBER)


@pytest.fixture
def staff(member, browser_of):
    return browser_of(member)


@pytest.fixture
def of_client(join, browser_of):
    """A client's member and their browser."""
    membership = join(Role.CLIENT)
    return membership, browser_of(membership)


def shown(response) -> list[Backlink]:
    return response.context["work"].page.rows


def test_list_shows_the_most_relevant_first(staff, agency) -> None:
    low = OpportunityFactory.create(agency=agency, relevance=3)
    high = OpportunityFactory.create(agency=agency, relevance=9)
    OpportunityFactory.create()

    assert shown(staff.get(url("opportunities", agency))) == [high, low]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {"wanted"}),
        ("status=completed", {"done"}),
        ("category=forum", {"wanted"}),
        ("category=press_release", set()),
        ("difficulty=hard", {"wanted"}),
        ("price=free", set()),
        ("price=paid", {"wanted"}),
        ("relevance=7", {"wanted"}),
        ("relevance=8", set()),
        ("assignee=none", {"wanted"}),
        ("q=Wanted", {"wanted"}),
        ("q=nothing", set()),
        ("status=nonsense&sort=nonsense&relevance=99&cursor=x", {"wanted"}),
    ],
)
def test_list_is_filtered(staff, agency, query: str, expected: set[str]) -> None:
    wanted = DirectoryFactory.create(
        name="Wanted", category="forum", difficulty="hard", is_free=False, is_paid=True
    )
    done = DirectoryFactory.create(name="Done")
    OpportunityFactory.create(agency=agency, directory=wanted, relevance=7)
    OpportunityFactory.create(agency=agency, directory=done, status=S.COMPLETED)

    rows = shown(staff.get(f"{url('opportunities', agency)}?{query}"))

    assert {str(row.directory).lower() for row in rows} == expected


def test_list_takes_the_same_queries_for_any_number(
    staff, agency, member, django_assert_num_queries
) -> None:
    OpportunityFactory.create(agency=agency, assignee=member.user)
    staff.get(url("opportunities", agency))
    for _ in range(2):
        with django_assert_num_queries(10):
            staff.get(url("opportunities", agency))
        OpportunityFactory.create_batch(2, agency=agency, assignee=member.user)


def test_page_of_an_opportunity_takes_the_same_queries(
    staff, agency, django_assert_num_queries
) -> None:
    for steps in (1, 3):
        row = OpportunityFactory.create(agency=agency, steps=[{"title": "One"}] * steps)
        staff.get(url("opportunity", agency, row.pk))
        with django_assert_num_queries(7):
            staff.get(url("opportunity", agency, row.pk))


def test_client_sees_only_its_own(of_client) -> None:
    membership, browser = of_client
    own = OpportunityFactory.create(agency=membership.agency, client=membership.client)
    other = OpportunityFactory.create(agency=membership.agency)

    page = browser.get(url("opportunities", membership.agency), {"client": other.client_id})

    assert shown(page) == [own]


def test_client_finds_nothing_of_another_client(of_client) -> None:
    membership, browser = of_client
    other = OpportunityFactory.create(agency=membership.agency)
    for name in ("opportunity", "opportunity_step", "opportunity_save", "opportunity_move"):
        address = url(name, membership.agency, other.pk)
        response = browser.get(address) if name == "opportunity" else browser.post(address)
        assert response.status_code == 404, name


def test_client_completes_its_own(of_client) -> None:
    membership, browser = of_client
    own = OpportunityFactory.create(agency=membership.agency, client=membership.client)
    address = url("opportunity_move", membership.agency, own.pk)

    browser.post(address, {"to": "complete", "proof_url": "https://l.example/me"})

    own.refresh_from_db()
    assert (own.status, own.proof_url) == (S.COMPLETED, "https://l.example/me")


def test_client_is_shown_nothing_of_the_agency(of_client, member) -> None:
    membership, browser = of_client
    own = OpportunityFactory.create(
        agency=membership.agency, client=membership.client, assignee=member.user
    )

    pages = [
        browser.get(url("opportunities", membership.agency)),
        browser.get(url("opportunity", membership.agency, own.pk)),
    ]

    for page in pages:
        assert member.user.name not in page.content.decode()


def test_client_cannot_assign(of_client) -> None:
    membership, browser = of_client
    own = OpportunityFactory.create(agency=membership.agency, client=membership.client)

    browser.post(
        url("opportunity_bulk", membership.agency),
        {"ids": [own.pk], "do": f"assign:{membership.user.pk}"},
    )

    own.refresh_from_db()
    assert own.assignee is None


def test_export_of_a_client_holds_only_its_own(of_client) -> None:
    membership, browser = of_client
    own = OpportunityFactory.create(
        agency=membership.agency, client=membership.client, notes="=HYPERLINK()"
    )
    other = OpportunityFactory.create(agency=membership.agency)

    response = browser.get(url("opportunity_export", membership.agency))
    text = b"".join(response.streaming_content).decode()

    assert (str(own.directory) in text, str(other.directory) in text) == (True, False)
    assert "'=HYPERLINK()" in text


def test_step_is_ticked_without_javascript(staff, agency) -> None:
    row = OpportunityFactory.create(agency=agency)

    staff.post(url("opportunity_step", agency, row.pk), {"step": "0", "done": "1"})

    row.refresh_from_db()
    assert (row.steps_done, row.status) == (1, S.IN_PROGRESS)


def test_ticked_step_swaps_the_checklist(staff, agency) -> None:
    row = OpportunityFactory.create(agency=agency)
    address = url("opportunity_step", agency, row.pk)

    response = staff.post(address, {"step": "0", "done": "1"}, headers={"HX-Request": "true"})

    text = response.content.decode()
    assert ('id="steps"' in text, "1 of 2 done" in text, "<html" in text) == (True, True, False)


def test_notes_time_and_assignee_are_saved(staff, agency, member) -> None:
    row = OpportunityFactory.create(agency=agency)

    staff.post(
        url("opportunity_save", agency, row.pk),
        {"notes": "Asked by phone.", "minutes_spent": "25", "assignee": member.user.pk},
    )

    row.refresh_from_db()
    assert (row.notes, row.minutes_spent, row.assignee) == ("Asked by phone.", 25, member.user)


def test_stranger_cannot_be_assigned(staff, agency) -> None:
    row = OpportunityFactory.create(agency=agency)
    other = MembershipFactory.create()

    response = staff.post(
        url("opportunity_save", agency, row.pk), {"assignee": other.user.pk, "notes": ""}
    )

    assert response.status_code == 422


@pytest.mark.parametrize("proof", ["javascript:alert(1)", "ftp://l.example/", "no address"])
def test_proof_that_is_no_page_is_refused(staff, agency, proof: str) -> None:
    row = OpportunityFactory.create(agency=agency)

    response = staff.post(
        url("opportunity_move", agency, row.pk), {"to": "complete", "proof_url": proof}
    )

    row.refresh_from_db()
    assert (response.status_code, row.status) == (422, S.OPPORTUNITY)


def test_dismissal_is_taken_back_on_its_page(staff, agency) -> None:
    row = OpportunityFactory.create(agency=agency)
    address = url("opportunity_move", agency, row.pk)
    staff.post(address, {"to": "dismiss", "reason": "Hotels only."})
    page = staff.get(url("opportunity", agency, row.pk)).content.decode()

    staff.post(address, {"to": "undo"})

    row.refresh_from_db()
    assert ("Hotels only." in page, row.status) == (True, S.OPPORTUNITY)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"do": "start"}, S.IN_PROGRESS),
        ({"do": "dismiss", "reason": "Hotels only."}, S.NOT_APPLICABLE),
        ({"do": "dismiss", "reason": ""}, S.OPPORTUNITY),
        ({"do": "nonsense"}, S.OPPORTUNITY),
    ],
)
def test_many_are_worked_at_once(staff, agency, body: dict[str, str], expected: str) -> None:
    rows = OpportunityFactory.create_batch(2, agency=agency)

    staff.post(url("opportunity_bulk", agency), {**body, "ids": [row.pk for row in rows]})

    found = Backlink.objects.order_by("pk").values_list("status", flat=True)
    assert list(found) == [expected, expected]


def test_search_is_started_and_its_page_says_how_far(staff, agency) -> None:
    client = ClientFactory.create(agency=agency)

    response = staff.post(url("search_start", agency), {"client": client.pk}, follow=True)

    assert "0 of 1" in " ".join(response.content.decode().split())
    assert MatchRun.objects.get().client == client


def test_what_fits_is_saved_and_searched(staff, agency) -> None:
    client = ClientFactory.create(agency=agency)
    form = {
        "max_price": "0",
        "max_difficulty": "medium",
        "min_rating": "",
        "min_relevance": "5",
        "categories": ["forum"],
    }

    staff.post(url("preference", agency, client.pk), form)

    saved = MatchingPreference.objects.get()
    assert (saved.max_price, saved.categories, MatchRun.objects.count()) == (0, ["forum"], 1)


def test_empty_list_says_what_to_do(staff, agency) -> None:
    assert "Look at the clients" in staff.get(url("opportunities", agency)).content.decode()


def test_progress_sums_up_a_client(staff, agency) -> None:
    directory = DirectoryFactory.create(estimated_minutes=90)
    OpportunityFactory.create(agency=agency, directory=directory)
    OpportunityFactory.create(agency=agency, status=S.COMPLETED)

    work = staff.get(url("opportunities", agency)).context["work"]

    assert (work.progress.open, work.progress.completed, work.progress.time_left) == (
        1,
        1,
        "1 h 30 min",
    )


def test_export_as_workbook_keeps_text_as_text(staff, agency) -> None:
    OpportunityFactory.create(agency=agency, notes="=1+1")

    response = staff.get(url("opportunity_export", agency), {"format": "xlsx"})
    book = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(response.streaming_content)))

    header, row = book.get_sheet_by_index(0).to_python()
    assert row[header.index("notes")] == "=1+1"
