"""Clients, their competitors and pages, and the client switcher, through the pages."""

import pytest
from django.test import Client as Browser
from django.urls import reverse

from accounts.clients import choose_client, current_client
from accounts.models import Client, Competitor, Membership, TargetPage
from accounts.services.clients import add_competitors
from tests.factories.accounts import ClientFactory

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
FORM = {"name": "Acme", "language": "en", "domain": "https://www.acme.example/"}
ROWS = {
    "url": "https://acme.example/page",
    "priority": 2,
    "anchors-TOTAL_FORMS": 2,
    "anchors-INITIAL_FORMS": 0,
    "anchors-0-text": "light",
    "anchors-0-weight": 1,
    "anchors-1-text": "heavy",
    "anchors-1-weight": 4,
}


@pytest.fixture
def acme(owner: Membership) -> Client:
    return ClientFactory.create(agency=owner.agency, name="Acme")


def url(owner: Membership, name: str, *args: object) -> str:
    return reverse(f"accounts:{name}", args=[owner.agency.slug, *args])


@pytest.mark.parametrize("rows", [1, 3])
def test_list_asks_as_much_for_three_as_for_one(
    owner: Membership, owner_browser: Browser, rows: int, django_assert_num_queries
) -> None:
    for client in ClientFactory.create_batch(rows, agency=owner.agency):
        add_competitors(client=client, domains=["a.example", "b.example"])

    with django_assert_num_queries(7):
        page = owner_browser.get(url(owner, "clients"))

    assert [row.competitor_count for row in page.context["page"].rows] == [2] * rows


@pytest.mark.parametrize("rows", [1, 3])
def test_page_asks_as_much_for_three_as_for_one(
    owner: Membership, owner_browser: Browser, acme: Client, rows: int, django_assert_num_queries
) -> None:
    add_competitors(client=acme, domains=[f"{number}.example" for number in "abc"[:rows]])
    for number in range(rows):
        TargetPage.objects.create(
            agency=owner.agency, client=acme, url=f"https://acme.example/{number}"
        )

    with django_assert_num_queries(8):
        owner_browser.get(url(owner, "client", acme.pk))


def test_list_is_searched(owner: Membership, owner_browser: Browser, acme: Client) -> None:
    ClientFactory.create(agency=owner.agency, name="Other")

    page = owner_browser.get(url(owner, "clients"), {"q": "acm"}, headers=HTMX)

    assert [row.name for row in page.context["page"].rows] == ["Acme"]
    assert b"<html" not in page.content


def test_search_without_a_match_says_so(
    owner: Membership, owner_browser: Browser, acme: Client
) -> None:
    page = owner_browser.get(url(owner, "clients"), {"q": "nobody"})

    assert "No client matches" in page.content.decode()


def test_archived_clients_have_a_list_of_their_own(
    owner: Membership, owner_browser: Browser, acme: Client
) -> None:
    owner_browser.post(url(owner, "client_archive", acme.pk))

    assert owner_browser.get(url(owner, "clients")).context["page"].rows == []
    assert owner_browser.get(url(owner, "clients"), {"archived": "1"}).context["page"].rows == [
        acme
    ]


def test_archiving_can_be_undone(owner: Membership, owner_browser: Browser, acme: Client) -> None:
    owner_browser.post(url(owner, "client_archive", acme.pk))
    owner_browser.post(url(owner, "client_unarchive", acme.pk))

    assert Client.objects.get().is_archived is False


def test_client_is_added(owner: Membership, owner_browser: Browser) -> None:
    owner_browser.post(url(owner, "client_new"), FORM | {"regions": "UK\nUS"})

    client = Client.objects.get()
    assert (client.name, client.domain, client.regions) == ("Acme", "acme.example", ["UK", "US"])


def test_second_client_of_a_name_is_refused(
    owner: Membership, owner_browser: Browser, acme: Client
) -> None:
    page = owner_browser.post(url(owner, "client_new"), FORM)

    assert page.status_code == 422
    assert "already a client" in page.content.decode()


def test_client_is_changed(owner: Membership, owner_browser: Browser, acme: Client) -> None:
    owner_browser.post(url(owner, "client_edit", acme.pk), FORM | {"core_offer": "Shoes"})

    assert Client.objects.get().core_offer == "Shoes"


def test_markup_in_a_name_stays_text(owner: Membership, owner_browser: Browser) -> None:
    client = ClientFactory.create(agency=owner.agency, name="<script>alert(1)</script>")

    page = owner_browser.get(url(owner, "client", client.pk)).content.decode()

    assert "<script>alert(1)" not in page


def test_competitors_are_added_in_place(
    owner: Membership, owner_browser: Browser, acme: Client
) -> None:
    page = owner_browser.post(
        url(owner, "competitors_add", acme.pk), {"domains": "a.example\nb.example"}, headers=HTMX
    )

    assert (
        page.content.decode().lstrip().startswith('<section class="card" id="client_competitors"')
    )
    assert Competitor.objects.count() == 2


