"""What the providers page shows."""

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from accounts.models import Agency
from integrations.models import ProviderAccount, ProviderCall, ProviderUsage


@dataclass(frozen=True)
class AccountRow:
    """An account, what it used this month, and its latest calls."""

    account: ProviderAccount
    usage: ProviderUsage | None
    calls: list[ProviderCall]


def own_accounts(agency: Agency) -> QuerySet[ProviderAccount]:
    """Return an agency's own accounts, in the order of their providers."""
    return ProviderAccount.objects.for_agency(agency).order_by("provider")


def account_rows(agency: Agency, *, month: date, calls: int = 8) -> list[AccountRow]:
    """Return an agency's accounts with their usage; there is one a provider, so a few."""
    accounts = list(own_accounts(agency))
    usage = {
        row.account_id: row
        for row in ProviderUsage.objects.filter(account__in=accounts, month=month)
    }
    latest = ProviderCall.objects.filter(account__in=accounts).order_by("-at", "-pk")
    return [
        AccountRow(one, usage.get(one.pk), list(latest.filter(account=one)[:calls]))
        for one in accounts
    ]
