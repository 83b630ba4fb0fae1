"""Hours in which nobody is to be disturbed, and when they end."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo


def after(now: datetime, zone: str, quiet_from: int, quiet_to: int) -> datetime:
    """The moment itself, or the end of the quiet hours it falls into.

    Args:
        now: aware UTC.
        zone: IANA name of the zone that the minutes are of.
        quiet_from: minutes after midnight, as is `quiet_to`; equal: there are no quiet hours.
        quiet_to: when they end; earlier than they begin: on the next day.

    >>> after(datetime(2026, 5, 1, 20, tzinfo=UTC), "Europe/Moscow", 21 * 60, 9 * 60).hour
    6
    >>> after(datetime(2026, 5, 1, 12, tzinfo=UTC), "Europe/Moscow", 21 * 60, 9 * 60).hour
    12
    """
    if quiet_from == quiet_to:
        return now
    local = now.astimezone(ZoneInfo(zone))
    minute = local.hour * 60 + local.minute
    over_midnight = quiet_from > quiet_to
    inside = (
        minute >= quiet_from or minute < quiet_to
        if over_midnight
        else quiet_from <= minute < quiet_to
    )
    if not inside:
        return now
    day = local.date()
    if over_midnight and minute >= quiet_from:
        day += timedelta(days=1)
    ends = time(quiet_to // 60, quiet_to % 60)
    return datetime.combine(day, ends, ZoneInfo(zone)).astimezone(UTC)
