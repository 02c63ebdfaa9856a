"""What README and the architecture page name is there."""

import re
from pathlib import Path

import pytest
from django.core.management import get_commands

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("README.md", "docs/architecture.md")


def named(page: str, pattern: str) -> list[str]:
    return sorted(set(re.findall(pattern, (ROOT / page).read_text())))


@pytest.mark.parametrize("page", PAGES)
def test_files_named_are_there(page):
    files = named(page, r"`([a-z_]+/[\w./]+)`") + named(page, r"\]\((docs/[\w./]*)\)")
    assert [name for name in files if not (ROOT / name).exists()] == []


def test_commands_named_are_there():
    commands = named("README.md", r"manage\.py ([a-z_]+)")
    assert [name for name in commands if name not in get_commands()] == []


def test_every_package_asked_for_says_why():
    asked = {
        re.split(r"[\[=]", line)[0]
        for line in (ROOT / "requirements.in").read_text().splitlines()
        if line and not line.startswith("#")
    }
    told = (ROOT / "docs/architecture.md").read_text()
    assert sorted(name for name in asked if name not in told) == []
