"""The page that brings directories in: rehearsal, named errors, differences, then the import."""

import csv
import zipfile
from io import StringIO
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST
from import_export.admin import ImportExportModelAdmin
from import_export.formats.base_formats import CSV, XLSX
from unfold.contrib.import_export.forms import ExportForm, ImportForm

from directory.admin.resource import DirectoryResource
from directory.importing.cells import as_text, guarded
from directory.importing.planning import Plan

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

FILE_LIMIT = 10 * 1024 * 1024
_INFLATED_LIMIT = 200 * 1024 * 1024
# Rows the rehearsal shows of each kind; the counts are of all.
SHOWN = 100


class DirectoryImportForm(ImportForm):  # type: ignore[misc]  # Unfold ships no types
    """A CSV or XLSX file of directories, of a size a worker can hold."""

    def clean_import_file(self) -> "UploadedFile[Any]":
        """Refuse files too large, and workbooks that inflate to something too large."""
        file: UploadedFile[Any] = self.cleaned_data["import_file"]
        if (file.size or 0) > FILE_LIMIT:
            raise ValidationError("The file is larger than 10 MB. Split it.")
        if zipfile.is_zipfile(file):
            inflated = sum(part.file_size for part in zipfile.ZipFile(file).infolist())
            if inflated > _INFLATED_LIMIT:
                raise ValidationError("The workbook is too large once unpacked. Use CSV.")
        file.seek(0)
        return file


class DirectoryTransfer(ImportExportModelAdmin):  # type: ignore[misc]  # untyped
    """Imports the good rows of a file and names what is wrong with the others."""

    resource_classes = (DirectoryResource,)
    import_form_class = DirectoryImportForm
    export_form_class = ExportForm
    formats = (CSV, XLSX)
    import_template_name = "admin/directory/directory_import.html"

    def get_urls(self) -> list[URLPattern]:
        """Add the download of rejected rows."""
        view = self.admin_site.admin_view(require_POST(self.rejected))
        own = path("import/rejected.csv", view, name="directory_directory_rejected")
        urls: list[URLPattern] = super().get_urls()
        return [own, *urls]

    def import_action(self, request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        """Rehearse; offer the import as long as one row is good."""
        response: HttpResponseBase = super().import_action(request, **kwargs)
        context: dict[str, Any] = getattr(response, "context_data", None) or {}
        result: Any = context.get("result")
        if result and not result.has_errors():
            context |= {"shown": SHOWN, "rehearsal": _rehearsal(result.plan)}
            context["confirm_form"] = self.create_confirm_form(request, import_form=context["form"])
        return response

    def rejected(self, request: HttpRequest) -> HttpResponse:
        """Return the rejected rows of a rehearsed file with their reasons, to be corrected."""
        form = self.create_confirm_form(request)
        if not form.is_valid():
            return HttpResponse("Upload the file again.", status=400, content_type="text/plain")
        dataset = self._rehearsed(form)
        resource = DirectoryResource()
        resource.before_import(dataset)
        response = HttpResponse(content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = 'attachment; filename="rejected-directories.csv"'
        response.write(rejected_csv(resource.plan or Plan([], [])))
        return response

    def _rehearsed(self, form: forms.Form) -> Any:
        file_format = self.get_import_formats()[int(form.cleaned_data["format"])](
            encoding=self.from_encoding
        )
        storage = self.get_tmp_storage_class()(
            name=form.cleaned_data["import_file_name"],
            encoding=None if file_format.is_binary() else self.from_encoding,
            read_mode=file_format.get_read_mode(),
        )
        return file_format.create_dataset(storage.read())


def rejected_csv(plan: Plan) -> str:
    """Return rejected rows as CSV: their cells as they came, then row and reasons."""
    rejected = plan.of("rejected")
    columns = list(dict.fromkeys(name for row in rejected for name in row.cells if name))
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow([*columns, "row", "problems"])
    for row in rejected:
        cells = [guarded(as_text(row.cells.get(name))) for name in columns]
        writer.writerow([*cells, row.number, " ".join(map(str, row.problems))])
    return "\ufeff" + out.getvalue()


def _rehearsal(plan: Plan) -> dict[str, Any]:
    """Return what the page shows: counts of all, and the first rows of each kind."""
    return {
        "counts": plan.counts,
        "good": plan.counts["new"] + plan.counts["changed"],
        "rejected": plan.of("rejected"),
        "changed": plan.of("changed")[:SHOWN],
        "new": plan.of("new")[:SHOWN],
        "unknown": ", ".join(plan.unknown_columns),
    }
