"""Limits on how often one person, and one network address, may ask for something expensive.

Counts live in the cache (Redis in production, so all processes share them), in fixed
windows, each taken with one atomic increment. A cache that is away limits nobody.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any

import structlog
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Rate:
    """So many in so many seconds."""

    amount: int
    seconds: int


# Bursts of 10 a minute, 100 an hour, 1,000 a day.
EXPENSIVE = (Rate(10, 60), Rate(100, 3600), Rate(1000, 86400))


def client_address(request: HttpRequest) -> str:
    """Return the visitor's network address, past the proxies the operator trusts."""
    trusted: int = getattr(settings, "ALLAUTH_TRUSTED_PROXY_COUNT", 0)
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",")]
    if trusted and len(hops) >= trusted and hops[-trusted]:
        return hops[-trusted]
    return str(request.META.get("REMOTE_ADDR", ""))


def seconds_to_wait(key: str, rates: Sequence[Rate] = EXPENSIVE) -> int:
    """Count one use of `key`; return 0 when it is within every rate, else how long to wait."""
    now = time.time()
    return max((_wait(key, rate, now) for rate in rates), default=0)


def limited(
    action: str, rates: Sequence[Rate] = EXPENSIVE
) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """Limit the POSTs of a view, by user and by address; answer 429 past the limit.

    Under `member_view` (that is, below it) the user is known.
    """

    def decorate(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def wrapper(request: Any, *args: object, **kwargs: object) -> HttpResponseBase:
            if request.method != "POST":
                return view(request, *args, **kwargs)
            who = [f"address:{client_address(request)}"]
            if request.user.is_authenticated:
                who.append(f"user:{request.user.pk}")
            wait = max(seconds_to_wait(f"{action}:{one}", rates) for one in who)
            return too_many(request, wait) if wait else view(request, *args, **kwargs)

        return wrapper

    return decorate


def too_many(request: HttpRequest, wait: int) -> HttpResponse:
    """Answer 429 and say when to try again."""
    minutes = -(-wait // 60)
    response = render(request, "429.html", {"wait_minutes": minutes}, status=429)
    response["Retry-After"] = str(wait)
    return response


def _wait(key: str, rate: Rate, now: float) -> int:
    window = int(now // rate.seconds)
    name = f"throttle:{rate.seconds}:{window}:{key}"
    try:
        cache.add(name, 0, timeout=rate.seconds)
        used = cache.incr(name)
    except ValueError:
        # It expired between the two calls: a new window begins.
        return 0
    except Exception as error:  # noqa: BLE001  # every cache backend raises its own when away
        log.warning("throttle_cache_away", error=str(error))
        return 0
    return 0 if used <= rate.amount else max(1, int((window + 1) * rate.seconds - now))