def test_competitors_are_added_without_scripts(
    owner: Membership, owner_browser: Browser, acme: Client
) -> None:
    response = owner_browser.post(url(owner, "competitors_add", acme.pk), {"domains": "a.example"})

    assert response["Location"] == url(owner, "client", acme.pk)


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_bad_competitor_is_named(
    owner: Membership, owner_browser: Browser, acme: Client, headers: dict[str, str]
) -> None:
    page = owner_browser.post(
        url(owner, "competitors_add", acme.pk), {"domains": "nonsense"}, headers=headers
    )

    assert page.status_code == 422
    assert "nonsense" in page.content.decode()


def test_competitor_is_corrected(owner: Membership, owner_browser: Browser, acme: Client) -> None:
    add_competitors(client=acme, domains=["a.example"])
    row = Competitor.objects.get()

    owner_browser.post(url(owner, "competitor_edit", acme.pk, row.pk), {"domain": "c.example"})

    assert Competitor.objects.get().domain == "c.example"


def test_competitor_of_another_client_is_not_found(
    owner: Membership, owner_browser: Browser, acme: Client
) -> None:
    other = ClientFactory.create(agency=owner.agency)
    add_competitors(client=other, domains=["a.example"])
    row = Competitor.objects.get()

    response = owner_browser.post(url(owner, "competitor_delete", acme.pk, row.pk))

    assert response.status_code == 404


def test_competitor_is_removed(owner: Membership, owner_browser: Browser, acme: Client) -> None:
    add_competitors(client=acme, domains=["a.example"])

    owner_browser.post(url(owner, "competitor_delete", acme.pk, Competitor.objects.get().pk))

    assert not Competitor.objects.exists()


def test_page_is_added_with_its_anchors(
    owner: Membership, owner_browser: Browser, acme: Client
) -> None:
    owner_browser.post(url(owner, "page_new", acme.pk), ROWS)

    page = TargetPage.objects.get()
    assert (page.agency, page.anchors) == (
        owner.agency,
        [{"text": "heavy", "weight": 4}, {"text": "light", "weight": 1}],
    )


def test_page_is_changed(owner: Membership, owner_browser: Browser, acme: Client) -> None:
    owner_browser.post(url(owner, "page_new", acme.pk), ROWS)
    pk = TargetPage.objects.get().pk

    owner_browser.post(url(owner, "page_edit", acme.pk, pk), ROWS | {"priority": 5})

    assert TargetPage.objects.get().priority == 5


def test_second_page_of_a_url_is_refused(
    owner: Membership, owner_browser: Browser, acme: Client
) -> None:
    owner_browser.post(url(owner, "page_new", acme.pk), ROWS)

    page = owner_browser.post(url(owner, "page_new", acme.pk), ROWS)

    assert page.status_code == 422
    assert TargetPage.objects.count() == 1


def test_page_is_removed_in_place(owner: Membership, owner_browser: Browser, acme: Client) -> None:
    owner_browser.post(url(owner, "page_new", acme.pk), ROWS)

    answer = owner_browser.post(
        url(owner, "page_delete", acme.pk, TargetPage.objects.get().pk), headers=HTMX
    )

    assert 'id="client_pages"' in answer.content.decode()
    assert not TargetPage.objects.exists()


# The switcher -------------------------------------------------------------------


def request_of(rf, owner: Membership, session: dict[str, int]):
    request = rf.get("/")
    request.agency, request.user, request.session = owner.agency, owner.user, session
    return request


def test_all_clients_is_the_start(rf, owner: Membership) -> None:
    assert current_client(request_of(rf, owner, {})) is None


def test_chosen_client_is_remembered(rf, owner: Membership, acme: Client) -> None:
    session: dict[str, int] = {}
    choose_client(request_of(rf, owner, session), acme)

    assert current_client(request_of(rf, owner, session)) == acme


def test_choice_is_widened_again(rf, owner: Membership, acme: Client) -> None:
    session: dict[str, int] = {}
    choose_client(request_of(rf, owner, session), acme)
    choose_client(request_of(rf, owner, session), None)

    assert current_client(request_of(rf, owner, session)) is None


def test_archived_client_is_no_choice(rf, owner: Membership, acme: Client) -> None:
    session: dict[str, int] = {}
    choose_client(request_of(rf, owner, session), acme)
    Client.objects.update(is_archived=True)

    assert current_client(request_of(rf, owner, session)) is None


def test_choosing_returns_to_the_page(
    owner: Membership, owner_browser: Browser, acme: Client
) -> None:
    back = url(owner, "clients")

    response = owner_browser.post(url(owner, "client_choose"), {"client": acme.pk, "next": back})

    assert response["Location"] == back


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:x"])
def test_choosing_leads_nowhere_else(
    owner: Membership, owner_browser: Browser, acme: Client, target: str
) -> None:
    response = owner_browser.post(url(owner, "client_choose"), {"client": acme.pk, "next": target})

    assert response["Location"] == reverse("overview", args=[owner.agency.slug])


@pytest.mark.parametrize("pk", ["x", "0", "-1"])
def test_choosing_nonsense_is_not_found(owner: Membership, owner_browser: Browser, pk: str) -> None:
    assert owner_browser.post(url(owner, "client_choose"), {"client": pk}).status_code == 404


def test_client_of_another_agency_cannot_be_chosen(
    owner: Membership, owner_browser: Browser
) -> None:
    other = ClientFactory.create()

    assert owner_browser.post(url(owner, "client_choose"), {"client": other.pk}).status_code == 404
