import pytest
from django.test import Client

from accounts.enums import Role


def test_appearance_remembers_the_theme_and_goes_back(client):
    response = client.post("/appearance/", {"theme": "dark", "next": "/accounts/login/?a=1"})

    assert (response.status_code, response["Location"]) == (302, "/accounts/login/?a=1")
    assert client.cookies["theme"].value == "dark"
    assert 'data-theme="dark"' in client.get("/accounts/login/").content.decode()


def test_appearance_remembers_the_density(client):
    client.post("/appearance/", {"density": "compact"})

    assert 'data-density="compact"' in client.get("/accounts/login/").content.decode()


@pytest.mark.parametrize("value", ["", "purple", '"><script>'])
def test_appearance_ignores_what_it_does_not_know(client, value):
    client.post("/appearance/", {"theme": value, "density": value})

    assert not client.cookies.keys() & {"theme", "density"}


@pytest.mark.parametrize("back", ["https://evil.test/", "//evil.test", "javascript:alert(1)", ""])
def test_appearance_never_leads_to_another_site(client, back):
    assert client.post("/appearance/", {"theme": "dark", "next": back})["Location"] == "/"


def test_appearance_is_changed_by_post_only(client):
    assert client.get("/appearance/").status_code == 405


def test_a_forged_theme_cookie_is_ignored(client):
    client.cookies["theme"] = '"><script>'

    assert 'data-theme="auto"' in client.get("/accounts/login/").content.decode()


def test_not_found_says_so_and_gives_the_request_id(client):
    response = client.get("/nothing/here/")

    assert response.status_code == 404
    assert "There is nothing here" in response.content.decode()
    assert response["X-Request-ID"] in response.content.decode()


def test_forbidden_says_whose_permission_is_missing(join, browser_of):
    member = join(Role.CLIENT)

    response = browser_of(member).get(f"/w/{member.agency.slug}/search/")

    assert response.status_code == 403
    assert "You do not have access to this" in response.content.decode()


@pytest.mark.urls("tests.foundation.urls")
def test_server_error_needs_no_database(client):
    client.raise_request_exception = False

    response = client.get("/boom/")

    assert response.status_code == 500
    assert "Something failed on our side" in response.content.decode()
    assert response["X-Request-ID"] in response.content.decode()


def test_expired_form_is_explained(db):
    browser = Client(enforce_csrf_checks=True)

    response = browser.post("/appearance/", {"theme": "dark"})

    assert response.status_code == 403
    assert "This form has expired" in response.content.decode()


def test_malformed_request_is_explained(client):
    response = client.get("/accounts/login/", headers={"host": "bad host"})

    assert response.status_code == 400


def test_pages_forbid_foreign_and_inline_code(client):
    policy = client.get("/accounts/login/")["Content-Security-Policy"]

    assert "script-src 'self'" in policy
    assert "unsafe" not in policy


@pytest.mark.urls("tests.foundation.urls")
def test_styleguide_shows_every_component(client):
    response = client.get("/styleguide/", {"toast": "1"})

    assert response.status_code == 200
    assert "style=" not in response.content.decode()


def test_an_agencys_pages_are_kept_in_no_cache(owner, owner_browser):
    response = owner_browser.get(f"/w/{owner.agency.slug}/")

    assert response["Cache-Control"] == "private, no-store"
