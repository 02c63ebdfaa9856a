"""Invented content for the page that shows every component (DEBUG only)."""

import datetime as dt

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from foundation.pages import say
from foundation.paging import KeysetPage

REPLIES = (6, 7, 24, 38, 29, 33, 36, 9, 8, 38, 23, 40, 35, 40, 7, 6, 36, 26, 33, 36, 28, 10, 9, 40)
EARLIER = (5, 7, 22, 29, 34, 16, 30, 6, 4, 30, 28, 37, 29, 37, 7, 9, 30, 29, 18, 35, 38, 9, 6, 34)
FUNNEL = (("Enrolled", 8420), ("Sent", 6115), ("Opened", 4812), ("Replied", 764), ("Won", 61))


class SampleForm(forms.Form):
    """One field of every kind, one of them wrong."""

    name = forms.CharField(label="Campaign name", max_length=120, initial="Northbeam guest posts")
    reply_to = forms.EmailField(label="Reply-to address", help_text="Replies are read there.")
    kind = forms.ChoiceField(
        label="Stop when", choices=[("any", "Any reply arrives"), ("human", "A person replies")]
    )
    mode = forms.ChoiceField(
        label="What is approved",
        choices=[("sequence", "The whole sequence"), ("each", "Each e-mail")],
        widget=forms.RadioSelect,
    )
    days = forms.MultipleChoiceField(
        label="Days",
        choices=[("1", "Monday"), ("2", "Tuesday")],
        widget=forms.CheckboxSelectMultiple,
    )
    limit = forms.IntegerField(
        label="E-mails a day", min_value=1, max_value=500, required=False, initial=50
    )
    starts = forms.DateField(
        label="First day", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    note = forms.CharField(label="Note", widget=forms.Textarea, max_length=1000, required=False)
    file = forms.FileField(label="Spreadsheet", required=False, help_text="CSV or XLSX.")
    track = forms.BooleanField(
        label="Count opens", required=False, help_text="Adds an invisible picture to each e-mail."
    )


def styleguide(request: HttpRequest) -> HttpResponse:
    """Show every component, for those who build pages."""
    if "toast" in request.GET:
        say(request, "Campaign paused.", undo=request.path)
        say(request, "4 rows could not be imported.", tone="bad")
    today = timezone.localdate()
    days = [today - dt.timedelta(days=back) for back in reversed(range(len(REPLIES)))]
    form = SampleForm({"name": "Northbeam guest posts", "reply_to": "maya@northbeam"})
    context = {
        "days": days,
        "replies": REPLIES,
        "earlier": EARLIER,
        "funnel": FUNNEL,
        "nothing": [],
        "zeros": [("Enrolled", 0), ("Sent", 0)],
        "sites": ("meadowcraft.example", "copperweekly.example", "lanternliving.example"),
        "form": form,
        "page": KeysetPage([], "x", ""),
        "soon": timezone.now() + dt.timedelta(hours=3),
        "then": timezone.now() - dt.timedelta(days=2),
        "tones": ("", "ok", "warn", "bad", "info", "violet", "accent", "mute"),
    }
    return render(request, "outreach_project/styleguide.html", context)
