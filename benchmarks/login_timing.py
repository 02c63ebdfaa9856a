"""How long login takes for an unknown account, against a wrong password for a known one.

Rounds of each in turn, medians, as a ratio; the bar is 1 ± 0.10. `--rounds` changes the size.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time

BAR = 0.10


def main() -> int:
    """Print the medians and their ratio; return 1 when the bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=40)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as state:
        os.environ.update(VAR_DIR=state, LOG_LEVEL="CRITICAL", DJANGO_SETTINGS_MODULE=_SETTINGS)
        os.environ.pop("DATABASE_URL", None)
        os.environ.pop("REDIS_URL", None)
        known, unknown = measure(rounds)
    ratio = unknown / known
    print(
        f"login, {rounds} rounds each, load {os.getloadavg()[0]:.2f}:"
        f" wrong password {known * 1000:.1f} ms, unknown account {unknown * 1000:.1f} ms,"
        f" ratio {ratio:.3f} (bar {1 - BAR:.2f} to {1 + BAR:.2f})"
    )
    return 0 if abs(ratio - 1) <= BAR else 1


_SETTINGS = "outreach_project.settings"


def measure(rounds: int) -> tuple[float, float]:
    """Return the median seconds of (wrong password, unknown account)."""
    import django  # noqa: PLC0415  # after the environment is set

    django.setup()
    from allauth.account.models import EmailAddress  # noqa: PLC0415  # needs the apps
    from django.core.management import call_command  # noqa: PLC0415  # as above
    from django.test import Client  # noqa: PLC0415  # as above
    from django.test.utils import override_settings  # noqa: PLC0415  # as above

    from accounts.models import User  # noqa: PLC0415  # as above

    call_command("migrate", verbosity=0)
    user = User(email="known@timing.example")
    user.set_password("right horse battery")
    user.save()
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    taken: dict[str, list[float]] = {"known": [], "nobody": []}
    browser = Client()
    with override_settings(ACCOUNT_RATE_LIMITS=False, ALLOWED_HOSTS=["testserver"]):
        for number in range(rounds + 3):
            for name, times in taken.items():
                fields = {"login": f"{name}@timing.example", "password": "wrong horse"}
                started = time.perf_counter()
                browser.post("/accounts/login/", fields)
                if number >= 3:  # the first ones warm up
                    times.append(time.perf_counter() - started)
    return statistics.median(taken["known"]), statistics.median(taken["nobody"])


if __name__ == "__main__":
    sys.exit(main())
