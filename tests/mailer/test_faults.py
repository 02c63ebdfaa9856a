"""The fault table of `benchmarks.faults`, row by row; those that only wait are slow."""

import pytest

from tests.faults import FAULTS
from tests.faults.rows import Fault, run_fault
from tests.servers.tls import Certificates

pytestmark = pytest.mark.django_db

_WAITING = ("silence", "silent", "a byte at a time", "without end", "10,000", "for a day")


def rows():
    for side, faults in FAULTS.items():
        for fault in faults:
            waits = any(words in fault.name for words in _WAITING) and not fault.name.endswith(
                ("rcpt", "SEARCH")
            )
            marks = [pytest.mark.slow] if waits else []
            yield pytest.param(fault, id=f"{side}: {fault.name}", marks=marks)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.mark.parametrize("fault", list(rows()))
def test_a_fault_ends_as_it_should(fault: Fault, certificates):
    seen = run_fault(fault, certificates)

    assert seen.outcome == fault.expected
