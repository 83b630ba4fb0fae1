"""Consent texts and consents: what people agreed to, word for word."""

from collections.abc import Sequence

import msgspec

from appliance.actions._gate import action
from appliance.domain.disclosures import Disclosed
from appliance.domain.orders import CustomerRef
from appliance.domain.privacy import ConsentGiven, ConsentText, LegalBasis, PurposeCode
from appliance.errors import Invalid, NotFound
from appliance.roles import Permission
from appliance.storage import (
    consents,
    customers,
    disclosures,
    named,
    purposes,
    subject_requests,
)
from appliance.storage.tx import Tx

LONGEST_TEXT = 20_000
"""Characters; a consent that nobody can read in a sitting is no consent."""


MOST_DISCLOSED = 200
"""Hand-overs that a page shows."""


class TextAdded(msgspec.Struct, frozen=True, kw_only=True):
    """A consent text as it is kept."""

    code: str
    version: int


@action(Permission.PRIVACY_EDIT)
async def add_text(tx: Tx, code: str, purpose: PurposeCode, text: str) -> TextAdded:
    """Keep a consent text; the same words again are the same version, other words the next.

    Raises:
        Invalid: `consent_text_empty`, `consent_text_long`, `consent_code_empty`.
    """
    problem = _problem(code, text)
    if problem:
        raise Invalid(problem)
    tx.about("consent_text", None)
    version = await consents.add_text(tx, code, purpose, text)
    tx.payload = {"code": code, "version": version}
    return TextAdded(code=code, version=version)


def _problem(code: str, text: str) -> str:
    if not code.strip():
        return "consent_code_empty"
    if not text.strip():
        return "consent_text_empty"
    return "consent_text_long" if len(text) > LONGEST_TEXT else ""


@action(Permission.REFERENCE_VIEW, reads=True, quiet=True)
async def list_texts(tx: Tx) -> list[ConsentText]:
    """All consent texts, the newest version of each first."""
    return await consents.list_texts()


@action(Permission.CUSTOMER_EDIT)
async def give(tx: Tx, shop: str, ref: CustomerRef, given: Sequence[ConsentGiven]) -> None:
    """Write down consents that a client gave.

    Raises:
        NotFound: `customer_not_found`: absent or not the actor's.
        Invalid: `consent_text_unknown`.
    """
    known = await _select(tx, shop, ref)
    await purposes.add_consents(tx, known.id, known.subject_id, given)
    await purposes.ensure(known.id, [consents.purpose_of(one, known.shop) for one in given])


@action(Permission.CUSTOMER_EDIT)
async def withdraw(tx: Tx, shop: str, ref: CustomerRef, purpose: PurposeCode) -> int:
    """Withdraw a client's consents for one purpose; they stay, with the date of the end.

    Returns:
        how many held until now.
    """
    known = await _select(tx, shop, ref)
    tx.purpose = purpose.value
    return await consents.withdraw(tx, known.id, purpose)


async def _select(tx: Tx, shop: str, ref: CustomerRef) -> customers.Known:
    known = await customers.find_by_ref(tx, shop, ref)
    if known is None or known.state == "destroyed" or not await customers.is_visible(tx, known.id):
        raise NotFound("customer_not_found")
    tx.about("customer", known.id)
    return known


@action(Permission.SUBJECT_REQUEST, reads=True)
async def disclosed(tx: Tx, request_number: int | None = None) -> list[Disclosed]:
    """Whom personal data was handed to, the newest first: the answer to who asks (article 14).

    Args:
        tx: of whoever works on requests.
        request_number: only of the person of this request; None: of the whole box.

    Raises:
        NotFound: `subject_request_not_found`.
    """
    if request_number is None:
        found = await disclosures.newest(MOST_DISCLOSED)
    else:
        one = await subject_requests.get(request_number)
        tx.about("customer", one.customer_id)
        rows = await disclosures.of_customer(one.customer_id, MOST_DISCLOSED)
        found = [(one.customer_id, row) for row in rows]
    numbers = await named.numbers("customer", {customer for customer, _ in found})
    folded: dict[tuple[object, ...], Disclosed] = {}
    for customer, row in found:
        key = (customer, row.plugin, row.fields, row.purpose, row.basis, row.at.date())
        known = folded.get(key)
        if known is not None:
            folded[key] = msgspec.structs.replace(known, times=known.times + 1)
            continue
        folded[key] = Disclosed(
            at=row.at,
            plugin=row.plugin,
            customer_number=numbers.get(customer, 0),
            fields=tuple(f"customer.{name}" for name in row.fields),
            purpose=row.purpose,
            basis=LegalBasis(row.basis),
        )
    return list(folded.values())
