"""The Liquid environment templates run in: few tags, few filters, every size bounded."""

import re
import time
from collections.abc import Callable, Iterable, Sized
from decimal import Decimal
from functools import lru_cache, wraps
from typing import Any, TextIO

from liquid import BoundTemplate, Environment, Expression, Node, RenderContext
from liquid.builtin.expressions.primitive import RangeLiteral
from liquid.builtin.output import Output, OutputNode
from liquid.exceptions import FilterArgumentError, LiquidError, LiquidSyntaxError
from liquid.output import LimitedStringIO
from liquid.stringify import to_liquid_string
from liquid.undefined import Undefined

from campaigns.templating.protection import mark_hole, mark_value, protect, strip_private
from campaigns.templating.values import Fields, Hole, Lines, Link

MAX_TEMPLATE = 20_000
MAX_OUTPUT = 60_000
_MAX_LEFT = 20_000
_MAX_ARGUMENT = 1_000
_MAX_NUMBER = 10**15
_MAX_SECONDS = 2.0

# One a line would be longer than the module.
# fmt: off
_TAGS = frozenset(
    {
        "if", "unless", "case", "for", "break", "continue", "assign", "capture", "comment",
        "content", "output", "illegal", "#",
    }
)
_FILTERS = frozenset(
    {
        "abs", "append", "at_least", "at_most", "capitalize", "ceil", "compact", "date",
        "default", "divided_by", "downcase", "escape", "first", "floor", "join", "last", "lstrip",
        "minus", "modulo", "plus", "prepend", "remove", "remove_first", "remove_last", "replace",
        "replace_first", "replace_last", "reverse", "round", "rstrip", "size", "slice", "sort",
        "split", "squish", "strip", "strip_html", "strip_newlines", "times", "truncate",
        "truncatewords", "uniq", "upcase", "url_encode",
    }
)
# fmt: on
# `{{ First Name }}` is how a column is called in the spreadsheet it came from.
_SPACED_NAME = re.compile(r"(\{\{-?\s*)([^\W\d]\w*(?: +\w+)+)(\s*(?:\||-?\}\}))")


class TooMuchError(LiquidError):
    """A template that asks for more time or space than an e-mail can need."""


class MailContext(RenderContext):
    """One rendering: its values, the holes it met, and when it must be done."""

    __slots__ = ("deadline", "holes", "marked")

    def __init__(self, template: BoundTemplate, fields: Fields, *, marked: bool) -> None:
        super().__init__(template, globals=fields)
        self.holes: list[str] = []
        self.marked = marked
        self.deadline = time.monotonic() + _MAX_SECONDS

    def check_time(self) -> None:
        """Raise `TooMuchError` when this rendering has had its time."""
        if time.monotonic() > self.deadline:
            raise TooMuchError("the template takes too long", token=None)

    def spell(self, value: object) -> str:
        """Return `value` as text that no later stage reads as markup, noting holes."""
        self.check_time()
        name = _hole_name(value)
        if name is not None:
            self.holes.append(name)
            return mark_hole(name) if self.marked else ""
        if isinstance(value, Link):
            return str(value)
        text = protect(to_liquid_string(value, autoescape=False), lines=isinstance(value, Lines))
        if not self.marked:
            return text
        return "\n".join(mark_value(line) for line in text.split("\n"))


class _SpelledOutputNode(OutputNode):
    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        if not isinstance(context, MailContext):
            raise TypeError(context)
        return buffer.write(context.spell(self.expression.evaluate(context)))


class _SpelledOutput(Output):
    node_class = _SpelledOutputNode


class _Room(Environment):
    loop_iteration_limit = 1_000
    local_namespace_limit = 200_000
    output_stream_limit = MAX_OUTPUT
    block_nesting_limit = 20


def _hole_name(value: object) -> str | None:
    if isinstance(value, Hole | Fields):
        return value.name
    if isinstance(value, Undefined):
        return str(value.name)
    return None


