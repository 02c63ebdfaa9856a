"""When a campaign may write: its days and hours in its own or each recipient's time zone."""

import datetime as dt
import zoneinfo
from functools import cached_property

from campaigns.models import Campaign
from compliance.calendars import holidays_of
from compliance.windows import Window

WEEKDAYS = (1, 2, 3, 4, 5)


class Windows:
    """The sending windows of one campaign, one for each time zone asked for."""

    def __init__(self, campaign: Campaign, now: dt.datetime) -> None:
        """Take the campaign and a moment; holidays are known for its year and the next."""
        self.campaign = campaign
        self._years = (now.year, now.year + 1)
        self._known: dict[str, Window] = {}

    @cached_property
    def holidays(self) -> frozenset[dt.date]:
        """Days on which nothing is sent."""
        own = {dt.date.fromisoformat(day) for day in self.campaign.extra_holidays}
        return frozenset(own | set(holidays_of(self.campaign.holiday_countries, self._years)))

    def zone_of(self, lead_zone: str) -> str:
        """Return the zone that counts for a recipient."""
        if self.campaign.in_recipient_time_zone and lead_zone:
            return lead_zone
        return self.campaign.time_zone

    def of(self, lead_zone: str) -> Window:
        """Return the window of a recipient in `lead_zone` ("" when unknown)."""
        zone = self.zone_of(lead_zone)
        if zone not in self._known:
            campaign = self.campaign
            self._known[zone] = Window(
                days=frozenset(campaign.send_days or WEEKDAYS),
                start=campaign.send_from,
                end=campaign.send_until,
                zone=zone,
                holidays=self.holidays,
            )
        return self._known[zone]

    def opening(self, lead_zone: str, at: dt.datetime) -> dt.datetime:
        """Return the first moment from `at` on when a recipient in `lead_zone` may be written to.

        Not before the campaign's start date.
        """
        return self.of(lead_zone).next_opening(max(at, self._start(lead_zone)))

    def _start(self, lead_zone: str) -> dt.datetime:
        day = self.campaign.start_on
        if day is None:
            return dt.datetime.min.replace(tzinfo=dt.UTC)
        zone = zoneinfo.ZoneInfo(self.zone_of(lead_zone))
        return dt.datetime.combine(day, dt.time(0, 0), tzinfo=zone)
