"""An import from file to rows: dedup, suppression, rejects, restart, concurrency."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from compliance.enums import SuppressionReason
from compliance.models import Suppression
from compliance.services.suppression import suppress
from foundation.choices import MoveError
from leads.enums import IMPORT_MOVES, ImportStatus
from leads.importing import runs
from leads.models import Lead, LeadEvent, LeadImport
from leads.services import running
from leads.services.imports import (
    ImportRefusedError,
    cancel_import,
    checked_mapping,
    move_import,
    preview,
    start_import,
)
from leads.services.running import run_import
from leads.signals import import_finished
from tests.factories.accounts import AgencyFactory, ClientFactory
from tests.factories.leads import LeadFactory, LeadImportFactory
from tests.leads.files import counts, upload


def test_run_import_stores_what_is_given_and_what_follows(load, agency) -> None:
    load("ANN@Shop.de,Ann,Lee,Shop,https://www.shop.de/,,gardens\n")

    lead = Lead.objects.get()
    assert (lead.agency, lead.email, lead.domain) == (agency, "ann@shop.de", "shop.de")
    assert (lead.country, lead.country_source) == ("DE", "tld")
    assert (lead.time_zone, lead.time_zone_source) == ("Europe/Berlin", "country")
    assert lead.custom == {"topic": "gardens"}
    assert lead.score == sum(part["points"] for part in lead.score_parts) == 47
    assert (lead.tier, lead.verification, lead.source) == ("warm", "unknown", "import")
    assert lead.batch == LeadImport.objects.get()


@pytest.mark.parametrize(
    ("known", "row", "expected"),
    [
        ({"email": "ann@a.example"}, "ANN@a.example,Ann,,,,,", (0, 0, 1, 0)),
        ({"email": "ann@a.example"}, "ann@a.example,Ann,Lee,,,,", (0, 1, 0, 0)),
        # The same whole name at the same site is the same person, whatever the address.
        (
            {"email": "ann@a.example", "last_name": "Lee", "website": "https://a.example/"},
            "a.lee@a.example,ANN,LEE,,a.example,,",
            (0, 0, 1, 0),
        ),
        # Half a name is not enough when both have an address.
        ({"email": "ann@a.example"}, "ann2@a.example,Ann,,,a.example,,", (1, 0, 0, 0)),
        ({"email": None, "first_name": ""}, "ann@a.example,Ann,Lee,,a.example,,", (0, 1, 0, 0)),
        ({"email": "ann@a.example"}, ",,,,https://a.example/blog,,", (0, 1, 0, 0)),
        ({"company": "Acme"}, ",,,Other Ltd,a.example,,", (1, 0, 0, 0)),
        ({"company": "Acme", "website": "https://a.example/"}, ",,,ACME,a.example,,", (0, 0, 1, 0)),
        ({}, "bob@b.example,Bob,Ray,,,,", (1, 0, 0, 0)),
    ],
)
def test_run_import_knows_a_lead_by_address_then_name_then_site(
    load, agency, known, row, expected
) -> None:
    values = {
        "email": "ann@a.example",
        "first_name": "Ann",
        "last_name": "",
        "company": "",
        "website": "",
        "domain": "a.example",
    }
    LeadFactory.create(agency=agency, **(values | known))

    assert counts(load(row + "\n")) == expected


def test_run_import_fills_what_is_empty_and_keeps_what_is_not(load, agency) -> None:
    lead = LeadFactory.create(
        agency=agency, email="ann@a.example", first_name="Ann", company="", custom={"topic": "x"}
    )

    load("ann@a.example,Anna,Lee,Acme,,FR,gardens\n")

    lead.refresh_from_db()
    assert (lead.first_name, lead.company, lead.country) == ("Ann", "Acme", "FR")
    assert lead.custom == {"topic": "x"}
    assert LeadEvent.objects.get().summary == "Changed by the import of p.csv"


def test_run_import_overwrites_when_told_to(load, agency) -> None:
    lead = LeadFactory.create(agency=agency, email="ann@a.example", custom={"topic": "x"})

    load("ann@a.example,Anna,,,,,gardens\n", duplicates="overwrite")

    lead.refresh_from_db()
    assert (lead.first_name, lead.last_name) == ("Anna", "Smith")
    assert lead.custom == {"topic": "gardens"}


def test_run_import_leaves_known_leads_alone_when_told_to(load, agency) -> None:
    LeadFactory.create(agency=agency, email="ann@a.example", company="")

    done = load("ann@a.example,,,Acme,,,\n", duplicates="skip")

    assert counts(done) == (0, 0, 1, 0)


def test_run_import_counts_duplicates_inside_the_file(load) -> None:
    done = load("ann@a.example,Ann,,,,,\nANN@A.example,,,,,,\nann@a.example,,,Acme,,,\n")

    assert counts(done) == (1, 1, 1, 0)
    assert done.skip_reasons == {"Duplicate of an earlier row of the file": 1}
    assert Lead.objects.get().company == "Acme"


def test_run_import_never_brings_back_the_suppressed(load, agency) -> None:
    suppress(
        agency=agency,
        kind="address",
        values=["ann@a.example"],
        reason=SuppressionReason.UNSUBSCRIBED,
    )
    suppress(agency=None, kind="domain", values=["b.example"], reason=SuppressionReason.COMPLAINED)

    done = load("ann@a.example,Ann,,,,,\nbob@b.example,Bob,,,,,\n,,,B,https://b.example/,,\n")

    assert counts(done) == (0, 0, 3, 0)
    assert done.skip_reasons == {"Suppressed: Unsubscribed": 1, "Suppressed: Complained": 2}
    assert not Lead.objects.exists()


def test_run_import_does_not_touch_another_agency(load) -> None:
    other = LeadFactory.create(email="ann@a.example", company="")
    Suppression.objects.all().delete()

    done = load("ann@a.example,Ann,,Acme,,,\n")

    other.refresh_from_db()
    assert (counts(done), other.company) == ((1, 0, 0, 0), "")


def test_run_import_twice_imports_once(load, agency) -> None:
    lead_import = upload("ann@a.example,Ann,,,,,\n", agency)
    start_import(lead_import)

    first, second = run_import(lead_import.pk), run_import(lead_import.pk)

    assert first is not None
    assert (counts(first), second) == ((1, 0, 0, 0), None)


def test_run_import_goes_on_after_the_last_whole_batch_of_a_killed_run(
    agency, monkeypatch, time_machine
) -> None:
    monkeypatch.setattr(runs.read_batches, "__kwdefaults__", {"skip": 0, "size": 2})
    rows = "".join(f"p{n}@site{n}.example,P,,,,,\n" for n in range(5)) + "bad,B,,,,,\n"
    lead_import = upload(rows, agency)
    start_import(lead_import)
    real, taken = running._take_in, []

    def die_in_second(*args: Any) -> bool:
        taken.append(1)
        if len(taken) == 2:
            raise KeyboardInterrupt
        return real(*args)

    monkeypatch.setattr(running, "_take_in", die_in_second)
    with pytest.raises(KeyboardInterrupt):
        run_import(lead_import.pk)
    monkeypatch.setattr(running, "_take_in", real)
    assert (Lead.objects.count(), running.due_imports()) == (2, [])

    time_machine.move_to(timezone.now() + dt.timedelta(minutes=3))
    assert running.due_imports() == [lead_import.pk]
    done = run_import(lead_import.pk)

    assert done is not None
    assert (counts(done), done.skip_reasons) == ((5, 0, 0, 1), {})


def test_run_import_stops_when_another_worker_has_taken_it(agency) -> None:
    lead_import = upload("ann@a.example,Ann,,,,,\n", agency)
    start_import(lead_import)
    LeadImport.objects.filter(pk=lead_import.pk).update(status=ImportStatus.RUNNING, attempts=1)
    stale = LeadImport.objects.get(pk=lead_import.pk)
    LeadImport.objects.update(attempts=2)

    assert running._run(stale) is False
    assert not Lead.objects.exists()


def test_run_import_inserts_what_another_import_did_not(agency, monkeypatch) -> None:
    lead_import = upload("ann@a.example,Ann,,,,,\nbob@b.example,Bob,,,,,\n", agency)
    start_import(lead_import)
    real = running.batch_lookups

    def lookups_then_someone_adds_ann(*args: Any) -> object:
        found = real(*args)
        LeadFactory.create(agency=agency, email="ann@a.example")
        return found

    monkeypatch.setattr(running, "batch_lookups", lookups_then_someone_adds_ann)
    done = run_import(lead_import.pk)

    assert done is not None
    assert (counts(done), Lead.objects.count()) == ((1, 0, 1, 0), 2)


def test_cancel_import_keeps_what_came_and_brings_no_more(agency) -> None:
    lead_import = upload("ann@a.example,Ann,,,,,\n", agency)
    start_import(lead_import)

    cancel_import(lead_import)

    assert run_import(lead_import.pk) is None
    assert not Lead.objects.exists()


def test_run_import_announces_that_it_has_finished(load) -> None:
    heard = []

    def hear(sender: object, lead_import: LeadImport, **more: object) -> None:
        heard.append(lead_import.pk)

    import_finished.connect(hear)
    try:
        done = load("ann@a.example,Ann,,,,,\n")
    finally:
        import_finished.disconnect(hear)

    assert heard == [done.pk]


def test_run_import_costs_the_same_queries_for_one_row_and_for_many(
    agency, django_assert_num_queries
) -> None:
    for n in (1, 30):
        lead_import = upload(
            "".join(f"p{n}{i}@site{i}.example,P,L{i},,,,\n" for i in range(n)), agency
        )
        start_import(lead_import)
        with django_assert_num_queries(QUERIES):
            run_import(lead_import.pk)


QUERIES = 20


def test_preview_says_what_will_become_of_each_row_and_stores_nothing(agency) -> None:
    LeadFactory.create(agency=agency, email="ann@a.example", company="")
    lead_import = upload("ann@a.example,,,Acme,,,\nbob@b.example,Bob,,,,,\nnope,,,,,,\n", agency)

    rows = preview(lead_import)

    assert [(row.line, row.outcome) for row in rows] == [
        (2, "updated"),
        (3, "created"),
        (4, "rejected"),
    ]
    assert Lead.objects.count() == 1


def test_create_import_refuses_what_is_no_spreadsheet(agency) -> None:
    with pytest.raises(ImportRefusedError, match="not a spreadsheet"):
        upload("x", agency, name="x.exe")


def test_create_import_refuses_a_broken_workbook(agency) -> None:
    with pytest.raises(ImportRefusedError, match="could not be opened"):
        upload(b"PK\x03\x04 nothing more", agency, name="x.xlsx")


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ({"A": "email", "B": "email"}, "both mapped"),
        ({"A": "first_name"}, "No column is mapped"),
        ({"A": "email", "B": "salary"}, "no field"),
    ],
)
def test_checked_mapping_refuses_what_cannot_work(mapping, message) -> None:
    with pytest.raises(ImportRefusedError, match=message):
        checked_mapping(["A", "B"], mapping)


def test_run_import_uses_the_client_for_relevance(agency) -> None:
    client = ClientFactory.create(agency=agency, industry="Gardening", regions=["DE"])
    lead_import = upload("ann@shop.de,Ann,,,https://shop.de/gardening,,\n", agency, client=client)
    start_import(lead_import)
    run_import(lead_import.pk)

    lead = Lead.objects.get()
    assert lead.client == client
    assert lead.score_parts[-1]["points"] == 15


FORBIDDEN = [
    (old, new)
    for old in ImportStatus.values
    for new in ImportStatus.values
    if new not in IMPORT_MOVES[old]
]


@pytest.mark.parametrize(("old", "new"), FORBIDDEN)
@pytest.mark.django_db
def test_move_import_refuses_what_is_not_a_move(old: str, new: str) -> None:
    lead_import = LeadImportFactory.create(status=old, agency=AgencyFactory.create())

    with pytest.raises(MoveError):
        move_import(lead_import, ImportStatus(new))