def _too_big(value: object, limit: int) -> bool:
    if isinstance(value, int | float):
        return abs(value) > _MAX_NUMBER
    if isinstance(value, Decimal):
        return abs(value) > _MAX_NUMBER
    return isinstance(value, Sized) and len(value) > limit


def _guarded(name: str, inner: Callable[..., object]) -> Callable[..., object]:
    """Bound what goes into a filter, and let a hole pass through until `default` fills it."""
    wants_environment = getattr(inner, "with_environment", False)

    @wraps(inner)
    def guarded(left: object, *args: object, context: MailContext, **kwargs: Any) -> object:
        context.check_time()
        if name != "default":
            for value in (left, *args):
                if _hole_name(value) is not None:
                    return value
        if _too_big(left, _MAX_LEFT) or any(_too_big(arg, _MAX_ARGUMENT) for arg in args):
            raise TooMuchError(f"a value is too long for the filter '{name}'", token=None)
        if wants_environment:
            kwargs["environment"] = context.env
        return inner(left, *args, **kwargs)

    guarded.with_context = True  # type: ignore[attr-defined]  # how liquid is told
    guarded.with_environment = False  # type: ignore[attr-defined]  # passed on above
    return guarded


def _make_room() -> Environment:
    room = _Room(undefined=Undefined)
    room.add_tag(_SpelledOutput)
    for tag in set(room.tags) - _TAGS:
        del room.tags[tag]
    room.filters = {name: _guarded(name, room.filters[name]) for name in sorted(_FILTERS)}
    return room


_ROOM = _make_room()


@lru_cache(maxsize=4096)
def compiled(source: str) -> BoundTemplate:
    """Return the parsed template, kept by its text; raises `LiquidError`."""
    if len(source) > MAX_TEMPLATE:
        raise TooMuchError(f"the text is longer than {MAX_TEMPLATE:,} characters", token=None)
    if "\x00" in source:
        raise TooMuchError("the text contains a NUL character", token=None)
    text = _SPACED_NAME.sub(_joined, strip_private(source))
    template = _ROOM.from_string(text)
    _refuse_unknown(template)
    return template


def _joined(found: re.Match[str]) -> str:
    return found[1] + re.sub(" +", "_", found[2]) + found[3]


def _refuse_unknown(template: BoundTemplate) -> None:
    """Refuse, before anything is sent, counting loops and filters that do not exist."""
    context = MailContext(template, Fields({}), marked=False)
    for node in _nodes(template.nodes, context):
        for expression in _expressions(node.expressions()):
            if isinstance(expression, RangeLiteral):
                raise LiquidSyntaxError("ranges are not allowed", token=expression.token)
            for used in getattr(expression, "filters", None) or []:
                if used.name not in _FILTERS:
                    raise FilterArgumentError(f"unknown filter '{used.name}'", token=used.token)


def _nodes(nodes: Iterable[Node], context: RenderContext) -> Iterable[Node]:
    for node in nodes:
        yield node
        yield from _nodes(node.children(context, include_partials=False), context)


def _expressions(expressions: Iterable[Expression]) -> Iterable[Expression]:
    for expression in expressions:
        yield expression
        yield from _expressions(expression.children())


def run(source: str, fields: Fields, *, marked: bool) -> tuple[str, list[str]]:
    """Return the text a template gives and the names of the holes it met."""
    template = compiled(source)
    context = MailContext(template, fields, marked=marked)
    buffer = LimitedStringIO(limit=MAX_OUTPUT)
    template.render_with_context(context, buffer)
    return buffer.getvalue(), list(dict.fromkeys(context.holes))


def used_names(source: str) -> list[str]:
    """Return the variables a template reads that it does not set itself, as written."""
    found = compiled(source).analyze(include_partials=False).globals
    names = [str(use) for uses in found.values() for use in uses]
    return list(dict.fromkeys(names))
