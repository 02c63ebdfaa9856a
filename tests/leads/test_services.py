"""Moving, verifying and acting on leads, one or many."""

import socketserver
import threading
from collections.abc import Iterator

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from compliance.services import suppress
from foundation.choices import MoveError
from leads.enums import BULK_MOVES, MOVES, BulkStatus, LeadStatus
from leads.models import BulkJob, Lead, LeadEvent
from leads.selectors import filtered_leads, leads_by_address
from leads.services.bulk import due_bulk_jobs, run_bulk, start_bulk, undo_bulk
from leads.services.events import EventDraft, record_events
from leads.services.status import move_leads
from leads.services.verification import verify_leads
from tests.factories.leads import LeadFactory

PAIRS = [(old, new) for old in LeadStatus.values for new in LeadStatus.values]


@pytest.mark.parametrize(("old", "new"), PAIRS)
def test_move_leads_moves_what_may_and_leaves_what_may_not(agency, old, new) -> None:
    lead = LeadFactory.create(agency=agency, status=old)

    moved = move_leads(agency=agency, lead_ids=[lead.pk], to=new)

    lead.refresh_from_db()
    allowed = new in MOVES[LeadStatus(old)]
    assert (moved, lead.status) == ((1, new) if allowed else (0, old))
    assert LeadEvent.objects.count() == moved


def test_move_leads_twice_moves_once(agency) -> None:
    lead = LeadFactory.create(agency=agency)

    counts = [move_leads(agency=agency, lead_ids=[lead.pk], to="qualified") for _ in range(2)]

    assert (counts, LeadEvent.objects.count()) == ([1, 0], 1)


def test_move_leads_leaves_another_agencys_leads(agency) -> None:
    assert move_leads(agency=agency, lead_ids=[LeadFactory.create().pk], to="qualified") == 0


@pytest.mark.parametrize("number", [1, 3])
def test_move_leads_costs_the_same_for_any_number(
    agency, number, django_assert_num_queries
) -> None:
    lead_ids = [LeadFactory.create(agency=agency).pk for _ in range(number)]

    with django_assert_num_queries(5):
        move_leads(agency=agency, lead_ids=lead_ids, to="qualified")


@pytest.mark.parametrize(
    ("reason", "status"),
    [
        ("unsubscribed", "unsubscribed"),
        ("bounced", "bounced"),
        ("not_interested", "lost"),
        ("manual", "disqualified"),
    ],
)
def test_status_follows_a_suppression(agency, reason, status) -> None:
    lead = LeadFactory.create(agency=agency, email="ann@a.example")
    other = LeadFactory.create(email="ann@a.example")

    suppress(agency=agency, kind="address", values=["ann@a.example"], reason=reason)

    lead.refresh_from_db()
    other.refresh_from_db()
    assert (lead.status, other.status) == (status, "new")


def test_leads_by_address_is_the_agencys_own(agency) -> None:
    lead = LeadFactory.create(agency=agency, email="ann@a.example")
    LeadFactory.create(email="ann@a.example")

    assert leads_by_address(agency, ["ann@a.example", "bob@b.example"]) == {"ann@a.example": [lead]}


def test_filtered_leads_takes_a_plain_mapping(agency) -> None:
    lead = LeadFactory.create(agency=agency, country="DE")
    LeadFactory.create(agency=agency, country="FR")

    assert list(filtered_leads(agency, {"country": ["DE"]})) == [lead]


def test_record_events_writes_many_at_once(agency, django_assert_num_queries) -> None:
    drafts = [EventDraft(agency_id=agency.pk, kind="note", summary="x" * 400) for _ in range(20)]

    with django_assert_num_queries(1):
        assert record_events(drafts) == 20


def test_bulk_above_five_hundred_waits_for_a_worker_and_runs_once(agency) -> None:
    Lead.objects.bulk_create(Lead(agency=agency, email=f"p{n}@a.example") for n in range(1200))

    job = start_bulk(agency=agency, action="status", value="qualified", query="")

    assert (job.status, due_bulk_jobs()) == (BulkStatus.QUEUED, [job.pk])
    done, again = run_bulk(job.pk), run_bulk(job.pk)
    assert done is not None
    assert (done.changed, done.done, again) == (1200, 1200, None)
    assert undo_bulk(done) == 1200
    assert set(Lead.objects.values_list("status", flat=True)) == {"new"}


def test_undo_leaves_what_has_changed_since(agency) -> None:
    one, two = LeadFactory.create(agency=agency), LeadFactory.create(agency=agency)
    job = start_bulk(agency=agency, action="status", value="qualified", lead_ids=[one.pk, two.pk])
    move_leads(agency=agency, lead_ids=[two.pk], to="contacted")

    assert undo_bulk(job) == 1
    two.refresh_from_db()
    assert two.status == "contacted"


@pytest.mark.parametrize("status", [s for s in BulkStatus.values if s != "finished"])
def test_undo_refuses_what_has_not_finished(agency, status) -> None:
    job = BulkJob.objects.create(agency=agency, action="status", status=status, before={"1": "new"})
    assert "undone" not in BULK_MOVES[BulkStatus(status)]

    with pytest.raises(MoveError):
        undo_bulk(job)


class _Zone(socketserver.BaseRequestHandler):
    """A name server that knows which of three domains takes mail."""

    def handle(self) -> None:
        data, socket = self.request
        question = dns.message.from_wire(data)
        asked = question.question[0]
        answer = dns.message.make_response(question)
        answer.flags |= dns.flags.RA
        name = str(asked.name)
        if name.startswith("takes") and asked.rdtype == dns.rdatatype.MX:
            answer.answer.append(
                dns.rrset.from_text(asked.name, 60, "IN", "MX", "10 mx.takes.example.")
            )
        elif name.startswith("broken"):
            answer.set_rcode(dns.rcode.SERVFAIL)
        elif not name.startswith("takes"):
            answer.set_rcode(dns.rcode.NXDOMAIN)
        socket.sendto(answer.to_wire(), self.client_address)


@pytest.fixture
def name_server(settings) -> Iterator[None]:
    with socketserver.ThreadingUDPServer(("127.0.0.1", 0), _Zone) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings.DNS_SERVERS = [f"127.0.0.1:{server.server_address[1]}"]
        settings.VERIFY_ADDRESSES = True
        yield
        server.shutdown()


@pytest.mark.parametrize(
    ("email", "state"),
    [
        ("ann@takes.example", "valid"),
        ("info@takes.example", "risky"),
        ("ann@nowhere.example", "invalid"),
        ("ann@broken.example", "unknown"),
    ],
)
@pytest.mark.usefixtures("name_server")
def test_verify_leads_judges_by_what_the_dns_says(agency, email, state) -> None:
    lead = LeadFactory.create(agency=agency, email=email, score=0)

    verify_leads(agency=agency, lead_ids=[lead.pk])

    lead.refresh_from_db()
    assert lead.verification == state


def test_verify_leads_asks_nobody_when_switched_off(agency) -> None:
    lead = LeadFactory.create(agency=agency)

    assert verify_leads(agency=agency, lead_ids=[lead.pk]) == 0
