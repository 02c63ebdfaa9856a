"""Directories through django-import-export: its pages and formats, our reading and writing.

The library goes row by row and refuses a file with one bad row; here the whole file is
planned at once, good rows are stored in batches, and bad rows are named.
"""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from import_export.fields import Field
from import_export.resources import ModelResource
from import_export.results import RowResult
from tablib import Dataset  # type: ignore[import-untyped]  # it ships no types

from directory.importing.cells import COLUMNS, guarded, show
from directory.importing.planning import Plan, RowPlan
from directory.models import Directory
from directory.services.directories import apply_plan, plan_import

_TYPES = {
    "new": RowResult.IMPORT_TYPE_NEW,
    "changed": RowResult.IMPORT_TYPE_UPDATE,
    "unchanged": RowResult.IMPORT_TYPE_SKIP,
    "rejected": RowResult.IMPORT_TYPE_INVALID,
}


class DirectoryResource(ModelResource):  # type: ignore[misc]  # import_export has no types
    """Every column of a directory, its steps included, as one row."""

    steps = Field("steps", column_name="steps")
    plan: Plan | None = None

    class Meta:
        model = Directory
        fields = COLUMNS
        import_order = COLUMNS
        export_order = COLUMNS
        import_id_fields = ()
        use_transactions = False
        skip_diff = True

    def before_import(self, dataset: Dataset, **kwargs: Any) -> None:
        """Plan the whole file; an unreadable one is refused in words."""
        self.plan = plan_import(dataset.headers or [], (tuple(row) for row in dataset))
        self._planned = {row.number: row for row in self.plan.rows}

    def import_row(self, row: Any, instance_loader: Any, **kwargs: Any) -> RowResult:
        """Say what becomes of one row; nothing is written yet."""
        result = RowResult()
        planned: RowPlan | None = getattr(self, "_planned", {}).get(kwargs["row_number"] + 1)
        result.import_type = _TYPES[planned.kind] if planned else RowResult.IMPORT_TYPE_SKIP
        result.plan = planned
        if planned and planned.problems:
            errors: dict[str, list[str]] = {}
            for problem in planned.problems:
                errors.setdefault(problem.column, []).append(problem.message)
            result.validation_error = ValidationError(errors)
        return result

    def after_import(self, dataset: Dataset, result: Any, **kwargs: Any) -> None:
        """Store the good rows, unless this is a rehearsal."""
        result.plan = self.plan
        if kwargs.get("dry_run") or self.plan is None:
            return
        stored = apply_plan(self.plan)
        for row in result.rows:
            directory = stored.get(row.plan.number) if row.plan else None
            if directory is not None:
                row.instance = directory
                row.object_id, row.object_repr = directory.pk, str(directory)

    def filter_export(self, queryset: QuerySet[Directory], **kwargs: Any) -> Any:
        """Take the steps along in one query."""
        return queryset.prefetch_related("steps")

    def export_resource(
        self, instance: Directory, selected_fields: Sequence[str] | None = None, **kwargs: Any
    ) -> list[str]:
        """Return one directory as cells that the import reads back unchanged."""
        steps = [
            {"title": step.title, "description": step.description, "url": step.url}
            for step in instance.steps.all()
        ]
        names = [field.column_name for field in self.get_export_fields(selected_fields)]
        return [
            guarded(show(name, steps if name == "steps" else getattr(instance, name)))
            for name in names
        ]
