"""Clients, their competitors and target pages."""

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError

from accounts.forms.fields import DomainField, LinesField, OneLineField, clean_domain
from accounts.models import Client, TargetPage

# Anchors one page may want.
ANCHOR_LIMIT = 20
_LANGUAGES = (
    ("en", "English"),
    ("bg", "Bulgarian"),
    ("hr", "Croatian"),
    ("cs", "Czech"),
    ("da", "Danish"),
    ("nl", "Dutch"),
    ("et", "Estonian"),
    ("fi", "Finnish"),
    ("fr", "French"),
    ("de", "German"),
    ("el", "Greek"),
    ("hu", "Hungarian"),
    ("it", "Italian"),
    ("ja", "Japanese"),
    ("lv", "Latvian"),
    ("lt", "Lithuanian"),
    ("no", "Norwegian"),
    ("pl", "Polish"),
    ("pt", "Portuguese"),
    ("ro", "Romanian"),
    ("sk", "Slovak"),
    ("sl", "Slovenian"),
    ("es", "Spanish"),
    ("sv", "Swedish"),
    ("tr", "Turkish"),
    ("uk", "Ukrainian"),
)
_ROWS = {"rows": 2}


class ClientForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """A client with its service context."""

    name = OneLineField(max_length=120)
    domain = DomainField(required=False, label="Website", help_text="For example acme.com.")
    industry = OneLineField(max_length=80, required=False)
    subcategories = LinesField(required=False, help_text="One a line, for example Trail running.")
    regions = LinesField(required=False, help_text="Countries or regions served, one a line.")
    language = forms.ChoiceField(choices=_LANGUAGES)
    timeline = OneLineField(
        max_length=200, required=False, help_text="For example: within two weeks."
    )

    class Meta:
        model = Client
        fields = (
            "name",
            "domain",
            "industry",
            "subcategories",
            "regions",
            "language",
            "core_offer",
            "key_differentiator",
            "cta",
            "timeline",
            "goal",
            "fallback_action",
            "brand_voice",
        )
        help_texts = {
            "core_offer": "What the client sells, in a sentence or two.",
            "key_differentiator": "Why someone would choose them.",
            "cta": "What an e-mail asks the reader to do.",
            "goal": "What the links should achieve.",
            "fallback_action": "What to ask for when the first request is declined.",
            "brand_voice": "How the client sounds: words to use, words to avoid.",
        }
        widgets = {
            field: forms.Textarea(attrs=_ROWS)
            for field in (
                "core_offer",
                "key_differentiator",
                "cta",
                "goal",
                "fallback_action",
                "brand_voice",
            )
        }

    # The sections of the page, each with its fields.
    SECTIONS = (
        ("Business", ("name", "domain", "industry", "subcategories", "regions", "language")),
        (
            "Service context",
            ("core_offer", "key_differentiator", "cta", "timeline", "goal", "fallback_action"),
        ),
        ("Voice", ("brand_voice",)),
    )

    def sections(self) -> list[tuple[str, list[forms.BoundField]]]:
        """Return the fields grouped as the page shows them."""
        return [(title, [self[name] for name in names]) for title, names in self.SECTIONS]


class CompetitorsForm(forms.Form):
    """Several competitors at once."""

    domains = LinesField(
        label="Add competitors",
        item_length=253,
        limit=100,
        help_text="Domains, one a line.",
    )

    def clean_domains(self) -> list[str]:
        """Return each domain once."""
        return list(dict.fromkeys(clean_domain(text) for text in self.cleaned_data["domains"]))


class CompetitorForm(forms.Form):
    """One competitor's domain."""

    domain = DomainField()


class TargetPageForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """A page that wants links."""

    url = forms.URLField(
        label="URL", max_length=1000, assume_scheme="https", help_text="The page to be linked to."
    )
    title = OneLineField(max_length=200, required=False)

    class Meta:
        model = TargetPage
        fields = ("url", "title", "priority")
        help_texts = {"priority": "1 is wanted most, 5 least."}

    def clean_url(self) -> str:
        """Return a web address: nothing but http and https can be linked to."""
        url: str = self.cleaned_data["url"]
        if urlsplit(url).scheme not in {"http", "https"}:
            raise ValidationError("Start the URL with https:// or http://.")
        return url


class AnchorForm(forms.Form):
    """One wanted anchor text and how often it is wanted against the others."""

    text = OneLineField(label="Anchor text", max_length=200)
    weight = forms.IntegerField(min_value=1, max_value=100, initial=1)


AnchorFormSet = forms.formset_factory(
    AnchorForm,
    extra=3,
    max_num=ANCHOR_LIMIT,
    absolute_max=ANCHOR_LIMIT + 3,
    validate_max=True,
    can_delete=True,
)


def wanted_anchors(rows: Any) -> list[dict[str, Any]]:
    """Return the anchors of a valid `AnchorFormSet`, heaviest first, each text once.

    Rows left empty or ticked for removal do not count.
    """
    kept = {
        row.cleaned_data["text"]: row.cleaned_data["weight"]
        for row in rows.forms
        if row.cleaned_data.get("text") and not row.cleaned_data.get("DELETE")
    }
    pairs = sorted(kept.items(), key=lambda pair: -pair[1])
    return [{"text": text, "weight": weight} for text, weight in pairs]
