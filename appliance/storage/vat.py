"""Rates of VAT by date, from the dictionary; never in code."""

from appliance.domain.catalogue import VatRate
from appliance.storage.statements import fetch


async def rates() -> tuple[VatRate, ...]:
    """Every rate that ever held, by code and day."""
    rows = await fetch("SELECT code, name, percent, since FROM vat_rate ORDER BY since, code")
    return tuple(
        VatRate(code=code, name=name, percent=percent, since=since)
        for code, name, percent, since in rows
    )
