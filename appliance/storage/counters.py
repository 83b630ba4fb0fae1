"""Numbers for people and feeds: never reused, drawn inside the transaction that uses them."""

from appliance.storage.statements import fetch_value

FEED = "feed"
"""Change entries and search changes share it: its row is locked until the commit, so the order
of numbers is the order of commits."""


async def draw(name: str, count: int = 1) -> int:
    """Take `count` numbers and give the first of them."""
    last = await fetch_value(
        "INSERT INTO counter (name, value) VALUES ({}, {}) "
        "ON CONFLICT (name) DO UPDATE SET value = counter.value + excluded.value RETURNING value",
        name,
        count,
    )
    return int(last) - count + 1


async def kept(name: str) -> int:
    """The last number drawn; 0 if none was. Kept totals are counters too."""
    return int(await fetch_value("SELECT value FROM counter WHERE name = {}", name) or 0)
