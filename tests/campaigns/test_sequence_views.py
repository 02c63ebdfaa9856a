"""The sequence designer: everything works by plain forms, nothing written is lost."""

import pytest
from django.urls import reverse

from accounts.enums import Role
from campaigns.models import SequenceStep, StepVariant
from campaigns.services.content import digest_of
from tests.factories.campaigns import (
    CampaignFactory,
    EnrolledLeadFactory,
    EnrolmentFactory,
    StepFactory,
    TemplateFactory,
    VariantFactory,
)

QUERIES = 15


def _url(campaign, name="sequence", *args):
    return reverse(f"campaigns:{name}", args=[campaign.agency.slug, campaign.slug, *args])


def _first(campaign):
    return StepVariant.objects.select_related("step").get(
        step__campaign=campaign, step__order=1, label="A"
    )


def _form(variant, **changes):
    return {
        "subject": variant.subject,
        "body": variant.body,
        "weight": "1",
        "status": "active",
        "seen": digest_of(variant),
        **changes,
    }


@pytest.mark.parametrize("rows", [1, 3])
def test_the_designer_asks_as_often_for_one_step_and_lead_as_for_three(
    campaign, owner_browser, rows, django_assert_num_queries
) -> None:
    for order in range(2, rows + 1):
        VariantFactory.create(step=StepFactory.create(campaign=campaign, order=order))
        EnrolmentFactory.create(campaign=campaign)
        TemplateFactory.create(agency=campaign.agency)
    with django_assert_num_queries(QUERIES):
        owner_browser.get(_url(campaign))


def test_an_email_is_saved_without_script(campaign, owner_browser) -> None:
    owner_browser.post(
        _url(campaign) + "?step=1&variant=A", _form(_first(campaign), body="A new text.\r\nTwo.")
    )
    assert _first(campaign).body == "A new text.\nTwo."


def test_a_follow_up_is_saved_with_its_wait(campaign, owner_browser) -> None:
    variant = VariantFactory.create(step=StepFactory.create(campaign=campaign, order=2))
    changes = {"wait": "5", "wait_unit": "days", "thread_mode": "new"}
    owner_browser.post(_url(campaign) + "?step=2", _form(variant, **changes))
    step = campaign.steps.get(order=2)
    assert (step.wait, step.wait_unit, step.thread_mode) == (5, "days", "new")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("wait", "0"),
        ("wait", "366"),
        ("wait", ""),
        ("weight", "0"),
        ("weight", "101"),
        ("subject", "x" * 501),
        ("body", "x" * 20_001),
        ("status", "gone"),
    ],
)
def test_a_value_out_of_bounds_keeps_what_was_written(
    campaign, owner_browser, field, value
) -> None:
    variant = VariantFactory.create(step=StepFactory.create(campaign=campaign, order=2))
    fields = {"wait": "5", "wait_unit": "days", "thread_mode": "new", "body": "Mine."}
    response = owner_browser.post(
        _url(campaign) + "?step=2", _form(variant, **{**fields, field: value})
    )
    form = response.context["form"]
    assert (response.status_code, field in form.errors, form.data[field]) == (422, True, value)


def test_a_mistake_in_liquid_is_kept_and_named(campaign, owner_browser) -> None:
    owner_browser.post(_url(campaign), _form(_first(campaign), body="Hi {{ first_name"))
    page = owner_browser.get(_url(campaign)).content.decode()
    assert "a “{{” is not closed with “}}”" in page.replace("A “{{", "a “{{")


def test_the_second_writer_loses_nothing(campaign, owner_browser) -> None:
    form = _form(_first(campaign), body="Mine.")
    StepVariant.objects.update(body="Theirs.")
    response = owner_browser.post(_url(campaign), form)
    page = response.content.decode()
    assert (response.status_code, "Mine." in page, "Theirs." in page) == (409, True, True)


def test_the_second_writer_may_insist(campaign, owner_browser) -> None:
    form = _form(_first(campaign), body="Mine.")
    StepVariant.objects.update(body="Theirs.")
    seen = owner_browser.post(_url(campaign), form).context["seen"]
    owner_browser.post(_url(campaign), {**form, "seen": seen})
    assert _first(campaign).body == "Mine."


def test_previewing_without_script_saves_nothing(campaign, owner_browser) -> None:
    response = owner_browser.post(
        _url(campaign), _form(_first(campaign), body="Hi {{ first_name }}", preview="1")
    )
    assert (response.context["preview"].rendered.text, _first(campaign).body) == (
        "Hi Elena",
        "Hello there.",
    )


def test_the_preview_lists_what_is_missing(campaign, owner_browser) -> None:
    response = owner_browser.post(
        _url(campaign, "sequence_preview"), {"subject": "s", "body": "In {{ city }}"}
    )
    assert (response.context["holes"].counts, response.context["preview"].rendered.unresolved) == (
        [("city", 1)],
        ["city"],
    )


