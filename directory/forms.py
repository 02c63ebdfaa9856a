"""Input of the directory app to clean values."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core import validators

from accounts.forms.fields import OneLineField
from accounts.models import Agency, Client, User
from directory.enums import OUTREACH_STATUSES, BacklinkStatus, Category, LinkType
from directory.models import Backlink, GapRun, MatchingPreference
from directory.rules.currencies import CURRENCIES
from foundation.addresses import registrable_domain

_OTHER = "other"
_PROOF_HELP = "The page that shows the link. It is checked after you complete the listing."


class ProofField(forms.URLField):
    """The page that shows the link."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            assume_scheme="https",
            required=False,
            max_length=2000,
            label="Proof URL",
            help_text=_PROOF_HELP,
            **kwargs,
        )

    def clean(self, value: Any) -> str:
        """Return a web address, "" when none was given."""
        url: str = super().clean(value)
        if url and not url.startswith(("http://", "https://")):
            raise forms.ValidationError("Start the URL with https:// or http://.")
        return url


class WorkForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """Notes, time and proof of an opportunity; for staff also who works on it."""

    proof_url = ProofField()
    minutes_spent = forms.IntegerField(
        min_value=0, max_value=100_000, required=False, label="Minutes spent"
    )
    notes = forms.CharField(
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="The client reads them too.",
    )

    class Meta:
        model = Backlink
        fields = ["proof_url", "minutes_spent", "notes", "assignee"]

    def __init__(self, *args: Any, agency: Agency | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.status != BacklinkStatus.COMPLETED:  # until then it ends the work
            del self.fields["proof_url"]
        if agency is None:
            del self.fields["assignee"]
            self.fields["notes"].help_text = "The agency reads them too."
        else:
            people = User.objects.filter(memberships__agency=agency).distinct()
            self.fields["assignee"] = forms.ModelChoiceField(
                people.order_by("name", "pk"),
                required=False,
                label="Assigned to",
                empty_label="Nobody",
                initial=self.instance.assignee_id,
            )

    def clean_minutes_spent(self) -> int:
        """Read an empty field as none."""
        return self.cleaned_data["minutes_spent"] or 0


class EndForm(forms.Form):
    """How an opportunity ended."""

    reason = OneLineField(max_length=300, required=False, label="Why it is not applicable")
    proof_url = ProofField()


class PreferenceForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """Which directories are worth a client's time."""

    categories = forms.MultipleChoiceField(
        choices=Category.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="None ticked means all.",
    )

    class Meta:
        model = MatchingPreference
        fields = ["max_price", "max_difficulty", "min_rating", "min_relevance", "categories"]


class GapNewForm(forms.Form):
    """Which client a search is for."""

    client = forms.ModelChoiceField(
        Client.objects.none(), help_text="The client whose gap is searched."
    )

    def __init__(self, *args: Any, agency: Agency, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        clients = Client.objects.for_agency(agency).filter(is_archived=False)
        self.fields["client"].queryset = clients.order_by("name")  # type: ignore[attr-defined]  # a model choice


class GapOptionsForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """What counts as a link."""

    class Meta:
        model = GapRun
        fields = ["keep_nofollow", "keep_lost", "keep_spam"]


class GapOwnersForm(forms.Form):
    """Whose links each file lists: the client, a known competitor, or another site."""

    def __init__(self, *args: Any, run: GapRun, ours: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.exports = list(run.files.all())
        known = [row.domain for row in run.client.competitors.order_by("domain")]
        for file in self.exports:
            domains = dict.fromkeys([*known, file.owner_domain])
            choices = [("", "Choose…"), (ours, f"{run.client} ({ours})")]
            choices += [(one, one) for one in domains if one and one != ours]
            choices += [(_OTHER, "Another site…")]
            self.fields[f"owner_{file.pk}"] = forms.ChoiceField(
                label=f"Whose links {file.filename} lists",
                choices=choices,
                initial=file.owner_domain,
                required=False,
            )
            self.fields[f"other_{file.pk}"] = forms.CharField(
                label=f"Another site for {file.filename}", max_length=253, required=False
            )

    def rows(self) -> list[tuple[Any, Any, Any]]:
        """Return each file with its two fields."""
        return [(f, self[f"owner_{f.pk}"], self[f"other_{f.pk}"]) for f in self.exports]

    def clean(self) -> dict[str, Any]:
        """Let what was typed for another site be a domain."""
        values = super().clean() or {}
        for file in self.exports:
            if values.get(f"owner_{file.pk}") != _OTHER:
                continue
            if not registrable_domain(values.get(f"other_{file.pk}", "")):
                self.add_error(f"other_{file.pk}", "Type the site’s domain, like example.org.")
        return values

    def owners(self) -> dict[int, str]:
        """Return file key → domain chosen."""
        chosen = {}
        for file in self.exports:
            owner = self.cleaned_data.get(f"owner_{file.pk}", "")
            typed = self.cleaned_data.get(f"other_{file.pk}", "")
            chosen[file.pk] = typed if owner == _OTHER else owner
        return chosen


class BacklinkForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """What is known of a link, and the terms agreed on."""

    class Meta:
        model = Backlink
        fields = [
            "source_url",
            "target_url",
            "anchor_text",
            "link_type",
            "domain_rating",
            "expected_rel",
            "expected_anchor",
            "expected_target",
            "expected_until",
            "expected_price",
            "expected_currency",
            "cost",
            "cost_currency",
            "assignee",
            "notes",
        ]
        labels = {
            "source_url": "Page that links",
            "target_url": "Target page",
            "anchor_text": "Anchor",
            "link_type": "Rel",
            "expected_rel": "Agreed rel",
            "expected_anchor": "Agreed anchor",
            "expected_target": "Agreed target page",
            "expected_until": "Agreed until",
            "expected_price": "Agreed price",
            "expected_currency": "Currency of the price",
            "cost": "Paid so far",
            "cost_currency": "Currency paid in",
            "assignee": "Assigned to",
        }
        help_texts = {
            "source_url": "",
            "target_url": "The client’s page.",
            "anchor_text": "",
            "expected_target": "Leave it empty when it is the target page.",
            "expected_until": "The last day the link has to stay.",
            "expected_currency": "Three letters, like EUR.",
            "cost_currency": "Three letters, like EUR.",
        }
        widgets = {
            "source_url": forms.URLInput(attrs={"placeholder": "https://"}),
            "target_url": forms.URLInput(attrs={"placeholder": "https://", "list": "pages"}),
            "expected_target": forms.URLInput(attrs={"list": "pages"}),
            "expected_until": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "notes": forms.Textarea(attrs={"rows": 4, "maxlength": 5000}),
        }

    def __init__(self, *args: Any, agency: Agency, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = User.objects.filter(memberships__agency=agency).distinct().order_by("name", "pk")
        self.fields["assignee"].queryset = people  # type: ignore[attr-defined]  # a model choice
        self.fields["assignee"].empty_label = "Nobody"  # type: ignore[attr-defined]  # the same
        for name in ("expected_price", "cost"):
            self.fields[name].validators.append(validators.MinValueValidator(0))
        self.fields["domain_rating"].validators.append(validators.MaxValueValidator(100))

    def clean_source_url(self) -> str:
        """Return the page's address; one that was known may be taken away again."""
        url = _web_address(self.cleaned_data["source_url"])
        if url and not registrable_domain(url):
            raise forms.ValidationError("This is no public web address. Copy it from the browser.")
        return url

    def clean_target_url(self) -> str:
        """Return the address linked to."""
        return _web_address(self.cleaned_data["target_url"])

    def clean_expected_target(self) -> str:
        """Return the address agreed on."""
        return _web_address(self.cleaned_data["expected_target"])

    def clean_expected_currency(self) -> str:
        """Return a code of ISO 4217."""
        return _currency(self.cleaned_data["expected_currency"])

    def clean_cost_currency(self) -> str:
        """Return a code of ISO 4217."""
        return _currency(self.cleaned_data["cost_currency"])

    def clean(self) -> dict[str, Any]:
        """Ask for the currency of an amount."""
        values = super().clean() or {}
        for amount, code in (("expected_price", "expected_currency"), ("cost", "cost_currency")):
            if values.get(amount) is not None and values.get(code) == "":
                self.add_error(code, "Name the currency of the amount, like EUR.")
        return values

    def _post_clean(self) -> None:
        """Leave the row alone: the service compares it with what was typed."""


class BacklinkNewForm(BacklinkForm):
    """A link added by hand."""

    client = forms.ModelChoiceField(Client.objects.none())
    status = forms.ChoiceField(
        choices=[(one.value, one.label) for one in BacklinkStatus if one in OUTREACH_STATUSES],
        help_text="A published link is checked within the hour.",
    )
    field_order = ("client", "source_url", "target_url", "anchor_text", "link_type", "status")

    def __init__(self, *args: Any, agency: Agency, **kwargs: Any) -> None:
        super().__init__(*args, agency=agency, **kwargs)
        clients = Client.objects.for_agency(agency).filter(is_archived=False)
        self.fields["client"].queryset = clients.order_by("name")  # type: ignore[attr-defined]  # a model choice
        self.fields["source_url"].required = True
        self.fields["target_url"].required = True


def _web_address(value: str) -> str:
    text = value.strip()
    if not text:
        return ""
    if "://" not in text:
        text = f"https://{text}"
    try:
        validators.URLValidator(schemes=["http", "https"])(text)
    except forms.ValidationError as error:
        raise forms.ValidationError("Type a web address, like https://example.org/page.") from error
    return text


def _currency(value: str) -> str:
    code = value.strip().upper()
    if code and code not in CURRENCIES:
        raise forms.ValidationError("Use the currency’s three letters, like EUR or USD.")
    return code


class BacklinkFileForm(forms.Form):
    """A file of links that exist already."""

    client = forms.ModelChoiceField(Client.objects.none())
    file = forms.FileField(
        label="File",
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.tsv,.txt"}),
        help_text="CSV, at most 2 MB and 2,000 rows, with the columns “Linking from” and"
        " “Linking to”. BuzzStream’s export and our own are read as they are.",
    )
    currency = forms.CharField(
        max_length=3,
        required=False,
        label="Currency of the amounts",
        help_text="For files that do not name it. Three letters, like EUR.",
    )

    def __init__(self, *args: Any, agency: Agency, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        clients = Client.objects.for_agency(agency).filter(is_archived=False)
        self.fields["client"].queryset = clients.order_by("name")  # type: ignore[attr-defined]  # a model choice

    def clean_currency(self) -> str:
        """Return a code of ISO 4217."""
        return _currency(self.cleaned_data["currency"])


def clean_link_row(
    agency: Agency, cells: Mapping[str, str], currency: str
) -> tuple[dict[str, Any], str]:
    """Return the clean values of a file's row, or what is wrong with it."""
    data = {name: value for name, value in cells.items() if name != "status"}
    data["link_type"] = data.get("link_type", "").lower() or LinkType.DOFOLLOW
    data["expected_rel"] = data.get("expected_rel", "").lower()
    for amount, code in (("cost", "cost_currency"), ("expected_price", "expected_currency")):
        if data.get(amount):
            data[code] = data.get(code) or currency
    status = cells.get("status", "").lower().replace(" ", "_") or BacklinkStatus.PUBLISHED
    if status not in OUTREACH_STATUSES:
        return {}, f"The status “{cells['status'][:50]}” is not known. Use Published or Agreed."
    form = BacklinkForm(data, agency=agency)
    form.fields["source_url"].required = form.fields["target_url"].required = True
    if form.is_valid():
        return {**form.cleaned_data, "status": status}, ""
    wrong = [f"{form.fields[name].label}: {errors[0]}" for name, errors in form.errors.items()]
    return {}, " ".join(wrong)
