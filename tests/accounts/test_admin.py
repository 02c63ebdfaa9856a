"""Importing and exporting clients in the admin, and making people by hand."""

import csv
import io

import pytest
import tablib  # type: ignore[import-untyped]  # ships no types
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from django.urls import reverse

from accounts.admin import ClientResource
from accounts.models import Agency, Client, User
from tests.factories.accounts import ClientFactory, UserFactory

pytestmark = pytest.mark.django_db
HEAD = "agency,name,domain,language,regions\n"


@pytest.fixture
def superadmin_browser() -> Browser:
    browser = Browser()
    browser.force_login(
        UserFactory.create(is_staff=True, is_superuser=True),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    return browser


def upload(browser: Browser, text: str):
    file = SimpleUploadedFile("clients.csv", text.encode(), content_type="text/csv")
    return browser.post(
        reverse("admin:accounts_client_import"),
        {"import_file": file, "format": "0", "resource": ""},
    )


def rows_of(response) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))


def test_file_is_previewed_and_then_imported(superadmin_browser: Browser, agency: Agency) -> None:
    preview = upload(superadmin_browser, f"{HEAD}{agency.slug},Acme,acme.example,en,UK; US\n")
    assert not Client.objects.exists()
    form = preview.context["confirm_form"]

    superadmin_browser.post(
        reverse("admin:accounts_client_process_import"), {**form.initial, "resource": ""}
    )

    client = Client.objects.get()
    assert (client.agency, client.name, client.regions) == (agency, "Acme", ["UK", "US"])


def test_second_import_changes_the_same_client(agency: Agency) -> None:
    ClientFactory.create(agency=agency, name="Acme", domain="old.example")
    data = dataset(f"{HEAD}{agency.slug},Acme,new.example,en,\n")

    ClientResource().import_data(data, raise_errors=True)

    assert list(Client.objects.values_list("name", "domain")) == [("Acme", "new.example")]


def test_unknown_agency_is_named_with_its_row(superadmin_browser: Browser) -> None:
    page = upload(superadmin_browser, f"{HEAD}nowhere,Acme,acme.example,en,\n").content.decode()

    assert "“nowhere” is the slug of no agency" in page
    assert not Client.objects.exists()


def test_export_holds_no_formula(superadmin_browser: Browser, agency: Agency) -> None:
    ClientFactory.create(agency=agency, name='=HYPERLINK("https://evil.example")')
    url = reverse("admin:accounts_client_export")
    fields = {f"clientresource_{name}": "on" for name in ("agency", "name")}

    response = superadmin_browser.post(url, {"format": "0", "resource": "0", **fields})

    assert not rows_of(response)[0]["name"].startswith("=")


def test_person_is_made_by_hand(superadmin_browser: Browser) -> None:
    superadmin_browser.post(
        reverse("admin:accounts_user_add"),
        {
            "email": "new@agency.example",
            "name": "New",
            "usable_password": "true",
            "password1": "correct horse battery",
            "password2": "correct horse battery",
            "memberships-TOTAL_FORMS": "0",
            "memberships-INITIAL_FORMS": "0",
        },
    )

    assert User.objects.get(email="new@agency.example").check_password("correct horse battery")


def dataset(text: str):
    return tablib.Dataset().load(text, format="csv")
