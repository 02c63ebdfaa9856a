"""What every template may use."""

from django.conf import settings
from django.http import HttpRequest

THEMES = ("auto", "light", "dark")
DENSITIES = ("normal", "compact")


def page(request: HttpRequest) -> dict[str, object]:
    """Return the visitor's theme and density, and whether the sandbox is open."""
    theme = request.COOKIES.get("theme", "")
    density = request.COOKIES.get("density", "")
    return {
        "theme": theme if theme in THEMES else THEMES[0],
        "density": density if density in DENSITIES else DENSITIES[0],
        "request_id": getattr(request, "id", ""),
        "sandbox_open": settings.SANDBOX,
    }
