"""Accounts at providers: kept, tested, limited by the month, and called with a record."""

from __future__ import annotations

import time
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from integrations.enums import CallOutcome, Provider
from integrations.models import ProviderAccount, ProviderCall, ProviderUsage
from integrations.vendors.dataforseo import DataForSeo
from integrations.vendors.link_data import LinkData, LinkFacts, VendorError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from accounts.models import Agency

# How long calls are remembered, in days.
KEEP_DAYS = 90


class LimitError(Exception):
    """The month's calls are used up."""


@transaction.atomic
def save_account(
    *, agency: Agency, provider: str, login: str, secret: str, monthly_limit: int
) -> ProviderAccount:
    """Add an agency's account, or change it; an empty secret keeps the stored one."""
    account, _ = ProviderAccount.objects.get_or_create(
        agency=agency, provider=provider, defaults={"login": login}
    )
    account.login, account.monthly_limit, account.is_active = login, monthly_limit, True
    account.secret = secret or account.secret
    account.last_error, account.last_error_at = "", None
    account.save()
    return account


def remove_account(account: ProviderAccount) -> None:
    """Forget an account, its key and what it used."""
    account.delete()


def link_data_account(agency: Agency) -> ProviderAccount | None:
    """Return the account that pays for link data: the agency's own, else the platform's."""
    known = ProviderAccount.objects.filter(
        Q(agency=agency) | Q(agency__isnull=True), provider=Provider.DATAFORSEO, is_active=True
    )
    return known.order_by(F("agency").asc(nulls_last=True), "priority").first()


def vendor_of(account: ProviderAccount) -> LinkData:
    """Return the API of an account's provider."""
    return {Provider.DATAFORSEO: DataForSeo}[Provider(account.provider)](account)


def test_account(account: ProviderAccount) -> str:
    """Ask the provider whether the key works; return its words, raise `VendorError`."""
    words: list[str] = []

    def ask(vendor: LinkData) -> LinkFacts:
        words.append(vendor.test())
        return LinkFacts()

    call(account, agency=account.agency, purpose="test", ask=ask, counts=False)
    return words[0]


def call(
    account: ProviderAccount,
    *,
    agency: Agency | None,
    purpose: str,
    ask: Callable[[LinkData], LinkFacts],
    counts: bool = True,
) -> LinkFacts:
    """Call a provider within the month's limit, and write down how it went.

    Raises `LimitError` when the limit is used up, `VendorError` when the provider refuses or
    does not answer; an account it refuses is switched off.
    """
    if counts and not reserve(account):
        msg = f"The {account.monthly_limit:,} calls of this month are used up."
        raise LimitError(msg)
    started = time.monotonic()
    try:
        facts = ask(vendor_of(account))
    except VendorError as error:
        _write(account, agency, purpose, started, error=error)
        raise
    _write(account, agency, purpose, started, cost=facts.cost or account.cost_per_unit)
    return facts


def this_month() -> date:
    """Return the first day of the month, by UTC."""
    return timezone.now().date().replace(day=1)


def reserve(account: ProviderAccount) -> bool:
    """Take one call of the month, never past the limit; return whether there was one.

    One conditional statement: of two workers at the last call one gets it.
    """
    if not account.monthly_limit:
        return False
    table = connection.ops.quote_name(ProviderUsage._meta.db_table)
    sql = (
        f"INSERT INTO {table} (account_id, month, units, cost) VALUES (%s, %s, 1, 0)"  # noqa: S608  # our own table's name
        f" ON CONFLICT (account_id, month) DO UPDATE SET units = {table}.units + 1"
        f" WHERE {table}.units < %s RETURNING units"
    )
    month = connection.ops.adapt_datefield_value(this_month())
    with connection.cursor() as cursor:
        cursor.execute(sql, [account.pk, month, account.monthly_limit])
        return cursor.fetchone() is not None


def _write(
    account: ProviderAccount,
    agency: Agency | None,
    purpose: str,
    started: float,
    *,
    cost: Decimal = Decimal(0),
    error: VendorError | None = None,
) -> None:
    now, words = timezone.now(), str(error or "")[:300]
    outcome = CallOutcome.OK
    if error is not None:
        outcome = CallOutcome.REFUSED if error.refused else CallOutcome.FAILED
    ProviderCall.objects.create(
        account=account, agency=agency, purpose=purpose, outcome=outcome, error=words, at=now,
        cost=cost, latency_ms=round((time.monotonic() - started) * 1000),
    )  # fmt: skip
    news: dict[str, object] = {"last_error": words, "last_error_at": now}
    if error is None:
        # Whoever was refused and is answered again, as in a test, is on again.
        news = {"last_ok_at": now, "last_error": "", "last_error_at": None, "is_active": True}
        usage = ProviderUsage.objects.filter(account=account, month=this_month())
        usage.update(cost=F("cost") + cost)
    elif error.refused and purpose != "test":
        news["is_active"] = False
    ProviderAccount.objects.filter(pk=account.pk).update(**news)
