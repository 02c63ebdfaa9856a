"""What an error page or an error mail may tell: everything but secrets, in DEBUG too."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pprint import pformat
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, QueryDict
from django.views.debug import ExceptionReporter, SafeExceptionReporterFilter

from compliance.redaction import HIDDEN, hide_tokens, is_secret_name, redact

if TYPE_CHECKING:
    from types import FrameType


class RedactingFilter(SafeExceptionReporterFilter):
    """Hides by name, by what the visitor typed into secret fields, and by look."""

    hidden_settings = re.compile(
        SafeExceptionReporterFilter.hidden_settings.pattern
        + "|SALT|CODE|DATABASE|REDIS|BROKER|CACHE|EMAIL_CONFIG|DSN|SESSION",
        flags=re.IGNORECASE,
    )

    def is_active(self, request: HttpRequest | None) -> bool:
        """Hide in DEBUG too: screenshots and logs of developers travel."""
        return True

    def get_safe_request_meta(self, request: HttpRequest) -> dict[str, Any]:
        """Return the headers without cookies, tokens and the like."""
        shown = super().get_safe_request_meta(request)
        return {k: hide_tokens(v) if isinstance(v, str) else v for k, v in shown.items()}

    def get_safe_cookies(self, request: HttpRequest) -> dict[str, Any]:
        """Return which cookies came, not what was in them."""
        return dict.fromkeys(super().get_safe_cookies(request), HIDDEN)

    def get_post_parameters(self, request: HttpRequest | None) -> dict[str, Any]:
        """Return what was posted, secret fields hidden."""
        return _shown(request.POST) if request is not None else {}

    def get_traceback_frame_variables(
        self, request: HttpRequest | None, tb_frame: FrameType
    ) -> Any:
        """Return a frame's variables, those that are or hold a secret hidden."""
        typed = _typed_secrets(request)
        found = super().get_traceback_frame_variables(request, tb_frame)
        return [(name, _variable(name, value, typed)) for name, value in found]


class RedactingReporter(ExceptionReporter):
    """Django's report, its addresses without the tokens in them."""

    def get_traceback_data(self) -> dict[str, Any]:
        """Return what the page shows."""
        data = super().get_traceback_data()
        if self.request is not None:
            data["request_GET_items"] = _shown(self.request.GET).items()
            data["request_insecure_uri"] = hide_tokens(str(data["request_insecure_uri"]))
            data["request"] = _Seen(self.request)
        return data


class _Seen:
    """A request whose path hides its tokens."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request
        self.path_info = hide_tokens(request.path_info)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._request, name)


def _shown(values: QueryDict) -> dict[str, Any]:
    return redact({name: values.getlist(name) for name in values})


def _typed_secrets(request: HttpRequest | None) -> set[str]:
    """Return what the visitor typed into fields of passwords, keys and codes."""
    if request is None:
        return set()
    given = [*request.POST.lists(), *request.GET.lists()]
    return {value for name, values in given if is_secret_name(name) for value in values if value}


def _variable(name: str, value: Any, typed: set[str]) -> Any:
    if isinstance(value, QueryDict):
        return _shown(value)
    if isinstance(value, Mapping):
        return redact(value)
    return HIDDEN if is_secret_name(name) or _holds(value, typed) else value


def _holds(value: Any, typed: set[str]) -> bool:
    try:
        text = pformat(value) if typed else ""
    except Exception:  # noqa: BLE001  # any object may be broken where an error is reported
        return False
    return any(secret in text for secret in typed)
