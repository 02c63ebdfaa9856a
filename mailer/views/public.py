"""Unsubscribing: a page to look at, and one POST that works without login and cookies."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from mailer import public_words
from mailer.services import unsubscribe as services
from mailer.services.unsubscribe import Recipient, recipient_of
from mailer.tokens import Purpose
from mailer.views.visits import dead_link, public_page, read_or_report


@csrf_exempt  # RFC 8058: mail programs post without cookies; the signed token is the proof
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Show the page on GET, which changes nothing; unsubscribe on POST (RFC 8058)."""
    found = read_or_report(request, Purpose.UNSUBSCRIBE, token)
    recipient = recipient_of(found) if found else None
    if recipient is None:
        return dead_link(request)
    if request.method != "POST":
        done = services.is_unsubscribed(recipient)
        return _page(request, recipient, "done" if done else "ask")
    if "undo" in request.POST:
        return _page(request, recipient, "back" if services.take_back(recipient) else "done")
    one_click = request.POST.get("List-Unsubscribe") == "One-Click"
    services.unsubscribe(recipient, one_click=one_click)
    return _page(request, recipient, "done")


def _page(request: HttpRequest, recipient: Recipient, state: str) -> HttpResponse:
    """Render one state of the page in the recipient's language."""
    message = recipient.message
    language = public_words.language_of(
        accepted=request.headers.get("Accept-Language", ""),
        country=message.country if message else "",
        address=recipient.address,
    )
    words = public_words.words(language)
    agency = recipient.agency
    sender = agency.sender_name or agency.name
    who = recipient.address or words["this_address"]
    context = {
        "language": public_words.html_lang(language),
        "words": words,
        "title": words[f"{state}_title"],
        "text": words[state].format(who=who, sender=sender),
        "state": state,
        "undo": state == "done" and services.may_take_back(recipient),
    }
    return public_page(request, "mailer/unsubscribe.html", context)
