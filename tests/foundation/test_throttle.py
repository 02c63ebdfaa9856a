"""Limits on expensive requests."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from foundation.throttle import Rate, client_address, limited, seconds_to_wait

NOON = "2026-05-01T12:00:00Z"
TWICE_A_MINUTE = (Rate(2, 60),)


def test_uses_within_the_rate_pass() -> None:
    assert [seconds_to_wait("a", TWICE_A_MINUTE) for _ in range(2)] == [0, 0]


def test_use_past_the_rate_waits_for_the_next_window(time_machine) -> None:
    time_machine.move_to(NOON, tick=False)

    assert [seconds_to_wait("a", TWICE_A_MINUTE) for _ in range(3)] == [0, 0, 60]


def test_next_window_starts_afresh(time_machine) -> None:
    time_machine.move_to(NOON, tick=False)
    for _ in range(3):
        seconds_to_wait("a", TWICE_A_MINUTE)
    time_machine.shift(60)

    assert seconds_to_wait("a", TWICE_A_MINUTE) == 0


def test_longest_wait_counts(time_machine) -> None:
    time_machine.move_to(NOON, tick=False)
    rates = (Rate(1, 60), Rate(1, 3600))
    seconds_to_wait("a", rates)

    assert seconds_to_wait("a", rates) == 3600


def test_keys_do_not_share_a_limit() -> None:
    for _ in range(2):
        seconds_to_wait("a", TWICE_A_MINUTE)

    assert seconds_to_wait("b", TWICE_A_MINUTE) == 0


def test_cache_away_limits_nobody(settings) -> None:
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:9/0",
        }
    }

    assert [seconds_to_wait("a", TWICE_A_MINUTE) for _ in range(3)] == [0, 0, 0]


@limited("test", TWICE_A_MINUTE)
def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("done")


def request(method: str = "post", **extra: str) -> HttpRequest:
    made = getattr(RequestFactory(), method)("/", **extra)
    made.user, made.session, made.COOKIES = AnonymousUser(), {}, {}
    return made


def test_posts_past_the_limit_are_answered_429(time_machine) -> None:
    time_machine.move_to(NOON, tick=False)

    answers = [page(request()) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[-1]["Retry-After"] == "60"


def test_reading_is_not_limited() -> None:
    assert [page(request("get")).status_code for _ in range(3)] == [200, 200, 200]


def test_addresses_do_not_share_a_limit() -> None:
    for _ in range(2):
        page(request(REMOTE_ADDR="192.0.2.1"))

    assert page(request(REMOTE_ADDR="192.0.2.2")).status_code == 200


@pytest.mark.parametrize(
    ("proxies", "header", "address"),
    [
        (0, "203.0.113.9", "192.0.2.1"),
        (1, "6.6.6.6, 203.0.113.9", "203.0.113.9"),
        (2, "6.6.6.6, 203.0.113.9, 192.0.2.7", "203.0.113.9"),
        (2, "203.0.113.9", "192.0.2.1"),
        (1, "", "192.0.2.1"),
    ],
)
def test_address_is_believed_as_far_as_proxies_are_trusted(
    settings, proxies: int, header: str, address: str
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies

    made = request(REMOTE_ADDR="192.0.2.1", HTTP_X_FORWARDED_FOR=header)

    assert client_address(made) == address
