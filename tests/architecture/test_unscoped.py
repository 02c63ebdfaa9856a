"""Tenancy and house rules that can be read from the source."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models

from tests.architecture.routes import all_routes

ROOT = Path(settings.BASE_DIR)
APPS = (
    "accounts",
    "compliance",
    "integrations",
    "leads",
    "mailer",
    "campaigns",
    "foundation",
    "outreach_project",
)
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
# Mail programs read no style sheets.
PAGES = [path for path in TEMPLATES if "email" not in path.parent.parts]
SOURCES = sorted(
    path
    for top in (*APPS, "tests", "benchmarks")
    for path in (ROOT / top).rglob("*.py")
    if "migrations" not in path.parts
)
WEB_SIDE = [
    path
    for path in SOURCES
    if path.parts[len(ROOT.parts)] in APPS
    and {"views", "views.py", "public_views.py", "forms", "forms.py"} & set(path.parts)
]
TENANTS = {
    model.__name__: model
    for model in apps.get_models()
    if any(field.name == "agency" for field in model._meta.get_fields())
    and model._meta.app_label in APPS
}
# (file, model) → why this one is right.
EXCEPTIONS: dict[tuple[str, str], str] = {}


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


def unscoped(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield line and model of `Model.objects.anything_but_for_agency` and of bare models."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and _is_manager(node.value):
            if node.attr not in {"for_agency", "none"}:
                yield node.lineno, node.value.value.id
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "").startswith("get_"):
            for argument in node.args:
                if isinstance(argument, ast.Name) and argument.id in TENANTS:
                    yield node.lineno, argument.id


def _is_manager(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Attribute)
        and node.attr == "objects"
        and isinstance(node.value, ast.Name)
        and node.value.id in TENANTS
    )


@pytest.mark.parametrize("path", WEB_SIDE, ids=relative)
def test_web_side_reads_rows_of_its_agency_only(path: Path) -> None:
    found = [
        f"{relative(path)}:{line} {model}"
        for line, model in unscoped(ast.parse(path.read_text()))
        if (relative(path), model) not in EXCEPTIONS
    ]

    assert found == []


def test_unscoped_reads_are_found() -> None:
    source = "Lead.objects.get(pk=1)\nget_object_or_404(Lead, pk=1)\nLead.objects.for_agency(a)"

    assert sorted(unscoped(ast.parse(source))) == [(1, "Lead"), (2, "Lead")]


@pytest.mark.parametrize("path", PAGES, ids=relative)
def test_template_has_no_inline_style_script_or_handler(path: Path) -> None:
    text = re.sub(r"{#.*?#}|{% comment.*?endcomment %}", "", path.read_text(), flags=re.DOTALL)

    found = re.findall(
        r"""\sstyle\s*=\s*["']|\son[a-z]+\s*=\s*["']|<style\b|javascript:|<script(?![^>]*\bsrc=)""",
        text,
    )

    assert found == []


@pytest.mark.parametrize("path", TEMPLATES, ids=relative)
def test_template_is_short(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 120


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_source_is_short(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 400


@pytest.mark.parametrize("path", TEMPLATES, ids=relative)
def test_template_links_only_to_urls_that_exist(path: Path) -> None:
    known = {route.name for route in all_routes()}

    used = set(re.findall(r"""{%\s*url\s+["']([^"']+)["']""", path.read_text()))

    assert used - known == set()


@pytest.mark.parametrize("model", TENANTS.values(), ids=list(TENANTS))
def test_index_of_a_tenant_table_begins_with_the_agency(model: type[models.Model]) -> None:
    for index in model._meta.indexes:
        columns = [name.lstrip("-") for name in index.fields]
        if "agency" in columns:
            assert columns[0] == "agency", f"{index.name}: {columns}"


@pytest.mark.parametrize("model", TENANTS.values(), ids=list(TENANTS))
def test_tenant_table_can_be_read_by_agency(model: type[models.Model]) -> None:
    field = model._meta.get_field("agency")
    leads = [index.fields[0] for index in model._meta.indexes if index.fields]

    assert getattr(field, "db_index", False) or "agency" in leads
