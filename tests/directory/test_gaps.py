"""Gap searches from upload to register, as a browser and a worker see them."""

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.models import Competitor
from directory.enums import GapDomainStatus, GapStatus, SourceType
from directory.models import Backlink, GapDomain, GapFile, GapRun
from directory.services import gap_running, gaps
from foundation.choices import MoveError
from leads.models import Lead, LeadImport
from leads.services.running import run_import
from tests.directory.test_gap_engine import SEMRUSH, row
from tests.factories.accounts import ClientFactory
from tests.factories.directory import BacklinkFactory, GapDomainFactory, GapRunFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def url(agency):
    return lambda name, *args: reverse(f"directory:{name}", args=[agency.slug, *args])


@pytest.fixture
def client_of(agency):
    return ClientFactory.create(agency=agency, domain="ours.example")


@pytest.fixture
def run(agency, client_of) -> GapRun:
    return GapRunFactory.create(agency=agency, client=client_of)


def export(target: str, *urls: str, name: str = "export.csv") -> SimpleUploadedFile:
    rows = [row(one).replace("rival.example", target) for one in urls]
    return SimpleUploadedFile(name, (SEMRUSH + "\n".join(rows) + "\n").encode())


def give(run: GapRun, target: str, *urls: str) -> GapFile:
    return gaps.add_file(run, export(target, *urls), f"{target}.csv")


@pytest.fixture
def searched(run, django_capture_on_commit_callbacks) -> GapRun:
    give(run, "ours.example", "https://both.example/")
    give(run, "rival.example", "https://both.example/x", "https://only.example/a")
    give(run, "second.example", "https://only.example/b", "https://other.example/c")
    gaps.start_run(run)
    with django_capture_on_commit_callbacks(execute=True):
        gap_running.run_gap(run.pk)
    run.refresh_from_db()
    return run


def test_a_file_tells_whose_links_it_lists(run):
    assert give(run, "rival.example", "https://a.example/").owner_domain == "rival.example"


def test_a_file_that_is_no_export_is_refused_and_not_kept(run):
    with pytest.raises(gaps.GapRefusedError, match="No column of linking pages"):
        gaps.add_file(run, SimpleUploadedFile("x.csv", b"a,b\n1,2\n"), "x.csv")

    assert not run.files.exists()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [("x.exe", b"MZ", "is not an export"), ("x.csv", b"", "is empty")],
)
def test_what_cannot_be_an_export_is_refused(run, name, content, words):
    with pytest.raises(gaps.GapRefusedError, match=words):
        gaps.add_file(run, SimpleUploadedFile(name, content), name)


def test_a_file_larger_than_allowed_is_refused(run, settings):
    settings.GAP_MAX_BYTES = 10

    with pytest.raises(gaps.GapRefusedError, match="larger than"):
        give(run, "rival.example", "https://a.example/")


def test_a_search_wants_a_competitors_export(run):
    give(run, "ours.example", "https://a.example/")

    with pytest.raises(gaps.GapRefusedError, match="at least one export of a competitor"):
        gaps.start_run(run)


def test_a_search_wants_the_clients_website(run):
    run.client.domain = ""
    give(run, "rival.example", "https://a.example/")

    with pytest.raises(gaps.GapRefusedError, match="no website"):
        gaps.start_run(run)


def test_a_search_finds_and_ranks_the_gap(searched):
    found = searched.domains.order_by("-score")

    assert [(one.domain, one.competitors_count) for one in found] == [
        ("only.example", 2),
        ("other.example", 1),
    ]
    assert (searched.status, searched.domains_count, searched.rows_read) == (
        GapStatus.FINISHED,
        2,
        5,
    )


def test_a_finished_search_keeps_no_exports(searched):
    assert not any(one.file.storage.exists(one.file.name) for one in searched.files.all())


def test_a_search_runs_once(searched):
    assert gap_running.run_gap(searched.pk) is None


def test_a_file_damaged_since_fails_the_search_with_its_name(run):
    kept = give(run, "rival.example", "https://a.example/")
    Path(kept.file.path).write_bytes(b"nothing here")
    gaps.start_run(run)

    gap_running.run_gap(run.pk)

    run.refresh_from_db()
    assert run.status == GapStatus.FAILED
    assert run.error.startswith("“rival.example.csv”: No column of linking pages")


def test_a_stopped_search_goes_back_to_its_files(run):
    give(run, "rival.example", "https://a.example/")
    gaps.start_run(run)

    gaps.stop_run(run)

    assert gap_running.run_gap(run.pk) is None
    assert run.status == GapStatus.DRAFT


def test_a_finished_search_cannot_be_stopped(searched):
    with pytest.raises(MoveError):
        gaps.stop_run(searched)


def test_a_dismissed_domain_stays_dismissed_in_the_next_search(searched, run, agency):
    searched.domains.filter(domain="only.example").update(status=GapDomainStatus.DISMISSED)
    again = GapRunFactory.create(agency=agency, client=searched.client)
    give(again, "rival.example", "https://only.example/a", "https://new.example/")
    gaps.start_run(again)

    gap_running.run_gap(again.pk)

    assert dict(again.domains.values_list("domain", "status")) == {
        "only.example": GapDomainStatus.DISMISSED,
        "new.example": GapDomainStatus.OPEN,
    }


# Pages -------------------------------------------------------------------------------------


