"""Links that exist already, from a file into the register."""

import json
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.enums import Role
from directory.enums import BacklinkStatus
from directory.models import Backlink
from directory.services.register_import import MAX_ROWS
from tests.factories.accounts import ClientFactory

HEADER = "Linking From,Linking To,Anchor Text,Payment – Amount,Payment – Expiration"
GOOD = "https://blog.example/one,https://acme.example/,A café,120.50,2027-05-01"


@pytest.fixture
def staff(join, browser_of):
    return browser_of(join(Role.MEMBER))


@pytest.fixture
def client_(agency):
    return ClientFactory.create(agency=agency)


def sent(browser, owner, *lines: str, encoding: str = "utf-8", **values: str):
    file = SimpleUploadedFile("links.csv", "\r\n".join(lines).encode(encoding))
    data = {"client": owner.pk, "file": file, "currency": "EUR"} | values
    return browser.post(reverse("directory:backlink_import", args=[owner.agency.slug]), data)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_buzzstream_file_is_read_as_it_is_encoded(staff, client_, encoding: str) -> None:
    sent(staff, client_, HEADER, GOOD, encoding=encoding)

    link = Backlink.objects.get(client=client_)
    assert (link.status, link.anchor_text) == (BacklinkStatus.PUBLISHED, "A café")
    assert (link.cost, link.cost_currency) == (Decimal("120.50"), "EUR")
    assert f"{link.expected_until}" == "2027-05-01"
    assert link.next_check_at is not None


def test_rows_with_errors_are_named_and_the_others_added(staff, client_) -> None:
    bad = "nonsense,https://acme.example/,x,-5,soon"

    report = sent(staff, client_, HEADER, bad, GOOD).context["report"]

    (row,) = report.rejected
    assert (report.added, row.line, row.page) == (1, 2, "nonsense")
    assert "Page that links" in row.reason
    assert "Agreed until" in row.reason


def test_same_link_is_not_added_twice(staff, client_) -> None:
    sent(staff, client_, HEADER, GOOD)

    report = sent(staff, client_, HEADER, GOOD, GOOD).context["report"]

    assert (report.added, report.known) == (0, 2)


def test_amount_without_a_currency_is_an_error(staff, client_) -> None:
    report = sent(staff, client_, HEADER, GOOD, currency="").context["report"]

    assert "Name the currency" in report.rejected[0].reason


@pytest.mark.parametrize("lines", [["a,b", "1,2"], [""], ["\0"]])
def test_file_without_the_two_pages_is_refused(staff, client_, lines) -> None:
    response = sent(staff, client_, *lines)

    assert (response.status_code, Backlink.objects.exists()) == (422, False)


def test_too_many_rows_are_refused(staff, client_) -> None:
    response = sent(staff, client_, HEADER, *["x,y,z,1,"] * (MAX_ROWS + 1))

    assert "more than 2,000 rows" in response.content.decode()


def test_client_of_another_agency_is_refused(staff, agency, client_) -> None:
    other = ClientFactory.create()

    response = sent(staff, client_, HEADER, GOOD, client=str(other.pk))

    assert (response.status_code, Backlink.objects.exists()) == (422, False)


def test_queries_do_not_grow_with_rows(staff, client_, django_assert_num_queries) -> None:
    rows = [GOOD.replace("one", str(number)) for number in range(4)]
    sent(staff, client_, HEADER, rows[0])
    for part in (rows[1:2], rows[2:]):
        with django_assert_num_queries(13):
            sent(staff, client_, HEADER, *part)


def test_errors_are_downloaded_as_safe_csv(staff, agency) -> None:
    address = reverse("directory:backlink_errors", args=[agency.slug])

    response = staff.post(address, {"rows": json.dumps([[2, "=1+1", "b", "Why"]])})

    assert "2,'=1+1,b,Why" in b"".join(response.streaming_content).decode()
    assert staff.post(address, {"rows": "[1]"}).status_code == 400
