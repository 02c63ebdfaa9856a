"""Fields several forms of the accounts app use."""

import re
import zoneinfo
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError

from foundation.addresses import registrable_domain

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_HOST = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}$")


@lru_cache(maxsize=1)
def time_zone_choices() -> list[tuple[str, str]]:
    """Return every IANA zone a person may choose, by name, UTC first."""
    names = sorted(
        name
        for name in zoneinfo.available_timezones()
        if "/" in name and not name.startswith(("Etc/", "posix/", "right/", "SystemV/"))
    )
    return [("UTC", "UTC"), *((name, name.replace("_", " ")) for name in names)]


class TimeZoneField(forms.ChoiceField):
    """A choice of time zone; an unusual one already stored stays choosable."""

    def __init__(self, *, empty: str = "", **kwargs: Any) -> None:
        choices = [("", empty), *time_zone_choices()] if empty else time_zone_choices()
        super().__init__(choices=choices, **kwargs)

    def valid_value(self, value: str) -> bool:
        """Accept every zone this machine knows, listed or not."""
        return super().valid_value(value) or value in zoneinfo.available_timezones()


class OneLineField(forms.CharField):
    """Text that may end up in a mail header: one line, no control characters."""

    def to_python(self, value: Any) -> str:
        """Return the text with runs of white space made one space."""
        text = str(super().to_python(value) or "")
        if _CONTROL.search(text):
            raise ValidationError("Write this on one line, without tabs.", code="control")
        return " ".join(text.split())


def clean_domain(text: str) -> str:
    """Return the host of a domain or URL as typed, without `www.`.

    Raises `ValidationError` naming what was typed.
    """
    typed = text.strip().lower()
    host = urlsplit(typed if "//" in typed else f"//{typed}").hostname or ""
    host = host.removeprefix("www.").rstrip(".")
    try:
        ascii_host = host.encode("idna").decode()
    except UnicodeError:
        ascii_host = ""
    if not _HOST.match(ascii_host) or not registrable_domain(ascii_host):
        raise ValidationError(
            "“%(typed)s” is not a domain. Write it like acme.com.",
            code="domain",
            params={"typed": text.strip()[:80]},
        )
    return host


class DomainField(forms.CharField):
    """A domain; a whole URL is cut down to its host."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=1000, **kwargs)

    def clean(self, value: Any) -> str:
        """Return the host, or "" when nothing was typed and nothing is required."""
        text: str = super().clean(value)
        return clean_domain(text) if text else ""


class LinesField(forms.CharField):
    """A list written one item a line (commas and semicolons part items too)."""

    widget = forms.Textarea

    def __init__(self, *, item_length: int = 80, limit: int = 50, **kwargs: Any) -> None:
        self.item_length, self.limit = item_length, limit
        kwargs.setdefault("widget", forms.Textarea(attrs={"rows": 3}))
        super().__init__(max_length=item_length * limit, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """Show a stored list one item a line."""
        return "\n".join(str(item) for item in value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        """Return the items, each once, in order."""
        text = super().clean(value)
        items = [" ".join(item.split()) for item in re.split(r"[\n,;]", text)]
        items = list(dict.fromkeys(item for item in items if item))
        if len(items) > self.limit:
            raise ValidationError(f"Write {self.limit} at most; there are {len(items)}.")
        if long := [item for item in items if len(item) > self.item_length]:
            raise ValidationError(
                f"“{long[0][:30]}…” is longer than {self.item_length} characters."
            )
        return items
