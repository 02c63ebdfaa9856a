"""Forms of the admin pages, checked by the same rules as an import."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from unfold.widgets import UnfoldAdminTextInputWidget

from directory.importing.cells import READERS, CellError, show_list
from directory.models import Directory


class ListField(forms.CharField):
    """A list on one line, parted by semicolons."""

    widget = UnfoldAdminTextInputWidget

    def __init__(self, *, column: str, **kwargs: Any) -> None:
        self.column = column
        super().__init__(required=False, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """Show a stored list as text."""
        return show_list(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        """Return the list."""
        try:
            return READERS[self.column](super().clean(value))
        except CellError as error:
            raise ValidationError(f"This {error}") from error

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare as text."""
        return bool(super().has_changed(self.prepare_value(initial), data))


class DirectoryForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """A directory with its lists as text."""

    regions = ListField(
        column="regions", help_text="Country codes such as US; GB, or GLOBAL for anywhere."
    )
    languages = ListField(
        column="languages", help_text="Codes such as en; de. Empty for any language."
    )
    industries = ListField(
        column="industries", help_text="Further industries it suits: Dentists; Clinics."
    )

    class Meta:
        model = Directory
        # The admin adds the others, with its own widgets.
        fields = ("name", "subcategory", "is_paid", "paid_price")

    def clean(self) -> dict[str, Any]:
        """Refuse a price on a site without a paid listing."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("paid_price") is not None and not cleaned.get("is_paid"):
            self.add_error("paid_price", "Tick “paid listing”, or leave the price empty.")
        cleaned["name"] = " ".join(str(cleaned.get("name") or "").split())
        cleaned["subcategory"] = " ".join(str(cleaned.get("subcategory") or "General").split())
        return cleaned
