"""Compliance in the admin site, for superadmins; what is append-only can only be read."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from import_export import fields, resources
from import_export.admin import ImportExportModelAdmin
from unfold.contrib.import_export.forms import ExportForm, ImportForm

from compliance.enums import SuppressionKind, SuppressionReason
from compliance.models import (
    AuditEntry,
    Consent,
    InterestAssessment,
    PolicyDecision,
    RegionRule,
    SecurityEvent,
    SendCounter,
    Suppression,
)
from compliance.services import suppress
from foundation.addresses import normalise_address, normalise_domain
from foundation.backstage import Backstage, ReadOnlyBackstage


class SuppressionResource(resources.ModelResource):  # type: ignore[misc]  # import_export ships no types
    """Suppressions as a file: value and reason are enough, the rest has defaults."""

    agency = fields.Field(attribute="agency_id", column_name="agency")

    class Meta:
        model = Suppression
        fields = ("agency", "kind", "value", "reason", "source")
        import_id_fields: list[str] = []
        skip_unchanged = True
        use_bulk = False

    def before_import_row(self, row: dict[str, Any], **kwargs: Any) -> None:
        """Normalise the value as the screens do."""
        value = str(row.get("value") or "")
        kind = row.get("kind") or ("address" if "@" in value else "domain")
        normalise = normalise_domain if kind == SuppressionKind.DOMAIN else normalise_address
        row["kind"], row["value"] = kind, normalise(value)
        row["agency"] = row.get("agency") or None
        if row.get("reason") not in SuppressionReason.values:
            row["reason"] = SuppressionReason.IMPORTED

    def skip_row(self, instance: Any, *args: Any, **kwargs: Any) -> bool:
        """Leave out what is suppressed already."""
        known = Suppression.objects.filter(
            agency=instance.agency_id, kind=instance.kind, value=instance.value
        )
        return known.exists()


@admin.register(Suppression)
class SuppressionAdmin(Backstage, ImportExportModelAdmin):  # type: ignore[misc]  # untyped mixins
    """Suppressions of agencies and, without an agency, of the whole platform."""

    resource_classes = [SuppressionResource]
    import_form_class = ImportForm
    export_form_class = ExportForm
    list_display = ("__str__", "kind", "reason", "agency", "source", "created_at")
    list_filter = ("kind", "reason")
    list_select_related = ("agency",)
    search_fields = ("value", "=digest")
    search_help_text = "Part of an address or domain, or a whole digest"
    autocomplete_fields = ("agency", "actor")
    readonly_fields = ("digest", "created_at")

    def save_model(self, request: HttpRequest, obj: Suppression, form: Any, change: bool) -> None:  # noqa: FBT001  # Django's signature
        """Suppress through the service, so that what is queued is stopped."""
        if change:
            super().save_model(request, obj, form, change)
            return
        suppress(
            agency=obj.agency,
            kind=obj.kind,
            values=[obj.value],
            reason=obj.reason,
            source=obj.source or "Admin",
            actor=request.user,  # type: ignore[arg-type]  # the admin lets no stranger in
        )
        normalise = normalise_domain if obj.kind == SuppressionKind.DOMAIN else normalise_address
        obj.pk = Suppression.objects.get(
            agency=obj.agency, kind=obj.kind, value=normalise(obj.value)
        ).pk

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """What is suppressed cannot be changed into something else, only removed."""
        return (*self.readonly_fields, "kind", "value", "agency") if obj else self.readonly_fields


@admin.register(Consent)
class ConsentAdmin(Backstage):
    """Consent records."""

    list_display = ("address", "basis", "agency", "obtained_at", "expires_at", "withdrawn_at")
    list_filter = ("basis",)
    list_select_related = ("agency",)
    search_fields = ("address",)
    autocomplete_fields = ("agency", "actor")
    readonly_fields = ("created_at",)


@admin.register(InterestAssessment)
class InterestAssessmentAdmin(Backstage):
    """Assessments of legitimate interest."""

    list_display = ("agency", "recorded_by", "recorded_at", "withdrawn_at")
    list_select_related = ("agency", "recorded_by")
    search_fields = ("agency__name",)
    autocomplete_fields = ("agency", "recorded_by")
    readonly_fields = ("recorded_at",)


@admin.register(RegionRule)
class RegionRuleAdmin(Backstage):
    """Where an agency differs from the defaults."""

    list_display = ("agency", "region", "requirement")
    list_filter = ("region", "requirement")
    list_select_related = ("agency",)
    search_fields = ("agency__name",)
    autocomplete_fields = ("agency",)


@admin.register(SendCounter)
class SendCounterAdmin(ReadOnlyBackstage):
    """Slots used under every cap."""

    list_display = ("scope", "key", "period", "used", "cap")
    list_filter = ("scope",)
    search_fields = ("key",)
    ordering = ("-period", "scope", "key")


@admin.register(PolicyDecision)
class PolicyDecisionAdmin(ReadOnlyBackstage):
    """Every answer of the policy."""

    list_display = ("recipient", "outcome", "stage", "sender", "region", "agency", "at")
    list_filter = ("outcome", "stage", "region")
    list_select_related = ("agency",)
    search_fields = ("recipient", "=reference")
    ordering = ("-at", "-pk")


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyBackstage):
    """The audit log of all agencies."""

    list_display = ("at", "action", "object_id", "actor", "agency", "address", "status")
    list_filter = ("status",)
    list_select_related = ("actor", "agency")
    search_fields = ("action", "object_id", "actor__email", "=request_id")
    ordering = ("-at", "-pk")


@admin.register(SecurityEvent)
class SecurityEventAdmin(ReadOnlyBackstage):
    """Failed logins, forged tokens, refused doors."""

    list_display = ("at", "kind", "actor", "agency", "address")
    list_filter = ("kind",)
    list_select_related = ("actor", "agency")
    search_fields = ("kind", "actor__email", "detail", "=request_id")
    ordering = ("-at", "-pk")
