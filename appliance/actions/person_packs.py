"""The answer to «что вы обо мне храните»: all of a person in one archive, for that person."""

from typing import Final

from appliance.actions import _subjects
from appliance.actions._actors import needs_step_up
from appliance.actions._gate import action
from appliance.domain.dossiers import pack, pem_of
from appliance.domain.person_packs import LETTER, RECORD, as_json, letter
from appliance.domain.personal import Personal
from appliance.domain.subjects import RequestState
from appliance.errors import Conflict
from appliance.roles import Permission
from appliance.storage import person_packs
from appliance.storage.tx import Tx

PURPOSE: Final = "subject_access"


@action(Permission.EVIDENCE_READ, slow=True)
async def make(tx: Tx, number: int, box: str) -> Personal[bytes]:
    """Put together what the box holds of who asks, for him: a letter, a record, a signature.

    Args:
        tx: of who answers for the data; the log notes it.
        number: of an open request; of a person who is blocked nothing is shown.
        box: its name.

    Raises:
        NotFound: `subject_request_not_found`, `customer_not_found`.
        Denied: `step_up_needed`.
        Conflict: `request_ended`, `request_blocked`, `subject_destroyed`.
    """
    needs_step_up(tx)
    one = await _subjects.request(number)
    if one.state != RequestState.OPEN.value:
        raise Conflict("request_blocked", number=number)
    card = await _subjects.known(one.customer_number)
    _subjects.must_be_alive(card)
    tx.about("customer", card.id)
    tx.purpose, tx.payload = PURPOSE, {"request": number, "customer": card.number}
    record = await person_packs.gather(tx, one, card.number, box)
    body = as_json(record)
    files = {
        LETTER: letter(record),
        RECORD: body,
        f"{RECORD}.sig": tx.vault.sign_document(body),
        "box.pem": pem_of(tx.vault.checkpoint_public_key()),
    }
    return Personal(pack(files, tx.now))
