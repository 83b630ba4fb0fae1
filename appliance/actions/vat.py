"""Rates of VAT by date: what each code means from a day on."""

from datetime import date

import msgspec

from appliance.actions._gate import action
from appliance.domain.catalogue import VatRate
from appliance.errors import Invalid, NotFound
from appliance.roles import Permission
from appliance.storage import vat
from appliance.storage.tx import Tx

LONGEST_NAME = 64
MOST = 10_000
"""Hundredths of a percent."""


@action(Permission.REFERENCE_EDIT, reads=True, quiet=True)
async def list_all(tx: Tx) -> tuple[VatRate, ...]:
    """Every rate that ever held or will, by day and code."""
    return await vat.rates()


@action(Permission.REFERENCE_EDIT)
async def put(tx: Tx, rate: VatRate, today: date) -> None:
    """Say what a code means from a day on; the same day again changes what was said of it.

    What held on days gone by stays: papers of those days were reckoned by it.

    Args:
        tx: of the actor.
        rate: a code that nobody knows begins a new rate; an empty one is named by its percentage.
        today: in the box's zone.

    Raises:
        Invalid: `name_missing`, `title_long`, `vat_percent`, `vat_day_past`, `code_taken`, by
            field.
    """
    known = {one.code for one in await vat.rates()}
    fields: dict[str, str] = {}
    name = " ".join(rate.name.split())
    if not name:
        fields["name"] = "name_missing"
    if len(name) > LONGEST_NAME:
        fields["name"] = "title_long"
    if rate.percent is not None and not 0 <= rate.percent <= MOST:
        fields["percent"] = "vat_percent"
    code = rate.code or _code(rate.percent)
    if not rate.code and code in known:
        fields["percent"] = "code_taken"
    if rate.code and rate.since < today:
        fields["since"] = "vat_day_past"
    if fields:
        raise Invalid(fields=fields)
    tx.object_type = "vat_rate"
    await vat.put(msgspec.structs.replace(rate, code=code, name=name))


def _code(percent: int | None) -> str:
    if percent is None:
        return "none"
    whole, rest = divmod(percent, 100)
    return f"{whole}-{rest:02}" if rest else str(whole)


@action(Permission.REFERENCE_EDIT)
async def drop(tx: Tx, code: str, since: date, today: date) -> None:
    """Take back a change that has not come yet.

    Raises:
        Invalid: `vat_day_past` at `since`.
        NotFound: `vat_rate_not_found`.
    """
    if since <= today:
        raise Invalid("vat_day_past", fields={"since": "vat_day_past"})
    tx.object_type = "vat_rate"
    if not await vat.remove(code, since):
        raise NotFound("vat_rate_not_found")
