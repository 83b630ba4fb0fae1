"""Rates of VAT by date, from the dictionary; never in code."""

from datetime import date

from appliance.domain.catalogue import VatRate
from appliance.domain.ids import uuid7
from appliance.storage.statements import execute, fetch, upsert
from appliance.storage.tables import VatRateRow


async def rates() -> tuple[VatRate, ...]:
    """Every rate that ever held, by code and day."""
    rows = await fetch("SELECT code, name, percent, since FROM vat_rate ORDER BY since, code")
    return tuple(
        VatRate(code=code, name=name, percent=percent, since=since)
        for code, name, percent, since in rows
    )


async def put(rate: VatRate) -> None:
    """Write down what a code means from a day on."""
    await upsert(
        VatRateRow,
        ("code", "since"),
        id=uuid7(),
        code=rate.code,
        since=rate.since,
        name=rate.name,
        percent=rate.percent,
    )


async def remove(code: str, since: date) -> int:
    """Forget it; how many there were."""
    return await execute("DELETE FROM vat_rate WHERE code = {} AND since = {}", code, since)
