"""Suppressions in the admin: added through the service, imported and exported."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from django.urls import reverse

from compliance.admin import SuppressionResource
from compliance.models import AuditEntry, Suppression
from tests.factories.accounts import UserFactory
from tests.factories.compliance import SuppressionFactory


@pytest.fixture
def admin_browser(db):
    browser = Browser()
    browser.force_login(
        UserFactory.create(is_staff=True, is_superuser=True),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    return browser


def test_platform_suppression_is_added_normalised(admin_browser):
    response = admin_browser.post(
        reverse("admin:compliance_suppression_add"),
        {"kind": "address", "value": " Ann@Site.example", "reason": "complained", "source": ""},
    )

    assert response.status_code == 302
    row = Suppression.objects.get()
    assert (row.agency, row.value, row.source) == (None, "ann@site.example", "Admin")


def test_value_of_a_suppression_cannot_be_changed(admin_browser):
    row = SuppressionFactory.create(value="ann@site.example")

    admin_browser.post(
        reverse("admin:compliance_suppression_change", args=[row.pk]),
        {"kind": "address", "value": "eve@site.example", "reason": "manual", "source": "x"},
    )

    row.refresh_from_db()
    assert (row.value, row.source) == ("ann@site.example", "x")


def test_file_is_imported_once(admin_browser):
    upload = SimpleUploadedFile("x.csv", b"value,reason\nAnn@site.example,bounced\ntwo.example,\n")
    data = {"format": "0", "resource": "0", "import_file": upload}

    preview = admin_browser.post(reverse("admin:compliance_suppression_import"), data)
    confirm = preview.context["confirm_form"].initial
    admin_browser.post(
        reverse("admin:compliance_suppression_process_import"),
        {name: confirm[name] for name in confirm} | {"resource": "0"},
    )

    assert sorted(Suppression.objects.values_list("kind", "value", "reason")) == [
        ("address", "ann@site.example", "bounced"),
        ("domain", "two.example", "imported"),
    ]
    assert all(row.digest and row.agency is None for row in Suppression.objects.all())


def test_export_has_a_column_for_each_field(db):
    SuppressionFactory.create(agency=None, value="ann@site.example", source="phone")

    data = SuppressionResource().export()

    assert data.dict == [
        {
            "agency": "",
            "kind": "address",
            "value": "ann@site.example",
            "reason": "manual",
            "source": "phone",
        }
    ]


def test_acts_in_the_admin_are_audited(admin_browser):
    admin_browser.post(
        reverse("admin:compliance_suppression_add"),
        {"kind": "domain", "value": "two.example", "reason": "manual", "source": ""},
    )

    assert AuditEntry.objects.get().action == "admin:compliance_suppression_add"
