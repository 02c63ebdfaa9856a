"""Suppressing and lifting: idempotent, announced, matched after erasure, read from files."""

import io

import pytest
import xlsxwriter
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from compliance import list_files
from compliance.enums import SuppressionKind, SuppressionReason
from compliance.list_files import Entry, Rejected, read_list
from compliance.models import AuditEntry, Suppression, digest_of
from compliance.selectors import suppressed
from compliance.services import suppress, unsuppress
from compliance.services.suppression_import import import_suppressions
from compliance.signals import address_suppressed
from tests.factories.compliance import SuppressionFactory


@pytest.fixture
def heard():
    """What `address_suppressed` announced."""
    calls = []

    def hear(**kwargs):
        calls.append((kwargs["kind"], kwargs["values"], kwargs["reason"]))

    address_suppressed.connect(hear)
    yield calls
    address_suppressed.disconnect(hear)


def add(agency, *values, kind="address", reason="manual"):
    return suppress(agency=agency, kind=kind, values=values, reason=reason)


def file(text, name="list.csv"):
    return SimpleUploadedFile(name, text if isinstance(text, bytes) else text.encode())


def test_suppressing_normalises_and_counts_only_new_ones(agency):
    assert add(agency, " Ann@Site.Example ", "ann@site.example", "bob@site.example") == 2
    assert add(agency, "ANN@site.example", "eve@site.example") == 1


def test_new_suppressions_are_announced_once(agency, heard):
    add(agency, "ann@site.example")
    add(agency, "ann@site.example", "bob@site.example")

    assert heard == [
        ("address", ["ann@site.example"], "manual"),
        ("address", ["bob@site.example"], "manual"),
    ]


def test_first_reason_is_kept(agency):
    add(agency, "ann@site.example", reason="complained")
    add(agency, "ann@site.example", reason="manual")

    assert Suppression.objects.get().reason == "complained"


def test_refusal_that_is_no_address_is_kept_as_it_stands(agency):
    add(agency, "Ann(at)site.example")

    assert Suppression.objects.get().value == "ann(at)site.example"


def test_suppressing_takes_the_same_number_of_queries_for_any_amount(agency):
    counts = []
    for amount in (1, 3):
        with CaptureQueriesContext(connection) as queries:
            add(agency, *(f"p{n}@{amount}.example" for n in range(amount)))
        counts.append(len(queries))

    # Who hears of it adds queries of its own, but none for each address.
    assert counts[0] == counts[1]


def test_platform_and_agency_may_suppress_the_same_address(agency):
    add(agency, "ann@site.example")

    assert add(None, "ann@site.example") == 1
    assert add(None, "ann@site.example") == 0


def test_lookup_answers_for_addresses_as_they_were_given(agency, stranger):
    add(agency, "ann@site.example")
    add(agency, "two.example", kind="domain")
    add(None, "eve@three.example")
    add(stranger.agency, "zoe@four.example")
    asked = ["ANN@site.example", "x@mail.two.example", "eve@three.example", "zoe@four.example"]

    assert list(suppressed(agency, asked)) == asked[:3]


def test_lookup_is_one_query(agency, django_assert_num_queries):
    with django_assert_num_queries(1):
        suppressed(agency, [f"p{n}@site{n}.example" for n in range(50)])


def test_domain_does_not_cover_domains_that_merely_end_alike(agency):
    add(agency, "site.example", kind="domain")

    assert suppressed(agency, ["ann@othersite.example"]) == {}


def test_suppression_survives_erasure_of_its_value(agency):
    row = SuppressionFactory.create(agency=agency, value="ann@site.example")
    Suppression.objects.filter(pk=row.pk).update(value="")

    assert list(suppressed(agency, ["ann@site.example"])) == ["ann@site.example"]
    assert add(agency, "ann@site.example") == 0
    assert Suppression.objects.get().value == ""


def test_saving_an_erased_row_keeps_its_digest(agency):
    row = SuppressionFactory.create(agency=agency, value="ann@site.example")
    row.value = ""
    row.save()

    assert row.digest == digest_of("ann@site.example")


