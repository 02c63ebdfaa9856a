"""Every URL the resolver knows."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver


@dataclass(frozen=True)
class Route:
    """One URL: its full name, its view and the names of its parts."""

    name: str
    view: Callable[..., Any]
    parts: frozenset[str]
    path: str

    @property
    def needs_role(self) -> str | None:
        """The least role of a view behind `member_view`."""
        return getattr(self.view, "needs_role", None)


def _walk(patterns: list[Any], space: str, parts: frozenset[str], path: str) -> Iterator[Route]:
    for pattern in patterns:
        here = parts | set(pattern.pattern.regex.groupindex)
        there = path + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from _walk(pattern.url_patterns, inner, here, there)
        elif isinstance(pattern, URLPattern):
            name = f"{space}{pattern.name}" if pattern.name else f"unnamed {there}"
            yield Route(name, pattern.callback, frozenset(here), there)


def all_routes() -> list[Route]:
    return list(_walk(get_resolver().url_patterns, "", frozenset(), ""))


def routes() -> list[Route]:
    """Every URL but the admin's, which have a test of their own."""
    return [route for route in all_routes() if not route.path.startswith("admin/")]


def admin_routes() -> list[Route]:
    return [route for route in all_routes() if route.path.startswith("admin/")]
