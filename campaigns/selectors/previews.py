"""What one e-mail would look like to one lead, while it is being written."""

import re
from dataclasses import dataclass, replace

from django.db.models import prefetch_related_objects
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from accounts.models import Agency, Client, User
from campaigns.selectors.sources import Tracked, unsent_message
from campaigns.templating import VARIABLES, Rendered, Variable, lead_context, render_email
from leads.models import Lead
from mailer.deliverability.content import Report
from mailer.models import Mailbox
from mailer.selectors_sources import content_report
from mailer.wire import closing_of

# Past these a subject is cut on phones, and a cold e-mail is rarely read to its end.
GOOD_SUBJECT = 60
GOOD_WORDS = 150


@dataclass(frozen=True)
class Preview:
    """One e-mail as it would be sent, and what its writer should know of it."""

    lead: Lead | None
    mailbox: Mailbox | None
    rendered: Rendered
    content: Report | None = None

    @property
    def html(self) -> SafeString:
        """The body for the page; `render_email` escapes whatever a value or its author wrote."""
        return mark_safe(self.rendered.html)  # noqa: S308  # built of escaped text and our own tags

    @property
    def closing(self) -> str:
        """The signature that is put under the body when it is sent."""
        return closing_of(self.mailbox, self.rendered.text) if self.mailbox else ""

    @property
    def words(self) -> int:
        """Words of the body."""
        return len(re.findall(r"\S+", self.rendered.text))

    @property
    def subject_is_long(self) -> bool:
        """Whether phones will cut the subject."""
        return len(self.rendered.subject) > GOOD_SUBJECT

    @property
    def is_long(self) -> bool:
        """Whether the body is longer than a cold e-mail should be."""
        return self.words > GOOD_WORDS


def preview_of(
    subject: str,
    body: str,
    *,
    agency: Agency,
    lead: Lead | None,
    client: Client | None = None,
    mailbox: Mailbox | None = None,
    user: User | None = None,
    answers: bool = False,
    tracked: Tracked | None = None,
) -> Preview:
    """Return the e-mail this text gives for a lead, or for an invented one where there is none.

    `answers` says that `subject` is that of the thread the e-mail replies in, `tracked`
    whether opens and clicks are noticed.
    """
    mailbox = mailbox or Mailbox.objects.for_agency(agency).first()
    if mailbox is not None:
        mailbox.agency = agency
    if client is not None:
        prefetch_related_objects([client], "target_pages")
    if lead is None:
        context: dict[str, object] = {item.name: item.example for item in VARIABLES}
        if mailbox and mailbox.signature:
            context["signature"] = mailbox.signature
    else:
        context = lead_context(lead, client=client, mailbox=mailbox, user=user, agency=agency)
    rendered = render_email(subject, body, context, marked=True)
    if answers and rendered.subject:
        rendered = replace(rendered, subject=f"Re: {rendered.subject}")
    plain = replace(render_email(subject, body, context), subject=rendered.subject)
    return Preview(lead, mailbox, rendered, _content(plain, lead, mailbox, answers, tracked))


def _content(
    plain: Rendered,
    lead: Lead | None,
    mailbox: Mailbox | None,
    answers: bool,  # noqa: FBT001  # only called above
    tracked: Tracked | None,
) -> Report | None:
    """Return the look at what filters would see; None for what cannot be sent anyway."""
    if mailbox is None or plain.error:
        return None
    message = unsent_message(
        plain,
        mailbox=mailbox,
        to_address=(lead.email if lead else "") or "elena@ridgeandkitchen.example",
        answers=answers,
        tracked=tracked,
    )
    return content_report(message, now=timezone.now())


def variable_groups(agency: Agency) -> dict[str, list[Variable]]:
    """Return the names a writer may use, by what they are about, the agency's own columns last."""
    groups: dict[str, list[Variable]] = {}
    for item in VARIABLES:
        groups.setdefault(item.group, []).append(item)
    own = custom_names(agency)
    if own:
        groups["Your own columns"] = [Variable(name, name, "Your own columns") for name in own]
    return groups


def custom_names(agency: Agency) -> list[str]:
    """Return the custom fields of the newest leads, as templates may call them."""
    rows = Lead.objects.for_agency(agency).exclude(custom={}).order_by("-created_at", "-id")
    names: dict[str, None] = {}
    for custom in rows.values_list("custom", flat=True)[:100]:
        names |= dict.fromkeys(custom)
    return [_as_variable(name) for name in list(names)[:40] if _as_variable(name)]


def _as_variable(name: str) -> str:
    plain = re.sub(r"\W+", "_", name.strip()).strip("_")
    return plain.lower() if plain and not plain[0].isdigit() else ""
