"""Acts of destruction: listed, read by whom it is allowed, ended when their term is over."""

from collections.abc import Sequence
from uuid import UUID

from appliance.actions._gate import action
from appliance.domain.acts import ActRecord
from appliance.domain.personal import Personal
from appliance.roles import Permission
from appliance.storage import evidence
from appliance.storage.tx import Tx


@action(Permission.EVIDENCE_READ, reads=True, quiet=True)
async def list_all(tx: Tx) -> list[ActRecord]:
    """Every act, the newest first; nothing of what stands in them."""
    return await evidence.listed()


@action(Permission.EVIDENCE_READ, reads=True)
async def part(tx: Tx, number: int, name: str) -> Personal[bytes]:
    """One part of an act: `act.json`, `act.pdf`, `extract.json`, `extract.csv`, `extract.pdf`.

    Raises:
        NotFound: `evidence_not_found`.
    """
    record = await evidence.find(number)
    tx.about("act", record.id)
    return Personal(await evidence.part(tx, record.id, name))


@action(Permission.HOUSE, quiet=True)
async def over(tx: Tx) -> Sequence[ActRecord]:
    """Acts whose term is over; see `evidence.over`."""
    return await evidence.over(tx.now)


@action(Permission.HOUSE)
async def forget(tx: Tx, record: UUID) -> None:
    """Erase an act whose term is over; the log keeps that it was, not what stood in it."""
    tx.about("act", record)
    known = await evidence.known(record)
    if known is not None and known.keep_until is not None and known.keep_until <= tx.now:
        tx.payload = {"act": known.number}
        await evidence.erase(record)
