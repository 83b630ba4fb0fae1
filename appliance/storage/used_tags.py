"""Marks in use, for the form of a client."""

from appliance.storage.statements import fetch

RECENT_TAGS = 2_000
OFFERED_TAGS = 30


async def most_used() -> tuple[str, ...]:
    """Marks that were put lately, the most used first; the ids of rows rise with time."""
    rows = await fetch(
        "SELECT name, COUNT(*) AS many FROM (SELECT name FROM tag ORDER BY id DESC LIMIT {}) t "
        "GROUP BY name ORDER BY many DESC, name LIMIT {}",
        RECENT_TAGS,
        OFFERED_TAGS,
    )
    return tuple(row[0] for row in rows)
