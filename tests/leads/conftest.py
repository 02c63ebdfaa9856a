"""Fixtures of the leads app's tests."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from accounts.models import Agency
from leads.models import LeadImport
from leads.services.imports import start_import
from leads.services.running import run_import
from tests.leads.files import HEADER, upload


@pytest.fixture(autouse=True)
def _files(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def load(agency: Agency) -> Callable[..., LeadImport]:
    """Import text (or bytes) and return the finished import."""

    def run(text: str | bytes, *, header: str = HEADER, name: str = "p.csv", **more) -> LeadImport:
        lead_import = upload(text, agency, header=header, name=name, **more)
        start_import(lead_import)
        done = run_import(lead_import.pk)
        assert done is not None
        return done

    return run
