"""People, agencies and clients in the admin."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as BaseUserAdmin
from import_export import fields, resources
from import_export.admin import ImportExportModelAdmin
from import_export.widgets import ForeignKeyWidget, Widget
from unfold.admin import TabularInline
from unfold.contrib.import_export.forms import ExportForm, ImportForm
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from accounts.models import (
    Agency,
    Client,
    Competitor,
    Invitation,
    Membership,
    TargetPage,
    User,
)
from foundation.backstage import Backstage


class NewUserForm(UserCreationForm):  # type: ignore[misc]  # Unfold ships no types
    """A person made by hand; they confirm their address at the first login."""

    class Meta:
        model = User
        fields = ("email", "name")
        field_classes: dict[str, Any] = {}


class ChangedUserForm(UserChangeForm):  # type: ignore[misc]  # Unfold ships no types
    """A person, without the user name others have."""

    class Meta:
        model = User
        fields = "__all__"
        field_classes: dict[str, Any] = {}


class SeatInline(TabularInline):  # type: ignore[misc]  # Unfold ships no types
    """The agencies of a person, or the people of an agency."""

    model = Membership
    extra = 0
    autocomplete_fields = ("user", "agency", "client")
    tab = True


@admin.register(User)
class UserAdmin(Backstage, BaseUserAdmin):  # type: ignore[misc,type-arg]  # Unfold is untyped
    """Everyone who can log in."""

    form = ChangedUserForm
    add_form = NewUserForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("email", "name", "is_active", "is_staff", "last_login", "date_joined")
    list_filter = ("is_active", "is_staff")
    search_fields = ("email", "name")
    ordering = ("-pk",)
    readonly_fields = ("last_login", "date_joined", "wanted_agency")
    filter_horizontal = ()
    inlines = (SeatInline,)
    fieldsets = (
        (None, {"fields": ("email", "password", "name", "time_zone", "single_key_shortcuts")}),
        ("Access", {"fields": ("is_active", "is_staff", "is_superuser")}),
        ("Dates", {"fields": ("last_login", "date_joined", "wanted_agency")}),
    )
    add_fieldsets = (
        (None, {"fields": ("email", "name", "usable_password", "password1", "password2")}),
    )


@admin.register(Agency)
class AgencyAdmin(Backstage):
    """The paying accounts."""

    list_display = ("name", "slug", "time_zone", "is_active", "created_at")
    list_filter = ("is_active", "approval_mode")
    search_fields = ("name", "slug")
    ordering = ("-pk",)
    readonly_fields = ("created_at",)
    inlines = (SeatInline,)


@admin.register(Membership)
class MembershipAdmin(Backstage):
    """Who may do what where."""

    list_display = ("user", "agency", "role", "client", "created_at")
    list_filter = ("role",)
    list_select_related = ("user", "agency", "client")
    search_fields = ("user__email", "agency__name")
    autocomplete_fields = ("user", "agency", "client")
    ordering = ("-pk",)
    readonly_fields = ("created_at",)


@admin.register(Invitation)
class InvitationAdmin(Backstage):
    """Seats offered by mail; only the members of an agency make them."""

    list_display = ("email", "agency", "role", "created_at", "expires_at", "accepted_at")
    list_filter = ("role",)
    list_select_related = ("agency",)
    search_fields = ("email", "agency__name")
    autocomplete_fields = ("agency", "client", "invited_by")
    ordering = ("-pk",)
    readonly_fields = (
        "email",
        "agency",
        "role",
        "client",
        "invited_by",
        "created_at",
        "mailed_at",
        "mail_error",
        "accepted_at",
    )

    def has_add_permission(self, request: object) -> bool:
        """Refuse: the link is shown to nobody but the invited."""
        return False


class _AgencyWidget(ForeignKeyWidget):  # type: ignore[misc]  # untyped
    """An agency written as its slug."""

    def clean(self, value: object, row: object = None, **kwargs: object) -> Agency:
        """Return the agency, or say which slug is none."""
        found: Agency | None = Agency.objects.filter(slug=str(value or "").strip()).first()
        if found is None:
            raise ValueError(f"agency: “{value}” is the slug of no agency.")
        return found


class _ListWidget(Widget):  # type: ignore[misc]  # untyped
    """A list written in one cell, parted by semicolons."""

    def clean(self, value: object, row: object = None, **kwargs: object) -> list[str]:
        """Return the parts."""
        return [part.strip() for part in str(value or "").split(";") if part.strip()]

    def render(self, value: Any, obj: object = None, **kwargs: object) -> str:
        """Return the cell."""
        return "; ".join(value or [])


class ClientResource(resources.ModelResource):  # type: ignore[misc]  # untyped
    """A client as a row; agency and name say which."""

    agency = fields.Field("agency", "agency", widget=_AgencyWidget(Agency, "slug"))
    subcategories = fields.Field("subcategories", "subcategories", widget=_ListWidget())
    regions = fields.Field("regions", "regions", widget=_ListWidget())

    class Meta:
        model = Client
        import_id_fields = ("agency", "name")
        exclude = ("id", "created_at")
        skip_unchanged = True
        report_skipped = False
        clean_model_instances = True


@admin.register(Client)
class ClientAdmin(ImportExportModelAdmin, Backstage):  # type: ignore[misc]  # untyped
    """The businesses agencies build links for."""

    resource_classes = (ClientResource,)
    import_form_class = ImportForm
    export_form_class = ExportForm
    list_display = ("name", "agency", "domain", "industry", "is_archived", "created_at")
    list_filter = ("is_archived", "language")
    list_select_related = ("agency",)
    search_fields = ("name", "domain", "agency__name")
    autocomplete_fields = ("agency",)
    ordering = ("-pk",)
    readonly_fields = ("created_at",)


@admin.register(Competitor)
class CompetitorAdmin(Backstage):
    """Sites that compete with clients."""

    list_display = ("domain", "client", "agency")
    list_select_related = ("client", "agency")
    search_fields = ("domain", "client__name")
    autocomplete_fields = ("client", "agency")
    ordering = ("-pk",)


@admin.register(TargetPage)
class TargetPageAdmin(Backstage):
    """Pages that want links."""

    list_display = ("url", "title", "priority", "client", "agency")
    list_filter = ("priority",)
    list_select_related = ("client", "agency")
    search_fields = ("url", "title", "client__name")
    autocomplete_fields = ("client", "agency")
    ordering = ("-pk",)
