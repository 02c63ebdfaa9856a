"""DataForSEO's API v3: backlinks, Google results, the account's balance.

https://docs.dataforseo.com/v3/ — every answer is `{status_code, tasks: [{status_code,
cost, result: […]}]}` with HTTP 200 for most errors; 20000 is well, 401xx a wrong login,
402xx a balance that does not suffice.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
from django.conf import settings

from integrations.vendors.link_data import LinkFacts, VendorError

if TYPE_CHECKING:
    from integrations.models import ProviderAccount

_TIMEOUT = (5, 30)
_OK, _NOTHING_FOUND = 20000, 40501
_REFUSED = (401, 402, 403)
# Google's index by country and language; a site's pages are listed in any.
_PLACE = {"location_code": 2840, "language_code": "en"}


class DataForSeo:
    """One account's way to the API."""

    def __init__(self, account: ProviderAccount) -> None:
        self._login = (account.login, str(account.secret))

    def test(self) -> str:
        """Return the account's balance in words; raises `VendorError`."""
        result, _ = self._ask("GET", "appendix/user_data")
        balance = ((result[0] if result else {}).get("money") or {}).get("balance")
        return f"The key works; the balance is ${balance}." if balance else "The key works."

    def link(self, source: str, target: str) -> LinkFacts:
        """Return whether DataForSEO's crawler last saw the link; raises `VendorError`."""
        wish = {
            "target": urlsplit(target).hostname, "mode": "as_is", "backlinks_status_type": "all",
            "filters": [["url_from", "=", source]], "limit": 100,
        }  # fmt: skip
        result, cost = self._ask("POST", "backlinks/backlinks/live", [wish])
        items = [item for one in result for item in one.get("items") or []]
        ours = [item for item in items if _same(item.get("url_to"), target)]
        if not ours:
            return LinkFacts(cost=cost)  # it may never have read that page
        best = min(ours, key=lambda item: (bool(item.get("is_lost")), not item.get("dofollow")))
        kinds = [word for word in best.get("attributes") or [] if word in _KINDS]
        rel = kinds[0] if kinds else "dofollow" if best.get("dofollow") else "nofollow"
        return LinkFacts(
            live=not best.get("is_lost"), rel=rel, anchor=str(best.get("anchor") or "")[:500],
            target=str(best.get("url_to"))[:2000], seen=str(best.get("last_seen") or "")[:40],
            cost=cost,
        )  # fmt: skip

    def indexed(self, url: str) -> LinkFacts:
        """Return whether Google lists a page, asked with `site:`; raises `VendorError`."""
        place = urlsplit(url)
        wish = {"keyword": f"site:{place.netloc}{place.path}", "depth": 10, **_PLACE}
        result, cost = self._ask("POST", "serp/google/organic/live/regular", [wish])
        found = [item.get("url") for one in result for item in one.get("items") or []]
        return LinkFacts(indexed=any(_same(one, url) for one in found), cost=cost)

    def _ask(self, method: str, path: str, wish: Any = None) -> tuple[list[Any], Decimal]:
        """Return the results of the one task and its cost in US dollars."""
        try:
            answer = requests.request(
                method, f"{settings.DATAFORSEO_URL}/v3/{path}", json=wish, auth=self._login,
                timeout=_TIMEOUT, allow_redirects=False,
            )  # fmt: skip
            told = answer.json()
        except (requests.RequestException, ValueError) as error:
            words = f"DataForSEO did not answer ({type(error).__name__})."
            raise VendorError(words) from error
        task = (told.get("tasks") or [{}])[0] if isinstance(told, dict) else {}
        code = task.get("status_code") or (told.get("status_code") if isinstance(told, dict) else 0)
        if code == _NOTHING_FOUND:
            return [], Decimal(str(task.get("cost") or 0))
        if code != _OK:
            words = str(task.get("status_message") or told.get("status_message") or "no reason")
            refused = answer.status_code in _REFUSED or str(code)[:3] in {"401", "402", "403"}
            raise VendorError(f"DataForSEO refused: {words[:200]}", refused=refused)
        return task.get("result") or [], Decimal(str(task.get("cost") or 0))


_KINDS = ("sponsored", "ugc", "nofollow")


def _same(one: object, other: str) -> bool:
    def plain(url: str) -> tuple[str, str, str]:
        parts = urlsplit(url)
        return (parts.netloc.lower().removeprefix("www."), parts.path.rstrip("/"), parts.query)

    return bool(one) and plain(str(one)) == plain(other)
