"""The screens: what they list, who may use them, and that rows cost no queries."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from django.urls import reverse

from accounts.enums import Role
from compliance.models import Consent, InterestAssessment, RegionRule, Suppression
from compliance.selectors import standing_assessment
from compliance.services import authorise
from tests.factories.compliance import (
    NOON,
    AssessmentFactory,
    ConsentFactory,
    SuppressionFactory,
    send_request,
)

LONG = "We write only to editors of sites on our clients' subjects."


def url(name, agency, *args):
    return reverse(f"compliance:{name}", args=[agency.slug, *args])


@pytest.fixture
def people(agency, owner, stranger):
    return agency, owner, stranger


def login(membership):
    browser = Browser()
    browser.force_login(membership.user, backend="django.contrib.auth.backends.ModelBackend")
    return browser


def make(name, agency, owner, stranger, amount):
    if name == "suppressions":
        SuppressionFactory.create_batch(amount, agency=agency, actor=owner.user)
    elif name == "consents":
        ConsentFactory.create_batch(amount, agency=agency, actor=owner.user)
    elif name == "decisions":
        requests = [send_request(recipient=f"p{n}@site.example") for n in range(amount)]
        authorise(agency, requests, stage="asked", now=NOON)
    for _ in range(amount):
        if name == "audit":
            login(owner).post(url("rules_save", agency))
        elif name == "security":
            login(stranger).get(url("rules", agency))


# Of the partial, which is what rows could make dearer: session, user, membership, the list.
QUERIES = {"suppressions": 5, "consents": 5, "decisions": 4, "audit": 4, "security": 4}


@pytest.mark.parametrize("name", QUERIES)
@pytest.mark.parametrize("amount", [1, 3])
def test_list_takes_the_same_queries_for_any_rows(people, name, amount, django_assert_num_queries):
    agency, owner, stranger = people
    make(name, agency, owner, stranger, amount)
    owner_browser = login(owner)

    with django_assert_num_queries(QUERIES[name]):
        owner_browser.get(url(name, agency), headers={"HX-Request": "true"})


@pytest.mark.parametrize(
    "name", ["suppressions", "consents", "rules", "people", "audit", "security", "decisions",
             "suppression_add", "suppression_import", "suppression_remove", "consent_add",
             "assessment"],
)  # fmt: skip
def test_empty_page_opens(agency, owner_browser, name):
    assert owner_browser.get(url(name, agency)).status_code == 200


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=ann@site.example", 1),
        ("q=ann", 1),
        ("q=site.example", 1),
        ("q=gone@site.example", 1),
        ("q=nobody", 0),
        ("reason=bounced", 1),
        ("kind=domain", 1),
        ("cursor=rubbish&actor=x&since=never", 3),
    ],
)
def test_suppressions_are_searched_and_filtered(agency, owner_browser, query, found):
    SuppressionFactory.create(agency=agency, value="ann@site.example", reason="bounced")
    SuppressionFactory.create(agency=agency, value="two.example", kind="domain")
    SuppressionFactory.create(agency=agency, value="gone@site.example")
    Suppression.objects.filter(value="gone@site.example").update(value="")
    SuppressionFactory.create(value="ann@site.example")

    response = owner_browser.get(f"{url('suppressions', agency)}?{query}")

    assert len(response.context["page"].rows) == found


def test_partial_is_the_table_the_page_includes(agency, owner_browser):
    SuppressionFactory.create(agency=agency)

    response = owner_browser.get(url("suppressions", agency), headers={"HX-Request": "true"})

    assert response.templates[0].name == "compliance/_suppression_table.html"


def test_many_are_suppressed_at_once(agency, owner_browser):
    owner_browser.post(
        url("suppression_add", agency),
        {"values": "Ann@site.example\n\ntwo.example\n", "reason": "manual"},
    )

    assert sorted(Suppression.objects.values_list("kind", "value")) == [
        ("address", "ann@site.example"),
        ("domain", "two.example"),
    ]


@pytest.mark.parametrize("bad", ["ann@", "not a thing", "gmail.com"])
def test_bad_line_is_named_and_nothing_is_suppressed(agency, owner_browser, bad):
    response = owner_browser.post(
        url("suppression_add", agency), {"values": f"ann@site.example\n{bad}", "reason": "manual"}
    )

    assert response.status_code == 422
    assert f"Line 2, “{bad}”" in response.content.decode()
    assert not Suppression.objects.exists()


def test_file_is_imported_and_rejected_lines_are_named(agency, owner_browser):
    upload = SimpleUploadedFile("list.csv", b"email\nann@site.example\nbroken@\n")

    response = owner_browser.post(url("suppression_import", agency), {"file": upload})

    assert response.status_code == 200
    assert "broken@" in response.content.decode()
    assert Suppression.objects.get().source == "Imported from list.csv"


def test_unreadable_file_is_refused_in_words(agency, owner_browser):
    upload = SimpleUploadedFile("list.xlsx", b"PK\x03\x04nonsense")

    response = owner_browser.post(url("suppression_import", agency), {"file": upload})

    assert response.status_code == 422
    assert "save it as CSV" in response.content.decode()


def test_export_leaves_out_erased_and_other_agencies_and_is_safe(agency, owner_browser):
    SuppressionFactory.create(agency=agency, value="ann@site.example", source="=cmd()")
    SuppressionFactory.create(agency=agency, value="")
    SuppressionFactory.create()

    response = owner_browser.get(url("suppression_export", agency))

    lines = b"".join(response.streaming_content).decode("utf-8-sig").splitlines()
    assert [line.rsplit(",", 1)[0] for line in lines] == [
        "Kind,Value,Reason,Source",
        "address,ann@site.example,manual,'=cmd()",
    ]


def test_export_can_be_imported_again(agency, stranger, owner_browser, browser_of):
    SuppressionFactory.create(agency=agency, value="ann@site.example", reason="bounced")
    exported = b"".join(owner_browser.get(url("suppression_export", agency)).streaming_content)

    browser_of(stranger).post(
        url("suppression_import", stranger.agency), {"file": SimpleUploadedFile("x.csv", exported)}
    )

    assert Suppression.objects.for_agency(stranger.agency).get().reason == "bounced"


def test_removal_asks_for_a_reason_first(agency, owner_browser):
    row = SuppressionFactory.create(agency=agency)

    asked = owner_browser.get(url("suppression_remove", agency), {"ids": [row.pk]})
    refused = owner_browser.post(url("suppression_remove", agency), {"ids": [row.pk], "reason": ""})
    done = owner_browser.post(
        url("suppression_remove", agency), {"ids": [row.pk], "reason": "Asked us to."}
    )

    assert [asked.status_code, refused.status_code, done.status_code] == [200, 422, 302]
    assert not Suppression.objects.exists()


def test_removal_of_another_agencys_row_does_nothing(agency, owner_browser):
    row = SuppressionFactory.create()

    owner_browser.post(url("suppression_remove", agency), {"ids": [row.pk], "reason": "Mine?"})

    assert Suppression.objects.exists()


@pytest.mark.parametrize(
    "name", ["suppression_import", "suppression_export", "suppression_remove", "consent_add",
             "rules_save", "assessment", "assessment_withdraw", "people", "person_export",
             "person_erase", "audit", "security"],
)  # fmt: skip
def test_member_may_not(agency, join, browser_of, name):
    assert browser_of(join(Role.MEMBER)).post(url(name, agency)).status_code == 403


@pytest.mark.parametrize(
    "name", ["suppressions", "suppression_add", "consents", "rules", "decisions"]
)
def test_member_may_look(agency, join, browser_of, name):
    assert browser_of(join(Role.MEMBER)).get(url(name, agency)).status_code == 200


def test_consent_is_recorded_for_each_address(agency, owner, owner_browser):
    owner_browser.post(
        url("consent_add", agency),
        {
            "addresses": "ann@site.example\nBob@site.example",
            "basis": "consent",
            "evidence": "Signed up at the fair",
            "obtained_at": "2026-03-01",
            "expires_at": "2027-03-01",
        },
    )

    assert sorted(Consent.objects.values_list("address", "actor")) == [
        ("ann@site.example", owner.user.pk),
        ("bob@site.example", owner.user.pk),
    ]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"addresses": "ann@"}, "addresses"),
        ({"evidence": ""}, "evidence"),
        ({"obtained_at": "2199-01-01"}, "obtained_at"),
        ({"expires_at": "2020-01-01"}, "expires_at"),
    ],
)
def test_consent_without_proof_is_refused(agency, owner_browser, changes, field):
    data = {
        "addresses": "ann@site.example",
        "basis": "consent",
        "evidence": "Fair",
        "obtained_at": "2026-03-01",
    }

    response = owner_browser.post(url("consent_add", agency), data | changes)

    assert list(response.context["form"].errors) == [field]
    assert not Consent.objects.exists()


def test_withdrawn_consent_stays_on_record(agency, owner_browser):
    consent = ConsentFactory.create(agency=agency)

    owner_browser.post(url("consent_withdraw", agency, consent.pk))

    consent.refresh_from_db()
    assert consent.standing == ("Withdrawn", "bad")


def test_only_rules_that_differ_from_the_default_are_stored(agency, owner_browser):
    rules = dict.fromkeys(["EU", "UK", "CH", "CA", "AU", "NZ"], "consent")
    rules |= {"US": "blocked", "OTHER": "legitimate_interest"}

    owner_browser.post(url("rules_save", agency), rules)
    assert list(RegionRule.objects.values_list("region", "requirement")) == [("US", "blocked")]
    owner_browser.post(url("rules_save", agency), rules | {"US": "legitimate_interest"})
    assert not RegionRule.objects.exists()


def test_new_assessment_replaces_the_one_before_and_keeps_it(agency, owner, owner_browser):
    old = AssessmentFactory.create(agency=agency)

    owner_browser.post(
        url("assessment", agency), {"purpose": LONG, "necessity": LONG, "balancing": LONG}
    )

    new = standing_assessment(agency)
    assert new is not None
    assert (new.recorded_by, InterestAssessment.objects.count()) == (owner.user, 2)
    assert new != old


def test_withdrawn_assessment_no_longer_holds(agency, owner_browser):
    AssessmentFactory.create(agency=agency)

    owner_browser.post(url("assessment_withdraw", agency))

    assert standing_assessment(agency) is None


def test_decision_page_shows_every_check(agency, owner_browser):
    [decision] = authorise(agency, [send_request()], stage="asked", now=NOON)

    page = owner_browser.get(url("decision", agency, decision.decision_id)).content.decode()

    assert all(line["sentence"].split("’")[0] in page for line in decision.trace)


def test_decision_of_another_agency_is_not_found(agency, stranger, owner_browser):
    [decision] = authorise(stranger.agency, [send_request()], stage="asked", now=NOON)

    assert owner_browser.get(url("decision", agency, decision.decision_id)).status_code == 404


@pytest.mark.parametrize(
    ("query", "found"),
    [("outcome=blocked", 2), ("outcome=allowed", 0), ("q=p1@", 1), ("q=site.example", 2),
     ("since=2026-11-24", 0), ("until=2026-11-23", 2)],
)  # fmt: skip
def test_decisions_are_filtered(agency, owner_browser, query, found):
    requests = [send_request(recipient=f"p{n}@site.example") for n in range(2)]
    authorise(agency, requests, stage="asked", now=NOON)

    response = owner_browser.get(f"{url('decisions', agency)}?{query}")

    assert len(response.context["page"].rows) == found


@pytest.mark.parametrize(
    ("query", "found"),
    [("q=phone", 1), ("action=compliance", 1), ("action=leads", 0), ("since=2199-01-01", 0)],
)
def test_audit_log_is_searched(agency, owner_browser, query, found):
    owner_browser.post(
        url("suppression_add", agency),
        {"values": "ann@site.example", "reason": "manual", "source": "phone"},
    )

    response = owner_browser.get(f"{url('audit', agency)}?{query}")

    assert len(response.context["page"].rows) == found