def test_the_preview_is_for_the_lead_chosen(campaign, owner_browser) -> None:
    lead = EnrolledLeadFactory.create(agency=campaign.agency, first_name="Callum")
    response = owner_browser.post(
        _url(campaign, "sequence_preview"), {"body": "Hi {{ first_name }}", "lead": lead.pk}
    )
    assert response.context["preview"].rendered.text == "Hi Callum"


def test_the_preview_shows_no_lead_of_another_agency(campaign, owner_browser, stranger) -> None:
    lead = EnrolledLeadFactory.create(agency=stranger.agency, first_name="Secret")
    response = owner_browser.post(
        _url(campaign, "sequence_preview"), {"body": "Hi {{ first_name }}", "lead": lead.pk}
    )
    assert "Secret" not in response.content.decode()


def test_a_value_in_the_preview_runs_nothing(campaign, owner_browser) -> None:
    lead = EnrolledLeadFactory.create(agency=campaign.agency, company="<script>alert(1)</script>")
    page = owner_browser.post(
        _url(campaign, "sequence_preview"), {"body": "{{ company }}", "lead": lead.pk}
    ).content.decode()
    assert ("<script>alert" in page, "&lt;script&gt;alert" in page) == (False, True)


def test_a_follow_up_is_previewed_in_its_thread(campaign, owner_browser) -> None:
    VariantFactory.create(step=StepFactory.create(campaign=campaign, order=2), subject="Other")
    response = owner_browser.get(_url(campaign), {"step": "2"})
    assert response.context["preview"].rendered.subject == "Re: A question"


def test_a_template_is_put_in_but_not_saved(campaign, owner_browser) -> None:
    template = TemplateFactory.create(agency=campaign.agency, body="From the library.")
    response = owner_browser.get(_url(campaign), {"template": template.pk})
    assert ("From the library." in response.content.decode(), _first(campaign).body) == (
        True,
        "Hello there.",
    )


def test_a_template_of_another_agency_is_not_put_in(campaign, owner_browser, stranger) -> None:
    template = TemplateFactory.create(agency=stranger.agency, body="Their secret.")
    response = owner_browser.get(_url(campaign), {"template": template.pk})
    assert "Their secret." not in response.content.decode()


def test_an_email_is_kept_as_a_template_in_another_tab(campaign, owner_browser) -> None:
    url = reverse("campaigns:template_new", args=[campaign.agency.slug])
    response = owner_browser.post(url, {"prefill": "1", "subject": "S", "body": "Kept."})
    assert (response.status_code, "Kept." in response.content.decode()) == (200, True)


def test_a_step_is_added(campaign, owner_browser) -> None:
    response = owner_browser.post(_url(campaign, "step_add"))
    assert (response.url, campaign.steps.count()) == (_url(campaign) + "?step=2", 2)


def test_a_step_is_moved(campaign, owner_browser) -> None:
    second = StepFactory.create(campaign=campaign, order=2)
    VariantFactory.create(step=second)
    owner_browser.post(_url(campaign, "step_move", second.pk, "up"))
    second.refresh_from_db()
    assert second.order == 1


def test_removing_a_step_asks_first(campaign, owner_browser) -> None:
    owner_browser.get(_url(campaign, "step_remove", campaign.steps.get().pk))
    assert SequenceStep.objects.count() == 1


def test_a_sequence_without_steps_offers_the_first(campaign, owner_browser) -> None:
    owner_browser.post(_url(campaign, "step_remove", campaign.steps.get().pk))
    assert "Write the first e-mail" in owner_browser.get(_url(campaign)).content.decode()


def test_a_variant_begins_as_a_copy(campaign, owner_browser) -> None:
    owner_browser.post(_url(campaign, "variant_add", campaign.steps.get().pk))
    assert list(StepVariant.objects.values_list("label", "body")) == [
        ("A", "Hello there."),
        ("B", "Hello there."),
    ]


def test_a_variant_is_removed(campaign, owner_browser) -> None:
    other = VariantFactory.create(step=campaign.steps.get(), label="B")
    owner_browser.post(_url(campaign, "variant_remove", other.pk))
    assert StepVariant.objects.count() == 1


def test_a_step_is_reached_only_through_its_campaign(campaign, owner_browser) -> None:
    other = StepFactory.create(campaign=CampaignFactory.create(agency=campaign.agency))
    response = owner_browser.post(_url(campaign, "step_remove", other.pk))
    assert response.status_code == 404


def test_a_client_does_not_see_the_designer(campaign, join, browser_of) -> None:
    assert browser_of(join(Role.CLIENT)).get(_url(campaign)).status_code == 403


def test_editing_a_running_campaign_says_that_it_pauses(campaign, owner_browser) -> None:
    type(campaign).objects.update(status="running", approved_version=1)
    response = owner_browser.post(_url(campaign), _form(_first(campaign), body="New."), follow=True)
    assert "The campaign is paused until it is approved again." in response.content.decode()
