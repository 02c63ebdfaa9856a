"""The admin: every table is there, every page opens for a superadmin and for nobody else."""

import pytest
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.contrib import admin
from django.db import models
from django.test import Client as Browser
from django.urls import reverse

from accounts.enums import Role
from accounts.models import User
from tests.architecture.routes import Route, admin_routes
from tests.architecture.world import World
from tests.factories.accounts import MembershipFactory, UserFactory

CANARY = "canary-of-a-secret"
APPS = ("accounts", "leads", "mailer", "campaigns", "compliance", "directory", "integrations")
MODELS = [model for app in APPS for model in apps.get_app_config(app).get_models()]
REGISTERED = sorted(
    filter(admin.site.is_registered, apps.get_models()), key=lambda model: model._meta.label
)


def page(model: type[models.Model], name: str) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}")


def by_label(some: list[type[models.Model]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("model", some, ids=[model._meta.label for model in some])


@pytest.fixture
def superadmin_browser(db: None) -> Browser:
    browser = Browser()
    browser.force_login(
        UserFactory.create(is_staff=True, is_superuser=True),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    return browser


@by_label(MODELS)
def test_model_is_registered(model: type[models.Model]) -> None:
    assert admin.site.is_registered(model)


@by_label(REGISTERED)
def test_list_opens_for_a_superadmin(
    model: type[models.Model], superadmin_browser: Browser
) -> None:
    assert superadmin_browser.get(page(model, "changelist"), {"q": "a"}).status_code == 200


@by_label(REGISTERED)
def test_add_page_opens_or_is_refused(
    model: type[models.Model], superadmin_browser: Browser
) -> None:
    response = superadmin_browser.get(page(model, "add"))

    allowed = admin.site.get_model_admin(model).has_add_permission(response.wsgi_request)
    assert response.status_code == (200 if allowed else 403)


@by_label(REGISTERED)
def test_list_never_counts_the_whole_table(model: type[models.Model]) -> None:
    assert admin.site.get_model_admin(model).show_full_result_count is False


@by_label(REGISTERED)
def test_list_picks_up_related_rows_at_once(model: type[models.Model]) -> None:
    """A list whose rows each ask for a related row grows with its rows."""
    shown = admin.site.get_model_admin(model)
    related = {
        field.name
        for field in model._meta.get_fields()
        if isinstance(field, models.ForeignKey) and field.name in shown.list_display
    }

    if shown.list_select_related is not True:
        picked = {path.split("__")[0] for path in shown.list_select_related or ()}
        assert related - picked == set()


@by_label(REGISTERED)
def test_related_rows_are_searched_not_listed(model: type[models.Model], rf) -> None:
    """A drop-down of every lead would never open at a million rows."""
    shown = admin.site.get_model_admin(model)
    many = {"agency", "user", "client", "lead", "message", "thread", "mailbox", "campaign"}
    listed = {
        field.name
        for field in model._meta.get_fields()
        if isinstance(field, models.ForeignKey) and field.name in many and field.editable
    }
    safe = {*shown.autocomplete_fields, *shown.raw_id_fields, *shown.readonly_fields}

    request = rf.get("/")
    request.user = User(is_active=True, is_superuser=True)
    if shown.has_change_permission(request):
        assert listed - safe - set(shown.exclude or ()) == set()


def test_secret_is_never_shown(superadmin_browser: Browser, db: None) -> None:
    world = World()
    world.mailbox.smtp_password = world.mailbox.imap_password = CANARY
    world.mailbox.save()
    secret = Authenticator.objects.create(
        user=world.people["owner"].user, type="totp", data={"secret": CANARY}
    )

    for row in (world.mailbox, secret):
        url = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
        assert CANARY not in superadmin_browser.get(url).content.decode()


def test_index_opens_for_a_superadmin(superadmin_browser: Browser) -> None:
    assert superadmin_browser.get("/admin/").status_code == 200


ROUTES = admin_routes()


@pytest.mark.parametrize("route", ROUTES, ids=[route.path for route in ROUTES])
def test_admin_url_is_not_there_for_an_owner(route: Route, db: None) -> None:
    browser = Browser()
    browser.force_login(
        MembershipFactory.create(role=Role.OWNER).user,
        backend="django.contrib.auth.backends.ModelBackend",
    )
    url = _fill(route)

    assert (browser.get(url).status_code, browser.post(url).status_code) == (404, 404)


@pytest.mark.parametrize("route", ROUTES, ids=[route.path for route in ROUTES])
def test_admin_url_sends_visitors_to_log_in(route: Route, db: None) -> None:
    response = Browser().get(_fill(route))

    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/?next=")


def test_staff_without_superuser_is_refused(db: None) -> None:
    browser = Browser()
    browser.force_login(
        UserFactory.create(is_staff=True), backend="django.contrib.auth.backends.ModelBackend"
    )

    assert browser.get("/admin/").status_code == 404


def test_admin_policy_is_relaxed_only_for_unfold(superadmin_browser: Browser) -> None:
    policy = superadmin_browser.get("/admin/")["Content-Security-Policy"]

    assert "script-src 'self' 'unsafe-eval'" in policy
    assert "style-src 'self' 'unsafe-inline'" in policy
    assert "frame-ancestors 'none'" in policy


def _fill(route: Route) -> str:
    """Return the path with something in each of its parts."""
    path = route.path.replace("(?P<url>.*)$", "anything")
    for converter in ("<path:object_id>", "<int:content_type_id>", "<path:id>", "<id>"):
        path = path.replace(converter, "1")
    for pattern in ("^(?P<app_label>", "(?P<app_label>"):
        if pattern in path:
            path = "admin/accounts/"
    return f"/{path}"
