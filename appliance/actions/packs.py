"""A pack for an inspection: one archive of registers and acts, for a named receiver, by two."""

import msgspec

from appliance import __version__
from appliance.actions import _second
from appliance.actions._actors import needs_step_up
from appliance.actions._gate import action
from appliance.actions.acts import files_of
from appliance.domain.acts import ActState
from appliance.domain.agreements import Agreement, Deed
from appliance.domain.dossiers import pack, pem_of
from appliance.domain.packs import (
    LONGEST_RECEIVER,
    MANIFEST,
    Manifest,
    components,
    guide,
    manifest,
    table,
)
from appliance.domain.personal import Personal
from appliance.errors import Invalid
from appliance.roles import Permission
from appliance.storage import evidence, pack_rows
from appliance.storage.tx import Tx

ABOUT = "pack"


@action(Permission.EVIDENCE_READ)
async def ask(tx: Tx) -> int:
    """Ask a second person for a pack; the number to agree to.

    Raises:
        Denied: `step_up_needed`, `agreement_named`.
    """
    needs_step_up(tx)
    return (await _second.asked(tx, Deed.PACK, ABOUT)).number


@action(Permission.EVIDENCE_READ, reads=True, quiet=True)
async def stands(tx: Tx) -> Agreement | None:
    """What I asked for a pack, while it waits or is agreed to."""
    return await _second.own(tx, Deed.PACK, ABOUT)


@action(Permission.EVIDENCE_READ)
async def allow(tx: Tx, receiver: Personal[str]) -> None:
    """Write down that a pack is made, and for whom; uses the agreement up.

    Raises:
        Invalid: `pack_receiver`: nobody is named.
        Denied: `step_up_needed`; `agreement_needed`, `agreement_named`.
    """
    needs_step_up(tx)
    typed = " ".join(receiver.reveal().split())
    if not typed or len(typed) > LONGEST_RECEIVER:
        raise Invalid("pack_receiver", fields={"receiver": "pack_receiver"})
    await _second.must_be_agreed(tx, Deed.PACK, ABOUT)
    tx.object_type, tx.payload = "pack", {"receiver": typed}


@action(Permission.EVIDENCE_READ, reads=True, slow=True)
async def gather(tx: Tx, receiver: Personal[str], box: str, log_size: int) -> Personal[bytes]:
    """Put the archive together; `allow` comes first.

    Args:
        tx: of who answers for the data.
        receiver: who gets it.
        box: its name.
        log_size: entries of the log by now.
    """
    said = Manifest(
        box=box,
        version=__version__,
        receiver=" ".join(receiver.reveal().split()),
        made_by=tx.actor.number,
        made_at=tx.now,
        log_size=log_size,
        files={},
    )
    found = [*await pack_rows.registers(tx), components()]
    mark = f"Передано: {said.receiver}, {said.made_at:%d.%m.%Y}, сотрудник № {said.made_by}"
    files = {f"registers/{one.name}.csv": table(one, mark) for one in found}
    records = [one for one in await evidence.listed() if one.state is not ActState.GATHERED]
    for record in records:
        for name, body in (await files_of(tx, record.id)).items():
            files[f"acts/act-{record.number}/{name}"] = body
    files["Прочтите.txt"] = guide(said, found, len(records))
    shortened = tuple(one.name for one in found if one.cut)
    said = msgspec.structs.replace(said, shortened=shortened)
    listed = manifest(said, files)
    files[MANIFEST] = listed
    files[f"{MANIFEST}.sig"] = tx.vault.sign_document(listed)
    files["box.pem"] = pem_of(tx.vault.checkpoint_public_key())
    return Personal(pack(files, tx.now))