def test_lifting_needs_a_reason(agency, owner):
    row = SuppressionFactory.create(agency=agency)

    with pytest.raises(ValidationError):
        unsuppress(agency=agency, ids=[row.pk], reason="  ", actor=owner.user)
    assert Suppression.objects.exists()


def test_lifting_is_audited_with_its_reason(agency, owner):
    row = SuppressionFactory.create(agency=agency, value="ann@site.example")

    assert unsuppress(agency=agency, ids=[row.pk], reason="She asked us to.", actor=owner.user) == 1
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.changes) == (
        owner.user,
        {"value": "ann@site.example", "was": "manual", "reason": "She asked us to."},
    )


def test_lifting_reaches_neither_other_agencies_nor_the_platform(agency, owner):
    rows = [SuppressionFactory.create(), SuppressionFactory.create(agency=None)]

    count = unsuppress(
        agency=agency, ids=[row.pk for row in rows], reason="Why not", actor=owner.user
    )

    assert (count, Suppression.objects.count()) == (0, 2)


# Files --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        "Email,Name,Reason\nANN@site.example,Ann,unsubscribed\n",
        "Name;E-Mail;Type\nAnn;ann@site.example;Unsubscribed\n",
        "Name\tEmail address\tReason\nÅnn\tann@site.example\tunsubscribed\n".encode("utf-16"),
        "\ufeffemail,reason\r\nann@site.example,Unsubscribed\r\n",
        "name,email,reason\nJosé,ann@site.example,unsubscribed\n".encode("cp1252"),
    ],
)
def test_list_is_read_whatever_its_header_delimiter_and_encoding(content):
    assert list(read_list(file(content))) == [
        Entry(SuppressionKind.ADDRESS, "ann@site.example", SuppressionReason.UNSUBSCRIBED)
    ]


def test_list_without_a_header_is_read_from_its_first_column():
    found = list(read_list(file("ann@site.example\nwww.two.example\n@three.example\n")))

    assert [entry[:2] for entry in found] == [
        ("address", "ann@site.example"),
        ("domain", "www.two.example"),
        ("domain", "three.example"),
    ]


def test_bad_lines_are_rejected_with_line_and_reason():
    found = list(read_list(file("email\nann@\n\nbob@site.example\nnot a domain\n")))

    assert [(row.line, row.value) for row in found if isinstance(row, Rejected)] == [
        (2, "ann@"),
        (5, "not a domain"),
    ]
    assert all(row.reason for row in found if isinstance(row, Rejected))


def test_workbook_is_read():
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Name", "Email", "Reason"])
        sheet.write_row(1, 0, ["Ann", "ann@site.example", "Bounced"])

    found = list(read_list(file(buffer.getvalue(), "list.xlsx")))

    assert found == [Entry(SuppressionKind.ADDRESS, "ann@site.example", SuppressionReason.BOUNCED)]


@pytest.mark.parametrize(
    "content",
    [b"PK\x03\x04 not really", b"\x00\x01\x02\x03", b'email\n"' + b"x" * 200_000],
)
def test_what_cannot_be_read_is_refused_in_words(content):
    with pytest.raises(ValidationError):
        list(read_list(file(content)))


def test_too_many_lines_are_refused(monkeypatch):
    monkeypatch.setattr(list_files, "MAX_ROWS", 2)

    with pytest.raises(ValidationError, match="lines"):
        list(read_list(file("a@b.example\n" * 5)))


def test_importing_twice_adds_once_and_reports(agency, owner):
    text = "email,reason\nann@site.example,bounced\ntwo.example,\nbad\nann@site.example,bounced\n"

    reports = [
        import_suppressions(
            agency=agency, lines=read_list(file(text)), source="Old tool", actor=owner.user
        )
        for _ in range(2)
    ]

    assert [(r.added, r.known, r.rejected_count) for r in reports] == [(2, 0, 1), (0, 2, 1)]
    assert sorted(Suppression.objects.values_list("value", "reason")) == [
        ("ann@site.example", "bounced"),
        ("two.example", "imported"),
    ]
