"""Makes the e-mails of a campaign: picks variants, renders, threads, names every hole."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from django.db.models import prefetch_related_objects

from campaigns.enums import Review, ThreadMode, VariantStatus
from campaigns.models import Campaign, Enrolment, SequenceStep, StepEmail, StepVariant
from campaigns.rules import (
    campaign_key,
    hole_sentence,
    idempotency_key,
    one_line,
    pick_variant,
    reply_subject,
    sequence_key,
)
from campaigns.services.rows import update_each
from campaigns.templating import Rendered, lead_context, render_email
from campaigns.windows import Windows
from leads.models import Lead
from mailer.headers import HeaderError, check_header, is_plain, wire_address
from mailer.models import Mailbox, Message
from mailer.services.outbox import MessageDraft


@dataclass
class Draft:
    """One e-mail on its way into the outbox, or the reason that it stays."""

    enrolment: Enrolment
    email: StepEmail
    message: MessageDraft | None = None
    problem: str = ""


def _name_of(lead: Lead) -> str:
    """Return a name fit for the To header; none where it is not one."""
    name = one_line(lead.full_name)
    return name if is_plain(name) else ""


class Drafting:
    """The sequence of one campaign, ready to be turned into e-mails batch by batch."""

    def __init__(self, campaign: Campaign) -> None:
        """Load steps, variants and mailboxes (agency, client and owner at hand)."""
        self.campaign = campaign
        if campaign.client is not None:
            prefetch_related_objects([campaign.client], "target_pages")
        self.steps = list(campaign.steps.prefetch_related("variants"))
        self.mailboxes = {box.pk: box for box in campaign.mailboxes.all()}
        self._variants = {
            variant.pk: variant for step in self.steps for variant in step.variants.all()
        }
        self._step_of = {step.order: step for step in self.steps}

    def new_email(self, enrolment: Enrolment, step: SequenceStep) -> StepEmail:
        """Return an unsaved e-mail of this step, its variant drawn for good."""
        variants = list(step.variants.all())
        active = [one for one in variants if one.status == VariantStatus.ACTIVE] or variants
        drawn = pick_variant(enrolment.pk, step.pk, [(one.pk, one.weight) for one in active])
        return StepEmail(
            agency_id=self.campaign.agency_id,
            campaign=self.campaign,
            enrolment=enrolment,
            step=step,
            variant=self._variants[drawn],
            content_version=self.campaign.content_version,
        )

    def render(
        self,
        email: StepEmail,
        mailbox: Mailbox | None,
        *,
        thread_subject: str = "",
        marked: bool = False,
    ) -> Rendered:
        """Return an e-mail as the recipient gets it (enrolment.lead at hand).

        Args:
            email: saved or not.
            mailbox: who writes; None renders without a sender.
            thread_subject: of the e-mail it answers, when it answers one.
            marked: show what was filled in, for previews.
        """
        variant = self._variants.get(email.variant_id) or email.variant
        subject, body = variant.subject, variant.body
        if email.edited:
            subject, body = email.subject, email.body
        context = lead_context(
            email.enrolment.lead,
            client=self.campaign.client,
            mailbox=mailbox,
            user=self.campaign.owner,
            agency=self.campaign.agency,
        )
        step = self._step_of.get(email.step.order, email.step)
        answers = step.thread_mode == ThreadMode.SAME and step.order > 1
        if answers and not thread_subject and not email.edited:
            thread_subject = self._first_subject(email.enrolment, context)
        if answers and thread_subject:
            rendered = render_email("", body, context, marked=marked)
            return replace(rendered, subject=reply_subject(thread_subject))
        return render_email(subject, body, context, marked=marked)

    def _first_subject(self, enrolment: Enrolment, context: Mapping[str, object]) -> str:
        """Return the subject a thread will have that has not begun."""
        first = self.steps[0]
        variant: StepVariant = self.new_email(enrolment, first).variant
        return render_email(variant.subject, "", dict(context)).subject

    def draft(self, chosen: Mapping[int, int], windows: Windows) -> list[Draft]:
        """Return the e-mail of each chosen enrolment's next step.

        Args:
            chosen: enrolment → mailbox.
            windows: of the campaign.
        """
        enrolments = list(
            Enrolment.objects.filter(pk__in=chosen).select_related("lead").order_by("pk")
        )
        known: dict[int, list[StepEmail]] = defaultdict(list)
        for found in StepEmail.objects.filter(enrolment__in=enrolments).select_related(
            "message__thread", "step"
        ):
            known[found.enrolment_id].append(found)
        drafts = []
        for enrolment in enrolments:
            enrolment.campaign = self.campaign
            enrolment.mailbox = self.mailboxes[chosen[enrolment.pk]]
            step = self._step_of[enrolment.next_step]
            emails = known[enrolment.pk]
            made = next((one for one in emails if one.step_id == step.pk), None)
            email = made or self.new_email(enrolment, step)
            if email.message_id:  # under way since before a pause: it counts when it is sent
                continue
            email.enrolment = enrolment
            before = [one.message for one in emails if one.message and one.message.sent_at]
            drafts.append(self._draft(email, before, windows))
        return drafts

    def _draft(self, email: StepEmail, before: Sequence[Message], windows: Windows) -> Draft:
        enrolment = email.enrolment
        draft = Draft(enrolment, email)
        answers = None
        if email.step.thread_mode == ThreadMode.SAME and before:
            answers = max(before, key=lambda message: (message.sent_at, message.pk))
        rendered = self.render(
            email, enrolment.mailbox, thread_subject=answers.subject if answers else ""
        )
        email.unresolved = list(rendered.unresolved)
        if rendered.unresolved or rendered.error:
            draft.problem = hole_sentence(rendered.unresolved, rendered.error)
            return draft
        try:
            draft.message = self._message(email, rendered, answers, windows)
        except HeaderError as error:
            draft.problem = str(error)[:200]
        return draft

    def _message(
        self,
        email: StepEmail,
        rendered: Rendered,
        answers: Message | None,
        windows: Windows,
    ) -> MessageDraft:
        campaign, enrolment, lead = self.campaign, email.enrolment, email.enrolment.lead
        assert enrolment.mailbox is not None  # noqa: S101  # set when it was chosen
        wire_address(lead.email or "")
        return MessageDraft(
            agency=campaign.agency,
            mailbox=enrolment.mailbox,
            to_address=lead.email or "",
            to_name=_name_of(lead),
            country=lead.country,
            subject=check_header("subject", rendered.subject),
            text=rendered.text.replace("\x00", ""),
            html=rendered.html.replace("\x00", ""),
            idempotency_key=idempotency_key(
                enrolment.pk, email.step.order, campaign.content_version, email.attempt
            ),
            thread=answers.thread if answers else None,
            answers=answers,
            sender_user=campaign.owner,
            sequence_key=sequence_key(enrolment.pk),
            campaign_key=campaign_key(campaign.pk),
            campaign_daily_cap=campaign.daily_cap,
            window=windows.of(lead.time_zone),
            track_opens=campaign.track_opens,
            track_clicks=campaign.track_clicks,
            cooldown_override=bool(enrolment.cooldown_override),
            thread_context=campaign.name,
        )

    def save(self, drafts: Sequence[Draft]) -> None:
        """Store the e-mails and their mailboxes: three statements a batch."""
        new = [draft.email for draft in drafts if draft.email._state.adding]
        for email in new:
            email.review = Review.APPROVED
        StepEmail.objects.bulk_create(new)
        update_each(
            StepEmail,
            ["unresolved", "content_version"],
            [
                (draft.email.pk, draft.email.unresolved, self.campaign.content_version)
                for draft in drafts
            ],
        )
        update_each(
            Enrolment,
            ["mailbox"],
            [(draft.enrolment.pk, draft.enrolment.mailbox_id) for draft in drafts],
        )
