"""Directories in the admin: rehearsal, import, rejected rows, export, switching."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from django.urls import reverse

from directory.models import Directory
from tests.directory.files import table
from tests.factories.accounts import UserFactory
from tests.factories.directory import DirectoryFactory, DirectoryStepFactory

CHANGELIST = "admin:directory_directory_changelist"


@pytest.fixture
def browser(db: None) -> Browser:
    browser = Browser()
    browser.force_login(
        UserFactory.create(is_staff=True, is_superuser=True),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    return browser


def rehearse(browser: Browser, text: str):
    file = SimpleUploadedFile("directories.csv", text.encode())
    url = reverse("admin:directory_directory_import")
    return browser.post(url, {"import_file": file, "format": "0", "resource": ""})


def confirmation(response) -> dict[str, str]:
    return {name: value or "" for name, value in response.context["confirm_form"].initial.items()}


def test_rehearsal_names_bad_rows_and_offers_the_good_ones(browser: Browser) -> None:
    text, wrong = table(good=6, bad=2)

    page = rehearse(browser, text)

    assert {
        row.number: row.problems[0].column for row in page.context["rehearsal"]["rejected"]
    } == (wrong)
    assert "Import 6 rows, leave out 2" in " ".join(page.content.decode().split())
    assert Directory.objects.count() == 0


def test_confirmed_import_stores_the_good_rows(browser: Browser) -> None:
    page = rehearse(browser, table(good=6, bad=2)[0])

    response = browser.post(
        reverse("admin:directory_directory_process_import"), confirmation(page), follow=True
    )

    assert Directory.objects.count() == 6
    assert "6 new" in response.content.decode()


def test_rejected_rows_can_be_downloaded(browser: Browser) -> None:
    page = rehearse(browser, table(good=6, bad=2)[0])

    response = browser.post(reverse("admin:directory_directory_rejected"), confirmation(page))

    assert len(response.content.decode("utf-8-sig").splitlines()) == 3


def test_differences_are_shown_before_anything_is_stored(browser: Browser) -> None:
    there = DirectoryFactory.create(name="Old name")

    page = rehearse(browser, f"key,name\n{there.key},New name\n").content.decode()

    assert "Old name" in page
    assert "New name" in page


def test_file_without_its_columns_is_refused_in_words(browser: Browser) -> None:
    page = rehearse(browser, "colour\nred\n").content.decode()

    assert "one of them must be key or url" in page
    assert "Traceback" not in page


def test_export_is_imported_again_unchanged(browser: Browser) -> None:
    directory = DirectoryFactory.create(regions=["US", "GB"], industries=["Dentists"])
    DirectoryStepFactory.create_batch(2, directory=directory)
    form = {"format": "0", "resource": "", "export_items": []}
    exported = browser.post(reverse("admin:directory_directory_export"), form)

    page = rehearse(browser, exported.content.decode("utf-8-sig"))

    assert page.context["rehearsal"]["counts"] == {
        "new": 0,
        "changed": 0,
        "unchanged": 1,
        "rejected": 0,
    }


def test_selected_directories_are_switched_off(browser: Browser) -> None:
    directory = DirectoryFactory.create()

    browser.post(reverse(CHANGELIST), {"action": "deactivate", "_selected_action": [directory.pk]})

    directory.refresh_from_db()
    assert directory.is_active is False


def test_list_takes_the_same_queries_for_any_number(
    browser: Browser, django_assert_num_queries
) -> None:
    DirectoryFactory.create()
    browser.get(reverse(CHANGELIST))
    for _ in range(2):
        with django_assert_num_queries(4):
            browser.get(reverse(CHANGELIST))
        DirectoryFactory.create_batch(2)


def test_steps_are_edited_beside_their_directory(browser: Browser) -> None:
    directory = DirectoryFactory.create()
    step = DirectoryStepFactory.create(directory=directory)

    page = browser.get(reverse("admin:directory_directory_change", args=[directory.pk]))

    assert step.title in page.content.decode()


def test_lists_are_written_as_text_and_checked(browser: Browser) -> None:
    url = reverse("admin:directory_directory_add")
    form = {
        "key": "new",
        "name": "New",
        "url": "https://new.example/add",
        "category": "forum",
        "subcategory": "General",
        "link_type": "nofollow",
        "difficulty": "easy",
        "regions": "US; United Kingdom",
        "languages": "",
        "industries": "",
        "steps-TOTAL_FORMS": "0",
        "steps-INITIAL_FORMS": "0",
    }

    refused = browser.post(url, {**form, "regions": "Atlantis"})
    browser.post(url, form)

    assert "is no country" in refused.content.decode()
    assert Directory.objects.get().regions == ["US", "GB"]


def test_export_as_workbook_opens(browser: Browser) -> None:
    DirectoryFactory.create()

    response = browser.post(
        reverse("admin:directory_directory_export"), {"format": "1", "resource": ""}
    )

    assert io.BytesIO(response.content).read(2) == b"PK"
