"""Every visual primitive that templates may call; built in, so no template loads it."""

import datetime as dt
from functools import lru_cache
from typing import Any

from django import template
from django.contrib.messages.storage.base import Message
from django.db.models import Model
from django.template import Context
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from heroicons import jinja as heroicons

from foundation import charts
from foundation.choices import tone_of

register = template.Library()

register.simple_tag(charts.line_chart, name="linechart")
register.simple_tag(charts.spark_line, name="sparkline")
register.simple_tag(charts.funnel_bars, name="funnel")
register.simple_tag(charts.meter_bar, name="meter")

_DRAW = {
    "outline": heroicons.heroicon_outline,
    "solid": heroicons.heroicon_solid,
    "mini": heroicons.heroicon_mini,
    "micro": heroicons.heroicon_micro,
}


@register.simple_tag
@lru_cache(maxsize=512)
def icon(
    name: str, size: int = 16, style: str = "outline", label: str = "", cls: str = ""
) -> SafeString:
    """Draw a heroicon; one with a label is read out, one without is decoration."""
    attrs = {"class": f"icon {cls}".strip(), "focusable": "false"}
    if style == "outline":  # strokes made for 24 px need weight when drawn smaller
        attrs["stroke-width"] = "1.8" if size <= 18 else "1.6"  # noqa: PLR2004  # pixels
    if label:
        attrs |= {"role": "img", "aria-label": label}
    else:
        attrs["aria-hidden"] = "true"
    return mark_safe(str(_DRAW[style](name, size=size, **attrs)))  # noqa: S308  # from the package


@register.simple_tag(takes_context=True)
def qs(context: Context, **changes: object) -> str:
    """Return the query string of the page with keys replaced; None or "" removes a key."""
    query = context["request"].GET.copy()
    for key, value in changes.items():
        if value in (None, ""):
            query.pop(key, None)
        else:
            query[key] = value
    return f"?{query.urlencode()}"


@register.filter
def web(url: str | None) -> str:
    """Return an address only when it leads to a web page; "#" for whatever else was stored."""
    return url if url and url.lower().startswith(("http://", "https://")) else "#"


@register.filter
def inside(path: str | None) -> str:
    """Return a path only when it stays in the product; "#" for whatever else was stored."""
    return path if path and path.startswith("/") and not path.startswith(("//", "/\\")) else "#"


@register.filter
def compact(number: float | str | None) -> str:
    """Shorten a number to about three figures: 12 400 becomes 12.4k."""
    if number is None or number == "":
        return ""
    value = float(number)
    for limit, suffix in ((1e9, "bn"), (1e6, "m"), (1e3, "k")):
        if abs(value) >= limit:
            return f"{value / limit:.1f}".rstrip("0").rstrip(".") + suffix
    return f"{value:.0f}"


@register.filter
def initials(name: object) -> str:
    """Return the first letters of the first two words, for an avatar."""
    words = str(name or "").replace(".", " ").replace("@", " @").split()
    return "".join(word[0] for word in words[:2] if word[0].isalnum()).upper() or "?"


@register.filter
def hue(name: object) -> int:
    """Return one of eight hues that is always the same for the same name."""
    return sum(map(ord, str(name or ""))) % 8


@register.filter
def ago(moment: dt.datetime | dt.date | None) -> SafeString | str:
    """Say how long ago something was (or in how long it is), the exact time on hover."""
    if not moment:
        return ""
    if not isinstance(moment, dt.datetime):
        moment = timezone.make_aware(dt.datetime.combine(moment, dt.time()))
    seconds = (timezone.now() - moment).total_seconds()
    words = _span(abs(seconds))
    if seconds < 0 and words != "now":
        words = f"in {words}"
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        moment.isoformat(timespec="seconds"),
        date_format(timezone.localtime(moment), "j M Y, H:i e"),
        words,
    )


def _span(seconds: float) -> str:
    minute, hour, day = 60, 3600, 86400
    if seconds < minute:
        return "now"
    for limit, size, unit in ((hour, minute, "min"), (day, hour, "h"), (30 * day, day, "d")):
        if seconds < limit:
            return f"{int(seconds // size)} {unit}"
    if seconds < 365 * day:
        return f"{int(seconds // (30 * day))} mo"
    return f"{int(seconds // (365 * day))} y"


@register.simple_tag
def badge(text: object, tone: str = "", dot: bool = True) -> SafeString:  # noqa: FBT001, FBT002  # a template flag
    """Draw a status: words, with a colour that repeats what they say."""
    mark = SafeString('<i class="dot"></i>' if dot else "")
    return format_html('<span class="badge" data-tone="{}">{}{}</span>', tone, mark, text)


@register.simple_tag
def choice_badge(row: Model, name: str) -> SafeString | str:
    """Draw the badge of a row's choice field, in the words and tone its choices declare."""
    value = getattr(row, name)
    if value in (None, ""):
        return ""
    field: Any = row._meta.get_field(name)
    text = getattr(row, f"get_{name}_display")()
    return badge(text, tone_of(field.choices, value))


@register.filter
def tone(message: Message) -> str:
    """Return the colour of a toast: the one `say` gave, else that of the message's level."""
    given = (message.extra_tags or "").partition("|")[0]
    return given or {"success": "ok", "warning": "warn", "error": "bad"}.get(message.level_tag, "")


@register.filter
def undo_url(message: Message) -> str:
    """Return where the toast's Undo button posts to; "" when there is none."""
    return (message.extra_tags or "").partition("|")[2]
