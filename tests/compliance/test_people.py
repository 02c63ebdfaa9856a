"""A person's data: collected, erased everywhere, suppressed for ever."""

import pytest
from django.urls import reverse

from compliance import personal_data
from compliance.models import AuditEntry, Consent, PolicyDecision, Suppression
from compliance.selectors import suppressed
from compliance.services import authorise
from tests.factories.compliance import NOON, ConsentFactory, SuppressionFactory, send_request

ANN = "ann@site.example"


@pytest.fixture
def known_ann(agency):
    """Someone of whom we hold a consent, a suppression, a decision and a log entry."""
    ConsentFactory.create(agency=agency, address=ANN)
    SuppressionFactory.create(agency=agency, value=ANN, reason="unsubscribed")
    authorise(agency, [send_request(recipient=ANN)], stage="asked", now=NOON)
    AuditEntry.objects.create(agency=agency, action="x", changes={"values": ["Ann@Site.example"]})
    return agency


def test_everything_on_a_person_is_collected(known_ann):
    held = personal_data.everything_on(known_ann, ANN)["data"]["compliance"]

    assert {name: len(rows) for name, rows in held.items()} == {
        "suppressions": 1,
        "consents": 1,
        "decisions": 1,
    }


def test_nothing_of_other_agencies_is_collected(stranger, known_ann):
    held = personal_data.everything_on(stranger.agency, ANN)["data"]["compliance"]

    assert held == {"suppressions": [], "consents": [], "decisions": []}


def test_erased_person_is_nowhere_but_still_suppressed(known_ann, owner):
    personal_data.erase_person(agency=known_ann, address=ANN, actor=owner.user)

    rows = [
        str(list(model.objects.values()))
        for model in (Consent, Suppression, PolicyDecision, AuditEntry)
    ]
    assert [ANN in text.lower() for text in rows] == [False] * 4
    assert suppressed(known_ann, [ANN])[ANN].reason == "unsubscribed"


def test_erasing_someone_unknown_suppresses_them(agency, owner):
    personal_data.erase_person(agency=agency, address=ANN, actor=owner.user)

    assert suppressed(agency, [ANN])[ANN].reason == "erased"


def test_erasing_twice_erases_once(known_ann, owner):
    personal_data.erase_person(agency=known_ann, address=ANN, actor=owner.user)

    counts = personal_data.erase_person(agency=known_ann, address=ANN, actor=owner.user)

    assert set(counts.values()) == {0}
    assert Suppression.objects.count() == 1


def test_registered_apps_take_part(agency, owner):
    erased: list[str] = []

    def erase(agency, address):
        erased.append(address)
        return {"things": 1}

    personal_data.register(
        "test",
        collect=lambda agency, address: {"things": [{"address": address}]},
        erase=erase,
    )
    try:
        held = personal_data.everything_on(agency, ANN)["data"]["test"]
        counts = personal_data.erase_person(agency=agency, address=ANN, actor=owner.user)
    finally:
        personal_data._HOLDERS.pop("test")

    assert (held, erased, counts["things"]) == ({"things": [{"address": ANN}]}, [ANN], 1)


def test_screen_looks_up_downloads_and_erases(known_ann, owner_browser):
    def post(name, **data):
        return owner_browser.post(reverse(f"compliance:{name}", args=[known_ann.slug]), data)

    assert ANN in post("people", address=" Ann@site.example ").content.decode()
    assert post("person_export", address=ANN).json()["address"] == ANN
    assert post("person_erase", address=ANN).status_code == 422
    assert Consent.objects.exists()
    assert post("person_erase", address=ANN, sure="on").status_code == 302
    assert not Consent.objects.exists()


def test_audit_log_does_not_keep_the_address_that_was_erased(known_ann, owner_browser):
    owner_browser.post(
        reverse("compliance:person_erase", args=[known_ann.slug]), {"address": ANN, "sure": "on"}
    )

    assert ANN not in str(list(AuditEntry.objects.values("changes"))).lower()
