"""Orders by the number of a parcel, which stands on the order or on one of its shipments."""

from typing import Final

from appliance.storage.statements import any_of, fetch

SHORTEST: Final = 8
LONGEST: Final = 64
FEWEST_DIGITS: Final = 4


async def orders_with(text: str, limit: int) -> tuple[int, ...]:
    """Numbers of orders, the newest first; none where the text is no whole track number.

    Carriers write theirs in capitals, people as it comes, with blanks or without.
    """
    typed = text.strip()
    bare = "".join(typed.split())
    if not _may_be(bare):
        return ()
    spelled = any_of({typed, bare, typed.upper(), bare.upper()})
    rows = await fetch(
        "SELECT number FROM orders WHERE track_number IN {} AND track_number <> '' "
        "ORDER BY number DESC LIMIT {}",
        spelled,
        limit,
    )
    rows += await fetch(
        "SELECT o.number FROM shipment s JOIN orders o ON o.id = s.order_id "
        "WHERE s.track_number IN {} AND s.track_number <> '' ORDER BY o.number DESC LIMIT {}",
        spelled,
        limit,
    )
    found = sorted({row[0] for row in rows}, reverse=True)
    return tuple(found[:limit])


def _may_be(text: str) -> bool:
    plain = text.isascii() and text.replace("-", "").isalnum()
    digits = sum(one.isdigit() for one in text)
    return plain and SHORTEST <= len(text) <= LONGEST and digits >= FEWEST_DIGITS
