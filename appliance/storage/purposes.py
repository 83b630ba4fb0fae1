"""Why we hold a person's data, and the consents that say so."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from appliance.domain.ids import uuid7
from appliance.domain.privacy import ConsentGiven, LegalBasis, Purpose, PurposeCode
from appliance.errors import Invalid
from appliance.storage.statements import any_of, fetch, fetch_value, insert_many
from appliance.storage.tables import ConsentRow, PurposeRow
from appliance.storage.tx import Tx


class Evidence(msgspec.Struct, omit_defaults=True):
    """Blob of `consent.evidence`."""

    v: int = 1
    text: str = ""


async def add(customer_id: UUID, purposes: Sequence[Purpose]) -> None:
    """Write down purposes of a new person.

    Raises:
        Invalid: `purpose_missing`; no entrance accepts a person without one.
    """
    if not purposes:
        raise Invalid("purpose_missing", "a person needs at least one purpose")
    await insert_many(
        PurposeRow,
        [
            {
                "id": uuid7(),
                "customer_id": customer_id,
                "code": purpose.code.value,
                "basis": purpose.basis.value,
                "source": purpose.source,
                "since": purpose.since,
                "until": purpose.until,
                "document_id": purpose.document,
            }
            for purpose in purposes
        ],
    )


async def ensure(customer_id: UUID, purposes: Sequence[Purpose]) -> None:
    """Add those purposes whose code and basis the person does not have yet."""
    for purpose in purposes:
        known = await fetch_value(
            "SELECT 1 FROM purpose WHERE customer_id = {} AND code = {} AND basis = {}",
            customer_id,
            purpose.code.value,
            purpose.basis.value,
        )
        if known is None:
            await add(customer_id, [purpose])


async def of_customers(customer_ids: Sequence[UUID]) -> dict[UUID, tuple[Purpose, ...]]:
    """All purposes of these people, oldest first."""
    rows = await fetch(
        "SELECT customer_id, code, basis, source, since, until, document_id FROM purpose "
        "WHERE customer_id IN {} ORDER BY since",
        any_of(customer_ids),
    )
    found: dict[UUID, list[Purpose]] = {}
    for customer_id, code, basis, source, since, until, document in rows:
        purpose = Purpose(
            code=PurposeCode(code),
            basis=LegalBasis(basis),
            source=source,
            since=since,
            until=until,
            document=document,
        )
        found.setdefault(customer_id, []).append(purpose)
    return {customer_id: tuple(purposes) for customer_id, purposes in found.items()}


async def add_consents(
    tx: Tx, customer_id: UUID, subject_id: UUID, consents: Sequence[ConsentGiven]
) -> None:
    """Write down consents with what proves them.

    Raises:
        Invalid: `consent_text_unknown`: no such text in that version.
    """
    rows: list[dict[str, object]] = []
    for consent in consents:
        known = await fetch_value(
            "SELECT 1 FROM consent_text WHERE code = {} AND version = {}",
            consent.text_code,
            consent.text_version,
        )
        if known is None:
            raise Invalid("consent_text_unknown", fields={"consents": "consent_text_unknown"})
        row_id = uuid7()
        text = "" if consent.evidence is None else consent.evidence.reveal()
        rows.append(
            {
                "id": row_id,
                "customer_id": customer_id,
                "subject_id": subject_id,
                "purpose": consent.purpose.value,
                "text_code": consent.text_code,
                "text_version": consent.text_version,
                "channel": consent.channel,
                "given_at": consent.given_at,
                "withdrawn_at": None,
                "evidence": tx.seal(
                    "consent", "evidence", row_id, subject_id, Evidence(text=text), "consent"
                ),
            }
        )
    await insert_many(ConsentRow, rows)


async def consents_of(customer_ids: Sequence[UUID]) -> dict[UUID, tuple[ConsentGiven, ...]]:
    """Consents that hold, newest first; what proves them stays closed here."""
    rows = await fetch(
        "SELECT customer_id, purpose, text_code, text_version, given_at, channel FROM consent "
        "WHERE customer_id IN {} AND withdrawn_at IS NULL ORDER BY given_at DESC",
        any_of(customer_ids),
    )
    found: dict[UUID, list[ConsentGiven]] = {}
    for customer_id, purpose, code, version, given_at, channel in rows:
        consent = ConsentGiven(
            purpose=PurposeCode(purpose),
            text_code=code,
            text_version=version,
            given_at=given_at,
            channel=channel,
        )
        found.setdefault(customer_id, []).append(consent)
    return {customer_id: tuple(consents) for customer_id, consents in found.items()}
