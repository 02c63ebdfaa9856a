"""Clients, competitors and target pages."""

import pytest

from accounts.models import Agency, Client, Competitor, TargetPage
from accounts.services import clients
from accounts.services.clients import (
    ClientRuleError,
    add_competitors,
    archive_client,
    change_client,
    change_competitor,
    create_client,
    save_target_page,
)
from tests.factories.accounts import ClientFactory

pytestmark = pytest.mark.django_db


def test_client_belongs_to_its_agency(agency: Agency) -> None:
    client = create_client(agency=agency, fields={"name": "Acme"})

    assert client.agency == agency


def test_name_is_taken_once_whatever_its_case(agency: Agency) -> None:
    create_client(agency=agency, fields={"name": "Acme"})

    with pytest.raises(ClientRuleError):
        create_client(agency=agency, fields={"name": "ACME"})


def test_other_agencies_may_use_the_name(agency: Agency) -> None:
    ClientFactory.create(name="Acme")

    assert create_client(agency=agency, fields={"name": "Acme"}).pk


def test_client_keeps_its_own_name(agency: Agency) -> None:
    client = ClientFactory.create(agency=agency, name="Acme")

    assert change_client(client=client, fields={"name": "ACME"}).name == "ACME"


def test_archived_client_comes_back() -> None:
    client = ClientFactory.create()

    archive_client(client=client, archived=True)
    archive_client(client=client, archived=False)

    assert Client.objects.get().is_archived is False


def test_competitors_are_added_once() -> None:
    client = ClientFactory.create()
    add_competitors(client=client, domains=["a.example"])

    assert add_competitors(client=client, domains=["a.example", "b.example", "b.example"]) == 1


def test_competitors_carry_the_agency() -> None:
    client = ClientFactory.create()
    add_competitors(client=client, domains=["a.example"])

    assert Competitor.objects.get().agency_id == client.agency_id


def test_competitors_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clients, "COMPETITOR_LIMIT", 1)

    with pytest.raises(ClientRuleError):
        add_competitors(client=ClientFactory.create(), domains=["a.example", "b.example"])


def test_competitor_cannot_become_another() -> None:
    client = ClientFactory.create()
    add_competitors(client=client, domains=["a.example", "b.example"])

    with pytest.raises(ClientRuleError):
        change_competitor(competitor=client.competitors.all()[0], domain="b.example")


def test_page_url_is_taken_once() -> None:
    client = ClientFactory.create()
    fields = {"url": "https://acme.example/", "anchors": []}
    save_target_page(page=TargetPage(client=client), fields=fields)

    with pytest.raises(ClientRuleError):
        save_target_page(page=TargetPage(client=client), fields=fields)


def test_pages_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clients, "PAGE_LIMIT", 0)

    with pytest.raises(ClientRuleError):
        save_target_page(
            page=TargetPage(client=ClientFactory.create()), fields={"url": "https://a.example/"}
        )
