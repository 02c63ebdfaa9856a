"""The e-mail of a campaign as it would leave: the message it would become."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mailer.links import find_links
from mailer.models import Mailbox, Message
from mailer.selectors_signing import sending_domain

if TYPE_CHECKING:
    from campaigns.templating import Rendered

# Stands in an example's tokens: there is no such message, so they lead nowhere.
_NO_MESSAGE = 0


@dataclass(frozen=True)
class Tracked:
    """Whether a campaign notices opens and clicks."""

    opens: bool = True
    clicks: bool = True


def unsent_message(
    rendered: Rendered,
    *,
    mailbox: Mailbox,
    to_address: str,
    to_name: str = "",
    answers: bool = False,
    tracked: Tracked | None = None,
) -> Message:
    """Return the unsaved message a rendered e-mail would become (mailbox.agency at hand)."""
    tracked = tracked or Tracked()
    domain = sending_domain(mailbox) or "invalid"
    first = f"<first-e-mail@{domain}>" if answers else ""
    return Message(
        pk=_NO_MESSAGE,
        agency=mailbox.agency,
        mailbox=mailbox,
        to_address=to_address,
        to_name=to_name,
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        message_id=f"<preview@{domain}>",
        in_reply_to=first,
        references=first,
        track_opens=tracked.opens,
        track_clicks=tracked.clicks,
        links=find_links(rendered.html) if tracked.clicks else [],
    )
