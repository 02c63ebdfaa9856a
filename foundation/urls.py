"""URLs of the floor: appearance for everyone, the style guide while developing."""

from django.conf import settings
from django.urls import path

from foundation import styleguide, views

urlpatterns = [path("appearance/", views.appearance, name="appearance")]
if settings.DEBUG:
    urlpatterns.append(path("styleguide/", styleguide.styleguide, name="styleguide"))
