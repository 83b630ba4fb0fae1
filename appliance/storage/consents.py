"""Consent texts by version, and the end of consents."""

from uuid import UUID

from appliance.domain.ids import uuid7
from appliance.domain.privacy import ConsentGiven, ConsentText, LegalBasis, Purpose, PurposeCode
from appliance.storage.statements import execute, fetch, fetch_one, insert
from appliance.storage.tables import ConsentTextRow
from appliance.storage.tx import Tx


async def add_text(tx: Tx, code: str, purpose: PurposeCode, text: str) -> int:
    """Keep a text and give its version; words that did not change keep theirs."""
    newest = await fetch_one(
        "SELECT version, text, purpose FROM consent_text WHERE code = {} "
        "ORDER BY version DESC LIMIT 1",
        code,
    )
    if newest is not None and newest[1:] == (text, purpose.value):
        return int(newest[0])
    version = 1 if newest is None else newest[0] + 1
    await insert(
        ConsentTextRow,
        id=uuid7(),
        code=code,
        version=version,
        purpose=purpose.value,
        text=text,
        created_at=tx.now,
    )
    return version


async def list_texts() -> list[ConsentText]:
    """Every version, the newest of each code first."""
    rows = await fetch(
        "SELECT code, version, purpose, text, created_at FROM consent_text "
        "ORDER BY code, version DESC"
    )
    return [
        ConsentText(
            code=code, version=version, purpose=PurposeCode(purpose), text=text, created_at=at
        )
        for code, version, purpose, text, at in rows
    ]


def purpose_of(given: ConsentGiven, shop: str) -> Purpose:
    """The purpose that a consent stands for."""
    return Purpose(
        code=given.purpose,
        basis=LegalBasis.CONSENT,
        source=given.channel or f"api:{shop}",
        since=given.given_at,
    )


async def withdraw(tx: Tx, customer_id: UUID, purpose: PurposeCode) -> int:
    """End the consents of a client for one purpose, and the purpose that stood on them."""
    ended = await execute(
        "UPDATE consent SET withdrawn_at = {} WHERE customer_id = {} AND purpose = {} "
        "AND withdrawn_at IS NULL",
        tx.now,
        customer_id,
        purpose.value,
    )
    await execute(
        "UPDATE purpose SET until = {} WHERE customer_id = {} AND code = {} AND basis = 'consent' "
        "AND until IS NULL",
        tx.now,
        customer_id,
        purpose.value,
    )
    return ended
