"""The template library and what it starts with."""

import pytest
from django.urls import reverse

from campaigns.models import EmailTemplate
from campaigns.services.templates import add_starters
from campaigns.starters import STARTERS
from campaigns.templating import VARIABLES, render_email
from tests.factories.campaigns import EnrolledLeadFactory, TemplateFactory

QUERIES = 6
FILLED = {item.name: item.example for item in VARIABLES}


def _url(agency, name="templates", *args):
    return reverse(f"campaigns:{name}", args=[agency.slug, *args])


@pytest.mark.parametrize("rows", [1, 3])
def test_the_library_asks_as_often_for_one_as_for_three(
    agency, owner_browser, rows, django_assert_num_queries
) -> None:
    TemplateFactory.create_batch(rows, agency=agency)
    with django_assert_num_queries(QUERIES):
        owner_browser.get(_url(agency), headers={"HX-Request": "true"})


@pytest.mark.parametrize("starter", STARTERS, ids=lambda starter: starter.name)
def test_a_starter_renders_without_holes(starter) -> None:
    rendered = render_email(starter.subject, starter.body, FILLED)
    assert (rendered.error, rendered.unresolved) == ("", [])


@pytest.mark.parametrize("starter", STARTERS, ids=lambda starter: starter.name)
def test_a_starter_needs_only_what_every_client_has(starter) -> None:
    least = {
        name: FILLED[name]
        for name in ("domain", "client_name", "client_domain", "target_url", "sender_first_name")
    }
    rendered = render_email(starter.subject, starter.body, least)
    assert (rendered.error, rendered.unresolved) == ("", [])


def test_starters_are_added_once(agency) -> None:
    assert (add_starters(agency), add_starters(agency)) == (len(STARTERS), 0)


def test_starters_are_added_by_a_button(agency, owner_browser) -> None:
    owner_browser.post(_url(agency, "template_starters"))
    assert EmailTemplate.objects.for_agency(agency).count() == len(STARTERS)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({}, ["Nudge", "Pitch"]),
        ({"category": "Follow-up"}, ["Nudge"]),
        ({"q": "pit"}, ["Pitch"]),
        ({"q": "nothing"}, []),
    ],
)
def test_the_library_is_narrowed(agency, owner_browser, query, names) -> None:
    TemplateFactory.create(agency=agency, name="Nudge")
    TemplateFactory.create(agency=agency, name="Pitch", category="Guest post")
    page = owner_browser.get(_url(agency), query).context["page"]
    assert [template.name for template in page.rows] == names


def test_the_library_hides_other_agencies(agency, owner_browser, stranger) -> None:
    TemplateFactory.create(agency=stranger.agency)
    assert owner_browser.get(_url(agency)).context["page"].rows == []


def test_a_template_is_kept(agency, owner_browser) -> None:
    owner_browser.post(
        _url(agency, "template_new"),
        {"name": "Pitch", "category": "Guest post", "subject": "Hi", "body": "{{ first_name }}"},
    )
    assert EmailTemplate.objects.get().body == "{{ first_name }}"


def test_a_template_with_a_mistake_is_not_kept(agency, owner_browser) -> None:
    response = owner_browser.post(
        _url(agency, "template_new"), {"name": "Pitch", "body": "Hi\n\n{{ first_name | shout }}"}
    )
    assert response.context["form"].errors["body"] == ["Line 3: there is no filter called “shout”."]


def test_a_name_is_taken_once(agency, owner_browser) -> None:
    TemplateFactory.create(agency=agency, name="Pitch")
    response = owner_browser.post(_url(agency, "template_new"), {"name": "Pitch", "body": "x"})
    assert (response.status_code, "already a template" in response.content.decode()) == (422, True)


def test_a_template_is_tried_on_a_lead(agency, owner_browser) -> None:
    lead = EnrolledLeadFactory.create(agency=agency, first_name="Callum")
    response = owner_browser.post(
        _url(agency, "template_preview"), {"body": "Hi {{ first_name }}", "lead": lead.pk}
    )
    assert response.context["preview"].rendered.text == "Hi Callum"


def test_without_leads_a_template_is_tried_on_an_invented_person(agency, owner_browser) -> None:
    response = owner_browser.post(_url(agency, "template_preview"), {"body": "Hi {{ first_name }}"})
    assert response.context["preview"].rendered.text == "Hi Elena"


def test_leads_are_found_by_the_beginning_of_their_address(agency, owner_browser) -> None:
    EnrolledLeadFactory.create(agency=agency, email="zoe@site.example", first_name="Zoe")
    EnrolledLeadFactory.create(agency=agency, first_name="Other")
    page = owner_browser.get(_url(agency, "preview_leads"), {"lead_q": "zo"}).content.decode()
    assert ("Zoe" in page, "Other" in page) == (True, False)


def test_a_copy_gets_a_name_of_its_own(agency, owner_browser) -> None:
    template = TemplateFactory.create(agency=agency, name="Pitch")
    for _ in range(2):
        owner_browser.post(_url(agency, "template_duplicate", template.pk))
    names = EmailTemplate.objects.values_list("name", flat=True)
    assert sorted(names) == ["Pitch", "Pitch (copy 2)", "Pitch (copy)"]


def test_deleting_asks_first(agency, owner_browser) -> None:
    template = TemplateFactory.create(agency=agency)
    owner_browser.get(_url(agency, "template_delete", template.pk))
    assert EmailTemplate.objects.count() == 1


def test_a_template_is_deleted(agency, owner_browser) -> None:
    template = TemplateFactory.create(agency=agency)
    owner_browser.post(_url(agency, "template_delete", template.pk))
    assert EmailTemplate.objects.count() == 0


def test_another_agencys_template_is_not_there(agency, owner_browser, stranger) -> None:
    template = TemplateFactory.create(agency=stranger.agency)
    assert owner_browser.get(_url(agency, "template_edit", template.pk)).status_code == 404
