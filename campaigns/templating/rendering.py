"""One e-mail from its template: subject, text, HTML, holes, and errors in plain words."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from liquid.exceptions import (
    LiquidError,
    LocalNamespaceLimitError,
    LoopIterationLimitError,
    OutputStreamLimitError,
)

from campaigns.templating.liquid_room import MAX_OUTPUT, run, used_names
from campaigns.templating.markup import write
from campaigns.templating.protection import reveal
from campaigns.templating.values import Fields, RefusedValueError, clean_text, normal_name

MAX_SUBJECT = 500

T = TypeVar("T")

_FAILURES = (
    LiquidError,
    RefusedValueError,
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
_TOO_MUCH = {
    LoopIterationLimitError: "A loop runs more than 1,000 times.",
    LocalNamespaceLimitError: "The template keeps too much text in its own variables.",
    OutputStreamLimitError: f"The e-mail would be longer than {MAX_OUTPUT:,} bytes.",
}
_WORDS = (
    (r"unknown filter '(\w+)'", "there is no filter called “{0}”."),
    (r"unexpected tag '(end\w+)'", "“{0}” closes nothing; remove it or add its opening tag."),
    (r"unexpected tag '(else|elsif|when)'", "“{0}” stands outside its “if” or “case”."),
    (r"unexpected tag '(\w+)'", "“{0}” cannot be used in an e-mail."),
    (r"expected tag (end\w+)", "“{0}” is missing; every opening tag needs its end."),
    (r"expected '}}'", "a “{{{{” is not closed with “}}}}”."),
    (r"missing tag name or closing delimiter", "a “{{%” is not closed with “%}}”."),
    (r"expected a primitive expression", "a variable name is missing between “{{{{” and “}}}}”."),
    (r"missing expression", "a condition is missing."),
    (
        r"expected end of expression, found",
        (
            "the variable is not written as Liquid understands it;"
            ' use {{{{ first_name }}}} or {{{{ first_name | default: "there" }}}}.'
        ),
    ),
    (r"ranges are not allowed", "counting loops like (1..5) cannot be used in an e-mail."),
    (r"block nesting limit", "conditions are nested too deeply."),
    (r"unexpected '(break|continue)'", "“{0}” stands outside its loop."),
    (r"unexpected (\"'\"|'\"')", "a quotation mark is not closed."),
)


@dataclass(frozen=True)
class Rendered:
    """One e-mail as it would be sent; with an error or a hole it must not be.

    `unresolved` names every variable used that had no value and no default, as written
    in the template. `links` are the web addresses in the HTML, each once, in order.
    """

    subject: str = ""
    text: str = ""
    html: str = ""
    unresolved: list[str] = field(default_factory=list)
    error: str = ""
    links: list[str] = field(default_factory=list)

    @property
    def sendable(self) -> bool:
        """Whether nothing stands against sending this text."""
        return not self.error and not self.unresolved


def render_email(
    subject: str, body: str, context: Mapping[str, Any], *, marked: bool = False
) -> Rendered:
    """Return the e-mail that a subject and a body give with these values.

    Args:
        subject: Liquid; one line of at most 500 characters comes out.
        body: Liquid with the small markup of `markup`.
        context: values by name in any spelling; nested mappings are reached with dots.
        marked: wrap values and holes in `<mark>`, for previews only.
    """
    fields = Fields(context)
    try:
        title, title_holes = _part("Subject", subject, fields, marked=False)
        title = clean_text(reveal(title), name="The subject")
        if len(title) > MAX_SUBJECT:
            return Rendered(error=f"Subject: {len(title)} characters; at most {MAX_SUBJECT} fit.")
        content, holes = _part("Body", body, fields, marked=marked)
    except _PartError as error:
        return Rendered(error=str(error))
    except RefusedValueError as error:
        return Rendered(error=str(error))
    written = write(content)
    unresolved = list(dict.fromkeys([*title_holes, *holes]))
    leftover = "" if marked else _leftover(title, written.text)
    return Rendered(title, written.text, written.html, unresolved, leftover, written.links)


def syntax_error(subject: str, body: str) -> str:
    """Return what is wrong with a template before any lead is known; "" when nothing is."""
    try:
        for name, source in (("Subject", subject), ("Body", body)):
            _guard(name, source, partial(used_names, source))
    except _PartError as error:
        return str(error)
    return ""


def variables(subject: str, body: str) -> list[str]:
    """Return the variables a template uses, as written; none when it has a syntax error."""
    try:
        return list(dict.fromkeys([*used_names(subject), *used_names(body)]))
    except _FAILURES:
        return []


def unknown_variables(subject: str, body: str, known: Iterable[str]) -> list[str]:
    """Return the variables a template uses that no lead can have."""
    names = {normal_name(name) for name in known}
    return [name for name in variables(subject, body) if normal_name(name) not in names]


def _leftover(title: str, text: str) -> str:
    for name, part in (("Subject", title), ("Body", text)):
        if "{{" in part or "{%" in part:
            return f"{name}: template code would be left in the e-mail; remove “raw” or its braces."
    return ""


class _PartError(Exception):
    pass


def _part(name: str, source: str, fields: Fields, *, marked: bool) -> tuple[str, list[str]]:
    return _guard(name, source, lambda: run(source, fields, marked=marked))


def _guard(name: str, source: str, work: Callable[[], T]) -> T:
    try:
        return work()
    except RefusedValueError as error:
        raise _PartError(f"{name}: {error}") from error
    except _FAILURES as error:
        raise _PartError(f"{name}{_where(error, source)}: {_in_words(error)}") from error


def _where(error: Exception, source: str) -> str:
    token = getattr(error, "token", None)
    index = getattr(token, "start_index", -1) if token is not None else -1
    if "\n" not in source.strip() or index < 0:
        return ""
    return f", line {source.count(chr(10), 0, index) + 1}"


def _in_words(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "the template is nested too deeply."
    message = str(getattr(error, "message", None) or error)
    known = [words for kind, words in _TOO_MUCH.items() if isinstance(error, kind)]
    matches = ((re.search(pattern, message), words) for pattern, words in _WORDS)
    known += [words.format(*found.groups()) for found, words in matches if found]
    return known[0] if known else (message.rstrip(".") or "the template cannot be read") + "."