def test_the_way_from_client_to_gap_in_a_browser(
    owner_browser, url, client_of, django_capture_on_commit_callbacks
):
    Competitor.objects.create(client=client_of, agency=client_of.agency, domain="rival.example")
    owner_browser.post(url("gap_new"), {"client": client_of.pk})
    run = GapRun.objects.get()
    files = [
        export("ours.example", "https://both.example/", name="ours.csv"),
        export("rival.example", "https://only.example/", name="theirs.csv"),
    ]
    owner_browser.post(url("gap_upload", run.pk), {"files": files})
    ours, theirs = run.files.all()
    owner_browser.post(
        url("gap_start", run.pk),
        {f"owner_{ours.pk}": "ours.example", f"owner_{theirs.pk}": "rival.example"},
    )
    gap_running.run_gap(run.pk)

    page = owner_browser.get(url("gap", run.pk)).content.decode()

    assert "only.example" in page
    assert "both.example" not in page


def test_a_typed_owner_must_be_a_domain(owner_browser, url, run):
    file = give(run, "rival.example", "https://a.example/")

    response = owner_browser.post(
        url("gap_start", run.pk), {f"owner_{file.pk}": "other", f"other_{file.pk}": "nonsense"}
    )

    assert response.status_code == 422
    assert "Type the site’s domain" in response.content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_queries_however_many_domains(
    owner_browser, url, run, rows, django_assert_num_queries
):
    run.status = GapStatus.FINISHED
    run.save()
    GapDomainFactory.create_batch(rows, run=run)

    with django_assert_num_queries(QUERIES):
        response = owner_browser.get(url("gap", run.pk), headers={"HX-Request": "true"})

    assert response.content.decode().count("data-item") == rows


QUERIES = 6


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["only.example", "other.example"]),
        ("shared=2", ["only.example"]),
        ("competitor=second.example", ["only.example", "other.example"]),
        ("competitor=rival.example", ["only.example"]),
        ("rating=40", []),
        ("q=other", ["other.example"]),
        ("status=dismissed", []),
        ("rating=nonsense&shared=-1", ["only.example", "other.example"]),
    ],
)
def test_filters_narrow_the_list(owner_browser, url, searched, query, expected):
    page = owner_browser.get(f"{url('gap', searched.pk)}?{query}")

    assert sorted(one.domain for one in page.context["listing"].page.rows) == expected


def test_domains_go_into_the_register_once(owner_browser, url, searched):
    chosen = {"do": "take", "ids": [one.pk for one in searched.domains.all()]}

    owner_browser.post(url("gap_bulk", searched.pk), chosen)
    owner_browser.post(url("gap_bulk", searched.pk), chosen)

    links = Backlink.objects.order_by("source_domain")
    assert [(one.source_domain, one.source_type, one.gap_competitors) for one in links] == [
        ("only.example", SourceType.GAP, ["rival.example", "second.example"]),
        ("other.example", SourceType.GAP, ["second.example"]),
    ]
    assert [event.summary for one in links for event in one.events.all()] == [
        "Found in a competitor gap"
    ] * 2


def test_a_domain_in_the_register_is_linked_instead_of_added_again(owner_browser, url, searched):
    known = BacklinkFactory.create(
        agency=searched.agency, client=searched.client, source_domain="only.example"
    )

    owner_browser.post(url("gap_bulk", searched.pk), {"do": "take", "scope": "all", "query": ""})

    assert searched.domains.get(domain="only.example").backlink == known
    assert Backlink.objects.filter(source_domain="only.example").count() == 1


def test_a_dismissal_can_be_taken_back(owner_browser, url, searched):
    keys = list(searched.domains.values_list("pk", flat=True))
    owner_browser.post(url("gap_bulk", searched.pk), {"do": "dismiss", "ids": keys})
    dismissed = GapDomain.objects.filter(status=GapDomainStatus.DISMISSED).count()

    owner_browser.post(url("gap_bulk", searched.pk), {"do": "reopen", "ids": keys})

    assert (dismissed, GapDomain.objects.open().count()) == (2, 2)


def test_another_agencys_domains_cannot_be_taken(owner_browser, url, run):
    theirs = GapDomainFactory.create()

    owner_browser.post(url("gap_bulk", run.pk), {"do": "take", "ids": [theirs.pk]})

    assert not Backlink.objects.exists()


def test_the_export_runs_nothing_in_a_spreadsheet(owner_browser, url, searched):
    searched.domains.filter(domain="only.example").update(
        evidence=[{"competitor": "rival.example", "url": "=1+1", "anchor": "@x", "links": 1}]
    )

    text = b"".join(owner_browser.get(url("gap_export", searched.pk))).decode()

    assert "'=1+1" in text
    assert "'@x" in text


def test_domains_become_leads_in_one_step(
    owner_browser, agency, searched, django_capture_on_commit_callbacks
):
    enrol = reverse("campaigns:gap_enrol", args=[agency.slug, searched.pk])

    owner_browser.post(enrol, {"asked": "1", "scope": "all", "query": ""})
    run_import(LeadImport.objects.get().pk)

    leads = Lead.objects.order_by("domain")
    assert [(one.domain, one.client) for one in leads] == [
        ("only.example", searched.client),
        ("other.example", searched.client),
    ]
    assert set(searched.domains.values_list("status", flat=True)) == {GapDomainStatus.ENROLLED}


def test_deleting_a_search_keeps_the_register(owner_browser, url, searched):
    owner_browser.post(url("gap_bulk", searched.pk), {"do": "take", "scope": "all", "query": ""})

    owner_browser.post(url("gap_delete", searched.pk))

    assert (GapRun.objects.count(), Backlink.objects.count()) == (0, 2)
