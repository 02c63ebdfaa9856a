"""The list, the drawer, acts on many, saved views and the wizard, as a browser sees them."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.enums import Role
from compliance.models import Suppression
from compliance.services import suppress
from leads.enums import BulkStatus, ImportStatus
from leads.models import BulkJob, Lead, LeadEvent, LeadImport, SavedView
from leads.services.running import run_import
from tests.factories.accounts import ClientFactory
from tests.factories.leads import LeadFactory, SavedViewFactory


@pytest.fixture
def url(agency):
    return lambda name, *args: reverse(f"leads:{name}", args=[agency.slug, *args])


LIST_QUERIES = 9


@pytest.mark.parametrize("rows", [1, 3])
def test_list_costs_the_same_queries_at_one_row_and_at_three(
    owner_browser, agency, url, rows, django_assert_num_queries
) -> None:
    for _ in range(rows):
        LeadFactory.create(agency=agency, client=ClientFactory.create(agency=agency))

    with django_assert_num_queries(LIST_QUERIES):
        response = owner_browser.get(url("list"), headers={"HX-Request": "true"})

    assert response.content.decode().count("data-item") == rows


def test_list_shows_only_the_agencys_leads(owner_browser, agency, url) -> None:
    LeadFactory.create(agency=agency, domain="ours.example")
    LeadFactory.create(domain="theirs.example")

    page = owner_browser.get(url("list")).content.decode()

    assert ("ours.example" in page, "theirs.example" in page) == (True, False)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=GARDEN", ["garden.example"]),
        ("q=lee+garden", ["garden.example"]),
        ("q=rden.exa", ["garden.example"]),
        ("status=qualified", ["soil.example"]),
        ("status=qualified&status=new", ["garden.example", "soil.example"]),
        ("tier=hot", ["soil.example"]),
        ("country=de", ["garden.example"]),
        ("email=no", ["soil.example"]),
        ("contacted=no", ["garden.example", "soil.example"]),
        ("score_min=50", ["soil.example"]),
        ("score_max=50", ["garden.example"]),
        ("field.topic=roses", ["garden.example"]),
        ("owner=none", ["garden.example", "soil.example"]),
        ("client=none&verification=unknown&source=manual", ["garden.example", "soil.example"]),
        ("status=no&score_min=x&batch=9999999999999999999999", ["garden.example", "soil.example"]),
    ],
)  # fmt: skip
def test_list_filters_by_its_url(owner_browser, agency, url, query, found) -> None:
    LeadFactory.create(
        agency=agency,
        domain="garden.example",
        first_name="Ann",
        last_name="Lee",
        email="ann@garden.example",
        country="DE",
        custom={"topic": "roses"},
        score=20,
    )
    LeadFactory.create(
        agency=agency, domain="soil.example", email=None, status="qualified", tier="hot", score=80
    )

    listing = owner_browser.get(f"{url('list')}?sort=site&{query}").context["listing"]

    assert [lead.domain for lead in listing.page.rows] == found


@pytest.mark.parametrize("sort", ["newest", "score", "site"])
def test_pages_hold_every_lead_once_in_order(owner_browser, agency, url, sort) -> None:
    for n in range(120):
        LeadFactory.create(agency=agency, score=n % 7, domain=f"site{n % 11}.example")
    order = {"newest": ["-created_at", "-id"], "score": ["-score", "-id"], "site": ["domain", "id"]}
    seen, cursor = [], ""

    for _ in range(3):
        response = owner_browser.get(f"{url('list')}?sort={sort}&cursor={cursor}")
        page = response.context["listing"].page
        seen += [lead.pk for lead in page.rows]
        cursor = page.next_cursor

    assert seen == list(Lead.objects.order_by(*order[sort]).values_list("pk", flat=True))
    assert cursor == ""


def test_list_opens_the_drawer_of_the_lead_in_its_url(owner_browser, agency, url) -> None:
    lead = LeadFactory.create(agency=agency, first_name="Zora")

    page = owner_browser.get(f"{url('list')}?peek={lead.pk}").content.decode()

    assert 'id="lead_drawer"' in page


def test_drawer_of_another_agencys_lead_stays_shut(owner_browser, url) -> None:
    other = LeadFactory.create()

    page = owner_browser.get(f"{url('list')}?peek={other.pk}").content.decode()

    assert 'id="lead_drawer"' not in page
    assert owner_browser.get(url("detail", other.pk)).status_code == 404


def test_detail_shows_the_history_of_the_whole_site(owner_browser, agency, url) -> None:
    lead = LeadFactory.create(agency=agency, domain="a.example")
    other = LeadFactory.create(agency=agency, domain="a.example")
    for one, text in ((lead, "Wrote to Ann"), (other, "Bob replied")):
        LeadEvent.objects.create(
            agency=agency, lead=one, domain="a.example", kind="sent", summary=text
        )

    page = owner_browser.get(url("detail", lead.pk)).content.decode()

    assert "Wrote to Ann" in page
    assert "Bob replied" in page


def test_detail_runs_nothing_a_file_brought(owner_browser, agency, url) -> None:
    bad = "<script>alert(1)</script>"
    lead = LeadFactory.create(agency=agency, first_name=bad, company=bad, custom={bad: bad})

    page = owner_browser.get(url("detail", lead.pk)).content.decode()

    assert bad not in page


def test_new_lead_is_inferred_and_scored(owner_browser, agency, url) -> None:
    owner_browser.post(url("new"), {"email": "Ann@Shop.de", "first_name": "Ann"})

    lead = Lead.objects.get()
    assert (lead.email, lead.domain, lead.country, lead.source) == (
        "ann@shop.de",
        "shop.de",
        "DE",
        "manual",
    )


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"email": "nope"}, "email"),
        ({"website": "javascript:x"}, "website"),
        ({"first_name": "Ann"}, "__all__"),
        ({"email": "a@a.example", "time_zone": "Mars"}, "time_zone"),
        ({"email": "a@a.example", "domain_rating": "101"}, "domain_rating"),
        ({"email": "known@a.example"}, "email"),
        ({"email": "gone@a.example"}, "email"),
    ],
)
def test_new_lead_says_what_is_wrong_with_it(owner_browser, agency, url, data, field) -> None:
    LeadFactory.create(agency=agency, email="known@a.example")
    suppress(agency=agency, kind="address", values=["gone@a.example"], reason="manual")

    response = owner_browser.post(url("new"), data)

    assert (response.status_code, list(response.context["form"].errors)) == (422, [field])


def test_edit_keeps_a_verdict_that_still_holds(owner_browser, agency, url) -> None:
    lead = LeadFactory.create(
        agency=agency, email="ann@a.example", verification="valid", verification_reasons=["x"]
    )

    owner_browser.post(url("edit", lead.pk), {"email": "ann@a.example", "country": "FR"})

    lead.refresh_from_db()
    assert (lead.verification, lead.country, lead.country_source) == ("valid", "FR", "given")
    assert lead.time_zone == "Europe/Paris"


def test_status_moves_and_refuses_what_is_no_move(owner_browser, agency, url) -> None:
    lead = LeadFactory.create(agency=agency)

    owner_browser.post(url("status", lead.pk), {"status": "qualified"})
    owner_browser.post(url("status", lead.pk), {"status": "placed"})

    lead.refresh_from_db()
    assert lead.status == "qualified"


def test_note_lands_in_the_timeline_under_htmx(owner_browser, agency, url) -> None:
    lead = LeadFactory.create(agency=agency)

    response = owner_browser.post(
        url("note", lead.pk), {"text": "Prefers phone"}, headers={"HX-Request": "true"}
    )

    assert "Prefers phone" in response.content.decode()


def test_bulk_changes_the_ticked_and_can_be_undone(owner_browser, agency, url) -> None:
    ticked, other = LeadFactory.create(agency=agency), LeadFactory.create(agency=agency)
    stranger = LeadFactory.create()

    owner_browser.post(
        url("bulk"), {"do": "status:qualified", "ids": [ticked.pk, stranger.pk], "query": ""}
    )

    statuses = list(Lead.objects.order_by("pk").values_list("status", flat=True))
    assert statuses == ["qualified", "new", "new"]
    owner_browser.post(url("job_undo", BulkJob.objects.get().pk))
    ticked.refresh_from_db()
    assert (ticked.status, other.status) == ("new", "new")


def test_bulk_on_all_matching_leaves_the_others(owner_browser, agency, url, owner) -> None:
    LeadFactory.create(agency=agency, country="DE")
    LeadFactory.create(agency=agency, country="FR")

    owner_browser.post(
        url("bulk"), {"do": f"owner:{owner.user.pk}", "scope": "all", "query": "country=DE"}
    )

    assert [lead.country for lead in Lead.objects.filter(owner=owner.user)] == ["DE"]


def test_bulk_sets_a_custom_field(owner_browser, agency, url) -> None:
    lead = LeadFactory.create(agency=agency, custom={"a": "1"})

    owner_browser.post(
        url("bulk"),
        {"do": "field", "field_name": "Topic of it", "field_value": "roses", "ids": [lead.pk]},
    )

    lead.refresh_from_db()
    assert lead.custom == {"a": "1", "topic_of_it": "roses"}


def test_bulk_refuses_an_owner_of_another_agency(owner_browser, agency, url, stranger) -> None:
    lead = LeadFactory.create(agency=agency)

    owner_browser.post(url("bulk"), {"do": f"owner:{stranger.user.pk}", "ids": [lead.pk]})

    assert not BulkJob.objects.exists()


def test_bulk_suppresses_after_asking(owner_browser, agency, url) -> None:
    lead = LeadFactory.create(agency=agency, email="ann@a.example")

    asked = owner_browser.post(url("bulk"), {"do": "suppress", "ids": [lead.pk]})
    assert (asked.status_code, Suppression.objects.count()) == (200, 0)
    owner_browser.post(url("bulk"), {"do": "suppress", "ids": [lead.pk], "confirmed": "1"})

    lead.refresh_from_db()
    assert (Suppression.objects.get().value, lead.status) == ("ann@a.example", "disqualified")


def test_bulk_delete_wants_the_number_typed_and_keeps_suppressions(
    owner_browser, agency, url
) -> None:
    Lead.objects.bulk_create(
        Lead(agency=agency, email=f"p{n}@a.example", domain="a.example") for n in range(1001)
    )
    Suppression.objects.create(agency=agency, value="p1@a.example", digest="x", reason="manual")
    data = {"do": "delete", "scope": "all", "query": "", "confirmed": "1"}

    refused = owner_browser.post(url("bulk"), {**data, "typed": "1000"})
    assert (refused.status_code, Lead.objects.count()) == (422, 1001)
    owner_browser.post(url("bulk"), {**data, "typed": "1,001"})
    job = BulkJob.objects.get()
    assert job.status == BulkStatus.QUEUED

    from leads.tasks import run_bulk  # noqa: PLC0415

    run_bulk(job.pk)
    run_bulk(job.pk)
    job.refresh_from_db()
    assert (job.status, job.changed, Lead.objects.count()) == ("finished", 1001, 0)
    assert Suppression.objects.count() == 1


def test_bulk_delete_is_a_managers(browser_of, join, agency, url) -> None:
    lead = LeadFactory.create(agency=agency)

    browser_of(join(Role.MEMBER)).post(
        url("bulk"), {"do": "delete", "ids": [lead.pk], "confirmed": "1"}
    )

    assert Lead.objects.count() == 1


def test_export_is_filtered_and_safe(owner_browser, agency, url) -> None:
    LeadFactory.create(
        agency=agency, country="DE", first_name="=cmd()", custom={"topic": "+SUM(A1)"}
    )
    LeadFactory.create(agency=agency, country="FR", email="away@a.example")

    response = owner_browser.get(f"{url('export')}?country=DE")
    text = b"".join(response.streaming_content).decode()

    assert "'=cmd()" in text
    assert "'+SUM(A1)" in text
    assert "away@a.example" not in text


def test_saved_view_is_kept_changed_and_forgotten(owner_browser, agency, url) -> None:
    owner_browser.post(
        url("view_save"), {"name": "Germans", "query": "country=DE&cursor=x", "shared": "on"}
    )
    view = SavedView.objects.get()
    assert view.query == "country=DE"

    listing = owner_browser.get(f"{url('list')}?view={view.pk}&country=FR").context["listing"]
    assert (listing.view, listing.changed) == (view, True)
    owner_browser.post(url("view_update", view.pk), {"query": "country=FR"})
    view.refresh_from_db()
    assert view.query == "country=FR"
    owner_browser.post(url("view_delete", view.pk))
    assert not SavedView.objects.exists()


def test_saved_view_of_another_agency_cannot_be_touched(owner_browser, url) -> None:
    other = SavedViewFactory.create()

    assert owner_browser.post(url("view_delete", other.pk)).status_code == 404


def test_wizard_works_without_javascript(owner_browser, agency, url) -> None:
    text = b"Email,Topic\nann@a.example,roses\nnope,soil\n"
    upload = SimpleUploadedFile("p.csv", text, "text/csv")

    response = owner_browser.post(url("import"), {"file": upload})
    lead_import = LeadImport.objects.get()
    assert response.url == url("import_columns", lead_import.pk)
    page = owner_browser.get(response.url).content.decode()
    assert "ann@a.example" in page
    response = owner_browser.post(
        response.url,
        {"column_0": "email", "column_1": "custom:topic", "duplicates": "fill"},
    )
    assert response.url == url("import_preview", lead_import.pk)
    page = owner_browser.get(response.url).content.decode()
    assert "it has no @" in page
    response = owner_browser.post(url("import_start", lead_import.pk))
    running = owner_browser.get(response.url).content.decode()
    assert "every 2s" in running
    run_import(lead_import.pk)
    done = owner_browser.get(response.url).content.decode()
    assert "every 2s" not in done
    assert url("import_rejects", lead_import.pk) in done
    rejected = owner_browser.get(url("import_rejects", lead_import.pk))
    assert "nope,soil,3,Email,nope," in b"".join(rejected.streaming_content).decode()
    assert Lead.objects.get().custom == {"topic": "roses"}


def test_wizard_refuses_a_file_that_is_no_table(owner_browser, url) -> None:
    response = owner_browser.post(
        url("import"), {"file": SimpleUploadedFile("p.pdf", b"%PDF", "application/pdf")}
    )

    assert response.status_code == 422
    assert "not a spreadsheet" in response.content.decode()


def test_import_under_way_can_be_stopped(owner_browser, agency, url) -> None:
    upload = SimpleUploadedFile("p.csv", b"Email\nann@a.example\n", "text/csv")
    owner_browser.post(url("import"), {"file": upload})
    lead_import = LeadImport.objects.get()
    owner_browser.post(url("import_start", lead_import.pk))

    owner_browser.post(url("import_cancel", lead_import.pk))

    lead_import.refresh_from_db()
    assert lead_import.status == ImportStatus.CANCELLED


@pytest.mark.parametrize("name", ["imports", "import", "import_example", "new"])
def test_pages_answer(owner_browser, url, name) -> None:
    assert owner_browser.get(url(name)).status_code == 200
